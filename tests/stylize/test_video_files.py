from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganstyle.config import Dials, OutputConfig
from ganstyle.painting.painter import Painter
from ganstyle.runtime import pick_runtime
from ganstyle.stylize import steady, video_files, video_frames
from ganstyle.stylize.jobs import Destination, Job, Outcome
from ganstyle.stylize.manifest import MANIFEST, Manifest, Recipe
from ganstyle.stylize.plan import plan_jobs
from ganstyle.stylize.video_files import VideoPipeline
from ganstyle.stylize.video_parts import PART_FRAMES
from ganstyle.videos.read import TimedFrame, VideoFile
from tests.conftest import PAINTING, lively_generator, picture
from tests.videos.clips import av, clip, frames_of, images_of, moving, packets_of

PLAIN = OutputConfig()


@pytest.fixture(scope="module")
def painter() -> Painter:
    return Painter(lively_generator(PAINTING), runtime=pick_runtime("cpu", "float32"))


def _pipeline(
    painter: Painter, output: OutputConfig = PLAIN, *, steady: float = 0.5, recipe: str = "r"
) -> VideoPipeline:
    return VideoPipeline(painter, output, "test", Manifest(Recipe("test", recipe)), steady)


def _done(pipeline: VideoPipeline, source: Path, target: Path) -> Outcome:
    [job] = plan_jobs([source], Destination(target, is_folder=False), PLAIN).jobs
    [outcome] = pipeline.run([job])
    return outcome


def _left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_video_is_painted_with_its_sound(tmp_path: Path, painter: Painter) -> None:
    source = clip(tmp_path / "a.mp4", moving(60), sound="aac", metadata={"title": "Sea"})
    outcome = _done(_pipeline(painter), source, tmp_path / "b.mp4")
    assert (outcome.status, outcome.size, outcome.frames) == ("done", (64, 48), 60)
    assert outcome.notes == ()
    assert packets_of(tmp_path / "b.mp4", "audio") == packets_of(source, "audio")
    frames = frames_of(tmp_path / "b.mp4")
    assert [frame.pts for frame in frames] == [frame.pts for frame in frames_of(source)]
    with av.open(str(tmp_path / "b.mp4")) as read:
        assert read.metadata["title"] == "Sea"
        assert read.metadata["comment"].endswith(", style test")
    assert _left(tmp_path) == [MANIFEST, "a.mp4", "b.mp4"]


def test_each_frame_is_what_the_painter_makes_of_it(tmp_path: Path, painter: Painter) -> None:
    source = clip(tmp_path / "a.mp4", moving(10))
    _done(_pipeline(painter, steady=0), source, tmp_path / "b.mp4")
    video = VideoFile(source)
    contents = [video.image(timed.frame, video.size) for timed in video.frames()]
    is_draft = painter.takes_for_draft(contents[0])
    same = painter.with_dials(Dials(treat_as="draft" if is_draft else "photo"))
    for found, content in zip(images_of(tmp_path / "b.mp4"), contents, strict=True):
        painted = video.color.frame(same.paint([content])[0])  # at 4:2:0
        expected = painted.to_ndarray(format="rgb24").astype(int)
        assert abs(found - expected).mean() < 6  # the loss of H.264


def test_a_still_scene_stays_still(tmp_path: Path, painter: Painter) -> None:
    scene = np.asarray(picture(64, 48), int)
    rng = np.random.default_rng(0)
    noisy = [
        Image.fromarray((scene + rng.normal(0, 3, scene.shape)).clip(0, 255).astype(np.uint8))
        for _ in range(20)
    ]
    source = clip(tmp_path / "a.mp4", noisy)
    moved = {}
    for amount in (0.0, 0.5):
        target = tmp_path / f"{amount}.mp4"
        _done(_pipeline(painter, steady=amount), source, target)
        images = images_of(target)
        steps = [abs(one - two).mean() for one, two in pairwise(images)]
        moved[amount] = np.mean(steps)
    assert moved[0.5] < min(1, moved[0.0] / 2), moved


