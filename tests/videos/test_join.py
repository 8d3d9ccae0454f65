from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from ganstyle.errors import ImageError
from ganstyle.videos.join import join_parts
from ganstyle.videos.read import VideoFile
from ganstyle.videos.write import Encoding, encoded_size, part_writer
from tests.videos.clips import RATE, TIME_BASE, av, clip, frames_of, images_of, moving, packets_of

IRREGULAR = [0, 512, 1024, 1100, 3000, 9000]


def _joined(source: Path, target: Path, container: str, part: int = 4) -> tuple[str, ...]:
    """What is in a video, in parts of so many frames, joined to another."""
    video = VideoFile(source)
    size = encoded_size(video.size, container)
    aspect = video.pixel_aspect
    encoding = Encoding(container, size, 95, video.color, video.time_base, video.rate, aspect)
    frames = list(video.frames())
    paths = []
    for start in range(0, len(frames), part):
        paths.append(target.with_name(f"{start}.nut"))
        with part_writer(paths[-1], target, encoding) as writer:
            for timed in frames[start : start + part]:
                writer.add(video.image(timed.frame, size), timed.pts)
    return join_parts(paths, source, target, encoding, {"title": "Sea"}, target)


@pytest.mark.parametrize("name", ["b.mp4", "b.mov", "b.mkv", "b.webm"])
def test_pictures_times_and_tags_stay(tmp_path: Path, name: str) -> None:
    tags = {"colorspace": 1, "color_range": 2, "color_trc": 1, "color_primaries": 1}
    source = clip(tmp_path / "a.mp4", moving(6), pts=IRREGULAR, tags=tags)
    container = {"mkv": "matroska"}.get(name[2:], name[2:])
    assert _joined(source, tmp_path / name, container) == ()
    frames = frames_of(tmp_path / name)
    finest = 0 if name in ("b.mp4", "b.mov") else Fraction(1, 1000)
    for frame, pts in zip(frames, IRREGULAR, strict=True):
        assert abs(frame.pts * frame.time_base - pts * TIME_BASE) <= finest
    assert (frames[0].colorspace, frames[0].color_range) == (1, 2)
    for found, image in zip(images_of(tmp_path / name), moving(6), strict=True):
        assert abs(found - np.asarray(image, int)).mean() < 6
    with av.open(str(tmp_path / name)) as read:
        assert read.metadata["title"] == "Sea"


def test_the_rate_stays(tmp_path: Path) -> None:
    source = clip(tmp_path / "a.mp4", moving(10))
    for name, container in (("b.mp4", "mp4"), ("b.mkv", "matroska"), ("b.webm", "webm")):
        _joined(source, tmp_path / name, container)
        with av.open(str(tmp_path / name)) as read:
            assert read.streams.video[0].average_rate == RATE, name
            assert read.duration == 400_000, name


@pytest.mark.parametrize("name", ["b.mp4", "b.mov", "b.mkv"])
def test_sound_is_copied(tmp_path: Path, name: str) -> None:
    source = clip(tmp_path / "a.mp4", moving(10), sound="aac")
    assert _joined(source, tmp_path / name, {"mkv": "matroska"}.get(name[2:], name[2:])) == ()
    assert packets_of(tmp_path / name, "audio") == packets_of(source, "audio")


def test_sound_that_does_not_fit_is_encoded(tmp_path: Path) -> None:
    source = clip(tmp_path / "a.mp4", moving(25), sound="aac")
    assert _joined(source, tmp_path / "b.webm", "webm") == ()
    with av.open(str(tmp_path / "b.webm")) as read:
        [stream] = read.streams.audio
        assert stream.codec_context.name in ("opus", "libopus")
        seconds = sum(frame.samples for frame in read.decode(audio=0)) / 48_000
    assert seconds == pytest.approx(1, abs=0.05)


def test_the_same_parts_give_the_same_bytes(tmp_path: Path) -> None:
    source = clip(tmp_path / "a.mkv", moving(6), sound="libopus")
    for name in ("b.mkv", "c.mkv"):
        _joined(source, tmp_path / name, "matroska")
    assert (tmp_path / "b.mkv").read_bytes() == (tmp_path / "c.mkv").read_bytes()


def test_odd_sides_become_even_where_they_must() -> None:
    assert encoded_size((321, 241), "mp4") == (320, 240)
    assert encoded_size((1, 1), "mp4") == (2, 2)
    assert encoded_size((321, 241), "webm") == (321, 241)


def test_what_cannot_be_written_is_named(tmp_path: Path) -> None:
    video = VideoFile(clip(tmp_path / "a.mp4", moving(2)))
    encoding = Encoding("mp4", (64, 48), 95, video.color, video.time_base, video.rate, Fraction(1))
    with (
        pytest.raises(ImageError, match=r"b\.mp4: cannot be written \(No such file"),
        part_writer(tmp_path / "gone" / "0.nut", tmp_path / "b.mp4", encoding) as writer,
    ):
        writer.add(video.image(video.first, (64, 48)), 0)
