import gc
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from weakref import ref

import numpy as np
import pytest
import torch
from PIL import Image

from ganstyle import __version__
from ganstyle.config import Dials, OutputConfig
from ganstyle.images.metadata import DIGITAL_SOURCE
from ganstyle.images.picture import Picture
from ganstyle.images.read import read_picture
from ganstyle.images.tensors import read_image
from ganstyle.models.generator import Generator
from ganstyle.models.noise import TileCoordinates
from ganstyle.painting.content import Content
from ganstyle.painting.finish import Painting
from ganstyle.painting.painter import Painter
from ganstyle.runtime import pick_runtime
from ganstyle.stylize.jobs import Destination, Job, Outcome
from ganstyle.stylize.manifest import Manifest, Recipe
from ganstyle.stylize.pipeline import WINDOW, Pipeline
from ganstyle.stylize.plan import plan_jobs
from tests.conftest import PAINTING, lively_generator, picture

PLAIN = OutputConfig()


@pytest.fixture
def painter(lively: Generator) -> Painter:
    return Painter(lively, runtime=pick_runtime("cpu", "float32"))


def _run(painter: Painter, jobs: Iterable[Job], output: OutputConfig = PLAIN) -> list[Outcome]:
    return list(Pipeline(painter, output, "test", overwrite=True).run(jobs))


def test_a_folder_gives_what_each_picture_gives_alone(tmp_path: Path, painter: Painter) -> None:
    count = 3 * WINDOW + 1  # more than is read ahead
    for index in range(count):
        path = tmp_path / "in" / f"{index % 3}" / f"{index}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        picture(16 + 8 * (index % 2), 16, seed=index).save(path)
    jobs = plan_jobs([tmp_path / "in"], Destination(tmp_path / "out", is_folder=True), PLAIN).jobs
    outcomes = _run(painter, jobs)
    assert sorted(str(o.job.source) for o in outcomes) == sorted(str(j.source) for j in jobs)
    assert {o.status for o in outcomes} == {"done"}
    for job in jobs:
        alone = painter.paint([read_image(job.source)])[0]
        difference = np.asarray(alone, int) - np.asarray(read_image(job.target), int)
        assert np.abs(difference).max() <= 1  # a batch may round the last bit otherwise


def test_frames_transparency_and_metadata_arrive(tmp_path: Path, painter: Painter) -> None:
    frames = [picture(24, 16, seed=seed).convert("RGBA") for seed in range(3)]
    for frame in frames:
        frame.paste((0, 0, 0, 0), (0, 0, 8, 8))
    frames[0].save(
        tmp_path / "a.png", save_all=True, append_images=frames[1:], duration=[50, 60, 70], loop=2
    )
    job = Job(tmp_path / "a.png", tmp_path / "out.png", "PNG")
    [outcome] = _run(painter, [job])
    assert (outcome.status, outcome.size) == ("done", (24, 16))
    before, after = read_picture(job.source), read_picture(job.target)
    assert [f.duration for f in after.frames] == [50, 60, 70]
    assert after.loop == 2
    for old, result in zip(before.frames, after.frames, strict=True):
        assert result.image.tobytes() != old.image.tobytes()
        assert result.alpha is not None
        assert old.alpha is not None
        assert result.alpha.tobytes() == old.alpha.tobytes()