def test_an_interrupted_video_resumes_and_ends_the_same(
    tmp_path: Path, painter: Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    still = [picture(64, 48)] * 30
    source = clip(tmp_path / "a.mp4", [*moving(40), *still, *moving(60)], sound="aac")
    _done(_pipeline(painter), source, tmp_path / "whole.mp4")

    class Interrupted(_Counting):
        def __call__(self, job: Job, done: int, count: int) -> None:
            super().__call__(job, done, count)
            if done == 70:
                raise KeyboardInterrupt

    pipeline, interrupted = _pipeline(painter), Interrupted()
    pipeline.on_frame = interrupted
    with pytest.raises(KeyboardInterrupt):
        _done(pipeline, source, tmp_path / "b.mp4")
    assert not (tmp_path / "b.mp4").exists()
    parts = tmp_path / ".b.mp4.ganstyle-parts"
    assert _left(parts) == ["00000000.nut", f"last-{PART_FRAMES:08d}.png", "made-from.json"]

    resumed, pipeline = _Counting(), _pipeline(painter)
    pipeline.on_frame = resumed
    assert _done(pipeline, source, tmp_path / "b.mp4").status == "done"
    assert resumed.seen[0] == PART_FRAMES + 1
    assert (tmp_path / "b.mp4").read_bytes() == (tmp_path / "whole.mp4").read_bytes()
    assert not parts.exists()


class _Counting:
    def __init__(self) -> None:
        self.seen: list[int] = []

    def __call__(self, job: Job, done: int, count: int) -> None:
        self.seen.append(done)


def test_parts_of_another_style_or_input_are_not_used(tmp_path: Path, painter: Painter) -> None:
    source = clip(tmp_path / "a.mp4", moving(60))

    def stop(job: Job, done: int, count: int) -> None:
        if done == 50:
            raise KeyboardInterrupt

    for change in ("recipe", "input"):
        pipeline = _pipeline(painter)
        pipeline.on_frame = stop
        with pytest.raises(KeyboardInterrupt):
            _done(pipeline, source, tmp_path / "b.mp4")
        if change == "input":
            clip(source, moving(55))
        again, pipeline = _Counting(), _pipeline(painter, recipe="other")
        pipeline.on_frame = again
        assert _done(pipeline, source, tmp_path / "b.mp4").status == "done"
        assert again.seen[0] == 1
        (tmp_path / "b.mp4").unlink()


def test_what_is_done_is_not_done_again_nor_replaced(tmp_path: Path, painter: Painter) -> None:
    source = clip(tmp_path / "a.mp4", moving(3))
    assert _done(_pipeline(painter), source, tmp_path / "b.mp4").status == "done"
    assert _done(_pipeline(painter), source, tmp_path / "b.mp4").status == "skipped"
    other = _done(_pipeline(painter, recipe="other"), source, tmp_path / "b.mp4")
    assert other.status == "failed"
    assert "exists and was made with other options" in other.reason


def test_a_damaged_video_leaves_nothing_and_others_go_on(tmp_path: Path, painter: Painter) -> None:
    (tmp_path / "in").mkdir()
    bad = clip(tmp_path / "in" / "bad.mp4", moving(60, (320, 240)))
    data = bytearray(bad.read_bytes())
    middle = data.index(b"mdat") + len(data) // 2
    data[middle : middle + 3000] = bytes(3000)  # of 300, a decoder may make up the picture
    bad.write_bytes(data)
    clip(tmp_path / "in" / "good.mkv", moving(3))
    out = Destination(tmp_path / "out", is_folder=True)
    outcomes = list(_pipeline(painter).run(plan_jobs([tmp_path / "in"], out, PLAIN).jobs))
    assert [outcome.status for outcome in outcomes] == ["failed", "done"]
    assert "bad.mp4: damaged" in outcomes[0].reason
    assert _left(tmp_path / "out") == [MANIFEST, "good.mkv"]


def test_sizes(tmp_path: Path, painter: Painter) -> None:
    source = clip(tmp_path / "a.mp4", moving(3, (64, 48)))
    outcome = _done(_pipeline(painter, OutputConfig(max_size=33)), source, tmp_path / "b.mp4")
    assert outcome.size == (32, 24)
    assert outcome.notes == ("33x25 px became 32x24, as H.264 needs even sides",)
    odd = clip(tmp_path / "odd.mkv", moving(3, (51, 33)), codec="ffv1", pix_fmt="yuv444p")
    assert _done(_pipeline(painter), odd, tmp_path / "c.mp4").size == (50, 32)
    assert _done(_pipeline(painter), odd, tmp_path / "c.webm").size == (51, 33)
    turned = clip(tmp_path / "turned.mp4", moving(3), rotation=90)
    assert _done(_pipeline(painter), turned, tmp_path / "d.mp4").size == (48, 64)
    assert frames_of(tmp_path / "d.mp4")[0].rotation == 0


def test_deep_colour_is_told(tmp_path: Path, painter: Painter) -> None:
    source = clip(tmp_path / "a.mkv", moving(2), codec="ffv1", pix_fmt="yuv420p10le")
    outcome = _done(_pipeline(painter), source, tmp_path / "b.mp4")
    assert outcome.notes == ("10-bit colour was read as 8-bit",)


def test_what_opencv_would_do_is_told_without_it(
    tmp_path: Path, painter: Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (steady, video_files):
        monkeypatch.setattr(module, "motion_measurable", lambda: False)
    source = clip(tmp_path / "a.mp4", moving(2))
    outcome = _done(_pipeline(painter), source, tmp_path / "b.mp4")
    assert "pip install opencv-python-headless" in outcome.notes[0]
    assert _done(_pipeline(painter, steady=0), source, tmp_path / "c.mp4").notes == ()


def test_metadata_can_be_left_out(tmp_path: Path, painter: Painter) -> None:
    source = clip(tmp_path / "a.mp4", moving(2), metadata={"title": "Sea", "comment": "Mine"})
    bare = OutputConfig(strip=True, provenance=False)
    for output, title, comment in ((PLAIN, "Sea", "Mine; ganstyle"), (bare, None, None)):
        target = tmp_path / f"{title}.mp4"
        _done(_pipeline(painter, output), source, target)
        with av.open(str(target)) as read:
            assert read.metadata.get("title") == title
            assert (read.metadata.get("comment") or "None").startswith(str(comment))


def test_the_first_frame_decides_for_all(tmp_path: Path, painter: Painter) -> None:
    flat = [Image.new("RGB", (64, 48), "navy")] * 2
    seen = set()

    class Spy(Painter):
        def prepare(self, *args, **options):  # type: ignore[no-untyped-def]
            seen.add(options.get("draft", self.dials.treat_as == "draft"))
            return super().prepare(*args, **options)

    spy = Spy(lively_generator(PAINTING), runtime=painter.runtime)
    _done(_pipeline(spy), clip(tmp_path / "a.mp4", [*flat, *moving(6)]), tmp_path / "b.mp4")
    assert len(seen) == 1


def test_few_frames_are_in_memory(
    tmp_path: Path, painter: Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = clip(tmp_path / "a.mp4", moving(150))
    drawn = 0
    frames = VideoFile.frames

    def counted(video: VideoFile) -> Iterator[TimedFrame]:
        nonlocal drawn
        for timed in frames(video):
            drawn = timed.index + 1
            yield timed

    most = 0

    def ahead(job: Job, done: int, count: int) -> None:
        nonlocal most
        most = max(most, drawn - done)

    pipeline = _pipeline(painter, steady=0)
    pipeline.on_frame = ahead
    monkeypatch.setattr(VideoFile, "frames", counted)
    assert _done(pipeline, source, tmp_path / "b.mp4").frames == 150
    assert most <= 3 * 8


def test_a_frame_that_fails_is_named(
    tmp_path: Path, painter: Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Painter, contents: Sequence[object]) -> list[str]:
        return ["out of paint"] * len(contents)

    monkeypatch.setattr(video_frames, "paint_batch", fail)
    outcome = _done(_pipeline(painter), clip(tmp_path / "a.mp4", moving(3)), tmp_path / "b.mp4")
    assert outcome.status == "failed"
    assert outcome.reason.endswith("a.mp4: frame 1 failed (out of paint).")
