from pathlib import Path
from threading import Semaphore

import numpy as np
import pytest
import torch

from ganstyle.images.picture import Frame, Picture
from ganstyle.models.generator import Generator
from ganstyle.models.noise import TileCoordinates
from ganstyle.painting.content import Content
from ganstyle.painting.finish import finished
from ganstyle.painting.painter import Painter
from ganstyle.runtime import pick_runtime
from ganstyle.stylize.batches import DecodedImage, PaintedImage, paint_windows
from ganstyle.stylize.jobs import Job, Outcome
from tests.conftest import PAINTING, lively_generator, picture


@pytest.fixture
def painter(lively: Generator) -> Painter:
    return Painter(lively, runtime=pick_runtime("cpu", "float32"))


def _decoded(name: str, *sizes: tuple[int, int]) -> DecodedImage:
    frames = tuple(Frame(picture(*size, seed=seed)) for seed, size in enumerate(sizes))
    contents = tuple(Content(frame.size, (frame.size,), frame.image) for frame in frames)
    job = Job(Path(name), Path("out", name), "PNG")
    return DecodedImage(job, None, Picture(frames).details, contents, seconds=1.0)


def test_frames_of_equal_size_are_painted_together_whatever_file_they_are_of(
    painter: Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    small, large = (16, 16), (24, 16)
    window = [_decoded("a", small, large, small), _decoded("b", small), _decoded("c", large)]
    expected = {
        image.job: [painter.paint_contents([content])[0] for content in image.contents]
        for image in window
    }
    batches: list[int] = []
    forward = painter.generator.forward

    def note(image: torch.Tensor, coordinates: TileCoordinates) -> torch.Tensor:
        batches.append(len(image))
        return forward(image, coordinates)

    monkeypatch.setattr(painter.generator, "forward", note)
    painted = list(paint_windows(painter, [window], Semaphore(1)))
    assert batches == [3, 2]
    assert [image.job.source.name for image in painted] == ["b", "a", "c"]  # as each is whole
    for image in painted:
        assert isinstance(image, PaintedImage)
        for painting, alone in zip(image.paintings, expected[image.job], strict=True):
            difference = np.asarray(painting.canvas, int) - np.asarray(alone.canvas, int)
            assert np.abs(difference).max() <= 1  # a batch may round the last bit otherwise
        assert image.seconds > 1


def test_photos_and_drafts_are_painted_apart_with_an_invention_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    painter = Painter(lively_generator(PAINTING), runtime=pick_runtime("cpu", "float32"))
    pictures = [picture(40, 30, seed=seed) for seed in range(4)]
    drafts = pictures[1::2]
    monkeypatch.setattr("ganstyle.painting.content.is_draft", lambda image: image in drafts)
    window = [
        DecodedImage(
            Job(Path(str(index)), Path("out"), "PNG"),
            None,
            Picture((Frame(each),)).details,
            (painter.prepare(each),),
            seconds=0.0,
        )
        for index, each in enumerate(pictures)
    ]
    batches: list[tuple[int, float]] = []
    forward = painter.generator.forward

    def note(image: torch.Tensor, coordinates: TileCoordinates) -> torch.Tensor:
        batches.append((len(image), coordinates.amplitude))
        return forward(image, coordinates)

    monkeypatch.setattr(painter.generator, "forward", note)
    painted = list(paint_windows(painter, [window], Semaphore(1)))
    assert sorted(batches) == [(2, 0.5), (2, 0.9)]
    assert [image.job.source.name for image in painted] == ["0", "2", "1", "3"]
    for image in painted:
        assert isinstance(image, PaintedImage)
        [alone] = painter.paint([pictures[int(image.job.source.name)]])
        found = finished(image.contents[0], image.paintings[0], painter.dials)
        assert np.abs(np.asarray(found, int) - np.asarray(alone)).max() <= 1


def test_a_frame_that_fails_is_told_once_and_fails_its_file_alone(
    painter: Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = [_decoded("a", (16, 16), (24, 16), (24, 16)), _decoded("b", (16, 16))]
    forward = painter.generator.forward

    def choosy(image: torch.Tensor, coordinates: TileCoordinates) -> torch.Tensor:
        if image.shape[-1] == 24:
            raise RuntimeError("no picture\nlong trace")
        return forward(image, coordinates)

    monkeypatch.setattr(painter.generator, "forward", choosy)
    good, bad = paint_windows(painter, [window], Semaphore(1))
    assert isinstance(good, PaintedImage)
    assert good.job.source.name == "b"
    assert bad == Outcome(window[0].job, "failed", "a: 24x16 px failed (no picture).")


def test_batches_of_a_window_share_the_threads(
    painter: Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = torch.get_num_threads()
    forward = painter.generator.forward
    threads: list[tuple[int, int]] = []

    def note(image: torch.Tensor, coordinates: TileCoordinates) -> torch.Tensor:
        threads.append((image.shape[-1], torch.get_num_threads()))
        return forward(image, coordinates)

    monkeypatch.setattr(painter.generator, "forward", note)
    torch.set_num_threads(4)
    try:
        small = [_decoded("a", (16, 16)), _decoded("b", (24, 16))]
        painted = list(paint_windows(painter, [small, [_decoded("c", (32, 16))]], Semaphore(1)))
        assert torch.get_num_threads() == 4
    finally:
        torch.set_num_threads(before)
    assert sorted(threads) == [(16, 2), (24, 2), (32, 4)]
    assert [image.job.source.name for image in painted] == ["a", "b", "c"]