@pytest.mark.parametrize(
    "dials",
    [
        Dials(treat_as="photo", **mixed)
        for mixed in ({}, {"strength": 0}, {"strength": 0.5}, {"keep_color": True})
    ],
)
def test_a_content_image_is_kept_only_as_long_as_the_dials_need_it(
    tmp_path: Path, dials: Dials, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = (24, 16), (10, 30)
    frames = [picture(*size, seed=seed).convert("RGBA") for seed, size in enumerate(sizes)]
    frames[0].paste((0, 0, 0, 0), (0, 0, 8, 8))
    source, target = tmp_path / "a.tiff", tmp_path / "b.tiff"
    frames[0].save(source, save_all=True, append_images=frames[1:])
    painter = Painter(lively_generator(PAINTING), dials, runtime=pick_runtime("cpu", "float32"))
    contents = read_picture(source).frames
    expected = [painter.paint([frame.image])[0] for frame in contents]
    kept: list[bool] = []
    paint_contents = painter.paint_contents

    def note(contents: Sequence[Content], memory: float = 1.0) -> list[Painting]:
        gc.collect()
        kept.append(any(image() for image in decoded))
        return paint_contents(contents, memory)

    decoded: list[ref[Image.Image]] = []

    def read(path: Path, **options: Any) -> Picture:
        content = read_picture(path, **options)
        decoded.extend(ref(frame.image) for frame in content.frames)
        return content

    monkeypatch.setattr(painter, "paint_contents", note)
    monkeypatch.setattr("ganstyle.stylize.pipeline.read_picture", read)
    [outcome] = _run(painter, [Job(source, target, "TIFF")])
    assert (outcome.status, outcome.size) == ("done", (24, 16))
    for frame, before, image in zip(read_picture(target).frames, contents, expected, strict=True):
        assert (frame.alpha is None) == (before.alpha is None)
        assert _opaque(frame.image, before.alpha).tolist() == _opaque(image, before.alpha).tolist()
    assert kept == [dials != Dials(treat_as="photo")] * 2


def _opaque(image: Image.Image, alpha: Image.Image | None) -> np.ndarray:
    """Pixels of an image where nothing is transparent: (N, 3)."""
    pixels = np.asarray(image)
    return pixels[np.asarray(alpha) == 255] if alpha else pixels.reshape(-1, 3)


def test_output_says_what_made_it_unless_told_otherwise(tmp_path: Path, painter: Painter) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    picture(24, 16).save(tmp_path / "a.jpg", exif=exif)
    job = Job(tmp_path / "a.jpg", tmp_path / "b.jpg", "JPEG")

    def made(output: OutputConfig) -> tuple[Image.Exif, str]:
        assert [o.status for o in _run(painter, [job], output)] == ["done"]
        with Image.open(job.target) as image:
            return image.getexif(), read_picture(job.target).metadata.xmp

    tags, xmp = made(PLAIN)
    assert tags[0x010F] == "Camera"
    assert tags[0x0131] == f"ganstyle {__version__}, style test"
    assert DIGITAL_SOURCE in xmp
    tags, xmp = made(replace(PLAIN, provenance=False))
    assert (0x0131 in tags, xmp) == (False, "")
    tags, xmp = made(replace(PLAIN, strip=True))
    assert (0x010F in tags, 0x0131 in tags) == (False, True)
    tags, xmp = made(replace(PLAIN, strip=True, provenance=False))
    assert not tags
    assert not xmp


def test_max_size_and_quality(tmp_path: Path, painter: Painter) -> None:
    picture(120, 80).save(tmp_path / "a.jpg")
    job = Job(tmp_path / "a.jpg", tmp_path / "b.jpg", "JPEG")
    _run(painter, [job], replace(PLAIN, max_size=60))
    assert read_image(job.target).size == (60, 40)
    _run(painter, [job])
    fine = job.target.stat().st_size
    _run(painter, [job], replace(PLAIN, quality=30))
    assert job.target.stat().st_size < fine


def test_a_failure_is_named_and_the_rest_done(tmp_path: Path, painter: Painter) -> None:
    (tmp_path / "in").mkdir()
    picture(20, 20).save(tmp_path / "in" / "good.png")
    (tmp_path / "in" / "bad.png").write_text("bad")
    (tmp_path / "out" / "blocked.png").mkdir(parents=True)
    picture(20, 20).save(tmp_path / "in" / "blocked.png")
    outcomes = _run(
        painter,
        plan_jobs([tmp_path / "in"], Destination(tmp_path / "out", is_folder=True), PLAIN).jobs,
    )
    reasons = {o.job.source.name: o.reason for o in outcomes}
    assert reasons["good.png"] == ""
    assert "bad.png: cannot be read" in reasons["bad.png"]
    assert "blocked.png: cannot be written" in reasons["blocked.png"]
    assert [p.name for p in (tmp_path / "out").iterdir() if p.is_file()] == ["good.png"]


def test_a_picture_that_breaks_the_network_does_not_stop_its_batch(
    tmp_path: Path, painter: Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    for index in range(3):
        picture(16, 16, seed=index).save(tmp_path / f"{index}.png")
    Image.new("RGB", (16, 16)).save(tmp_path / "3.png")
    forward = painter.generator.forward

    def choosy(image: torch.Tensor, coordinates: TileCoordinates) -> torch.Tensor:
        if any(one.mean() == one.max() for one in image):
            raise RuntimeError("no picture\nlong trace")
        return forward(image, coordinates)

    monkeypatch.setattr(painter.generator, "forward", choosy)
    outcomes = _run(
        painter, plan_jobs([tmp_path], Destination(tmp_path / "out", is_folder=True), PLAIN).jobs
    )
    assert len(outcomes) == 4
    [reason] = [o.reason for o in outcomes if o.reason]
    assert reason.endswith("3.png: 16x16 px failed (no picture).")


def test_what_is_done_is_skipped_and_what_is_not_ours_left_alone(
    tmp_path: Path, painter: Painter, make_folder: Callable[..., Path]
) -> None:
    jobs = plan_jobs(
        [make_folder("in", 3)], Destination(tmp_path / "out", is_folder=True), PLAIN
    ).jobs
    (tmp_path / "out").mkdir()
    jobs[2].target.write_bytes(b"precious")

    def run(recipe: str, *, overwrite: bool = False) -> list[str]:
        manifest = Manifest(Recipe("test", recipe))
        pipeline = Pipeline(painter, PLAIN, "test", manifest, overwrite=overwrite)
        outcomes = {o.job.source: o for o in pipeline.run(jobs)}
        return [outcomes[job.source].status for job in jobs]

    assert run("a") == ["done", "done", "failed"]
    assert jobs[2].target.read_bytes() == b"precious"
    assert run("a") == ["skipped", "skipped", "failed"]
    assert run("b") == ["failed", "failed", "failed"]
    assert run("b", overwrite=True) == ["done", "done", "done"]
    picture(20, 10).save(jobs[0].source)
    assert run("b") == ["done", "skipped", "skipped"]


def test_what_is_done_is_not_opened(
    tmp_path: Path,
    painter: Painter,
    make_folder: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    jobs = plan_jobs(
        [make_folder("in", WINDOW + 2)], Destination(tmp_path / "out", is_folder=True), PLAIN
    ).jobs
    (tmp_path / "out").mkdir()

    def run() -> list[Outcome]:
        return list(Pipeline(painter, PLAIN, "test", Manifest(Recipe("test", "a"))).run(jobs))

    assert {outcome.status for outcome in run()} == {"done"}
    picture(20, 10).save(jobs[3].source)
    opened: list[Path] = []
    open_image = Image.open

    def note(file: Path, **options: Any) -> Image.Image:
        opened.append(file)
        return open_image(file, **options)

    monkeypatch.setattr(Image, "open", note)
    assert sorted(outcome.status for outcome in run()) == ["done", *["skipped"] * (WINDOW + 1)]
    assert set(opened) == {jobs[3].source}
    opened.clear()
    assert [outcome.status for outcome in run()] == ["skipped"] * len(jobs)
    assert opened == []


def test_windows_hold_few_pictures_and_few_pixels(
    tmp_path: Path, painter: Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    for index, side in enumerate((10, 10, 30, 10, 10, 10)):
        picture(side, side).save(tmp_path / f"{index}.png")
    monkeypatch.setattr("ganstyle.stylize.pipeline.WINDOW_PIXELS", 250)
    pipeline = Pipeline(painter, PLAIN, "test")
    windows = pipeline._windows(
        plan_jobs([tmp_path], Destination(tmp_path / "out", is_folder=True), PLAIN).jobs
    )
    names = [[job.source.stem for job in window if isinstance(job, Job)] for window in windows]
    assert names == [["0", "1"], ["2"], ["3", "4"], ["5"]]


def test_photos_and_drafts_of_one_folder_are_painted_each_in_its_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "ganstyle.painting.content.is_draft", lambda image: image.getpixel((0, 0)) == (9, 9, 9)
    )
    for index in range(4):
        image = picture(40, 30, seed=index)
        image.putpixel((0, 0), (9, 9, 9) if index % 2 else (0, 0, 0))
        image.save(tmp_path / f"{index}.png")
    runtime, generator = pick_runtime("cpu", "float32"), lively_generator(PAINTING)
    jobs = plan_jobs([tmp_path], Destination(tmp_path / "out", is_folder=True), PLAIN).jobs
    outcomes = _run(Painter(generator, runtime=runtime), jobs)
    assert {outcome.status for outcome in outcomes} == {"done"}
    for index, job in enumerate(jobs):
        photo, draft = (
            np.asarray(
                Painter(generator, dials, runtime=runtime).paint([read_image(job.source)])[0], int
            )
            for dials in (Dials(treat_as="photo"), Dials(treat_as="draft"))
        )
        found = np.asarray(read_image(job.target), int)
        expected, other = (draft, photo) if index % 2 else (photo, draft)
        assert np.abs(found - expected).max() <= 1 < np.abs(found - other).max()


def test_faces_of_every_frame_are_painted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ganstyle.painting.face_areas.faces_available", lambda: True)
    boxes = [(10.0, 10.0, 20.0, 25.0), (60.0, 40.0, 20.0, 25.0)]
    monkeypatch.setattr("ganstyle.painting.face_areas.find_faces", lambda image: boxes)
    frames = [picture(120, 90, seed=seed) for seed in range(2)]
    frames[0].save(tmp_path / "a.tiff", save_all=True, append_images=frames[1:])
    job = Job(tmp_path / "a.tiff", tmp_path / "b.tiff", "TIFF")
    dials = Dials(treat_as="photo")
    painter = Painter(lively_generator(PAINTING), dials, runtime=pick_runtime("cpu", "float32"))
    assert [outcome.status for outcome in _run(painter, [job])] == ["done"]
    faceless = painter.with_dials(replace(dials, faces=False))
    for frame, result in zip(frames, read_picture(job.target).frames, strict=True):
        found, alone, without = (
            np.asarray(image, int)
            for image in (result.image, painter.paint([frame])[0], faceless.paint([frame])[0])
        )
        assert np.abs(found - alone).max() <= 1
        rows, columns = (found != without).any(2).nonzero()
        assert 10 < len(rows) < found.shape[0] * found.shape[1] / 3
        assert columns.max() < 95


def test_one_picture_through_streams(painter: Painter) -> None:
    source, target = BytesIO(), BytesIO()
    picture(30, 20).save(source, "JPEG")
    notes = Pipeline(painter, PLAIN, "test").run_one(source.getvalue(), target, "WEBP")
    assert notes == ()
    with Image.open(BytesIO(target.getvalue())) as result:
        assert (result.format, result.size) == ("WEBP", (30, 20))
