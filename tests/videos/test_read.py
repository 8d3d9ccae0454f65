from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from ganstyle.errors import ImageError, MissingReaderError
from ganstyle.videos.read import VideoFile
from tests.conftest import picture
from tests.videos.clips import TIME_BASE, av, clip, moving

IRREGULAR = [0, 512, 1024, 1100, 3000, 9000]


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv"])
def test_frames_come_in_order_with_their_times(tmp_path: Path, name: str) -> None:
    video = VideoFile(clip(tmp_path / name, moving(6), pts=IRREGULAR))
    assert (video.count, video.size) == (6, (64, 48))
    found = [timed.pts * video.time_base for timed in video.frames()]
    finest = Fraction(1, 1000) if name == "a.mkv" else 0
    for time, pts in zip(found, IRREGULAR, strict=True):
        assert abs(time - pts * TIME_BASE) <= finest
    for timed, image in zip(video.frames(), moving(6), strict=True):
        read = np.asarray(video.image(timed.frame, (64, 48)), int)
        assert abs(read - np.asarray(image, int)).mean() < 4


@pytest.mark.parametrize("rotation", [90, 180, -90])
def test_frames_are_turned_upright(tmp_path: Path, rotation: int) -> None:
    stored = picture(64, 48, seed=5)
    video = VideoFile(clip(tmp_path / "a.mp4", [stored] * 2, rotation=rotation))
    upright = stored.rotate(rotation, expand=True)
    assert video.size == upright.size
    read = video.image(video.first, video.size)
    assert abs(np.asarray(read, int) - np.asarray(upright, int)).mean() < 4
    assert video.image(video.first, (20, 10)).size == (20, 10)


def test_what_is_no_video_is_named(tmp_path: Path) -> None:
    picture(8, 8).save(tmp_path / "photo.jpg")
    (tmp_path / "photo.jpg").rename(tmp_path / "photo.mp4")
    with pytest.raises(ImageError, match=r"photo\.mp4: cannot be read as a video \(neither MP4"):
        VideoFile(tmp_path / "photo.mp4")
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(ImageError, match="empty, 0 bytes"):
        VideoFile(tmp_path / "empty.mp4")
    with pytest.raises(ImageError, match=r"gone\.mp4: cannot be read as a video \(No such file"):
        VideoFile(tmp_path / "gone.mp4")


def test_sound_alone_is_named(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=48_000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 2048), np.int16), "s16", "mono")
        frame.sample_rate = 48_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(ImageError, match=r"a\.mp4: holds no video, only sound"):
        VideoFile(tmp_path / "a.mp4")


def test_a_video_without_frames_is_named(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        container.add_stream("libx264", rate=25, width=64, height=48)
        container.start_encoding()
    with pytest.raises(ImageError, match=r"a\.mp4: (holds no|cannot be read)"):
        VideoFile(tmp_path / "a.mp4")


@pytest.mark.parametrize(
    ("name", "faststart"), [("a.mp4", False), ("a.mp4", True), ("a.mkv", False)]
)
def test_a_file_that_is_cut_off_is_named_at_once(
    tmp_path: Path, name: str, faststart: bool
) -> None:
    whole = clip(tmp_path / name, moving(100))
    if faststart:
        with av.open(str(whole)) as source:
            options = {"movflags": "faststart"}
            with av.open(str(tmp_path / f"fast-{name}"), "w", options=options) as target:
                stream = target.add_stream_from_template(source.streams.video[0], opaque=True)
                for packet in source.demux(video=0):
                    if packet.dts is not None:
                        packet.stream = stream
                        target.mux(packet)
        whole = tmp_path / f"fast-{name}"
    assert VideoFile(whole).count == 100
    data = whole.read_bytes()
    whole.write_bytes(data[: len(data) // 2])
    with pytest.raises(ImageError, match=rf"{name}: (damaged|cannot be read as a video \(damaged)"):
        VideoFile(whole)


def test_a_damaged_frame_is_named(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mp4", moving(60, (320, 240)))
    data = bytearray(path.read_bytes())
    frames = data.index(b"mdat")
    size = int.from_bytes(data[frames - 4 : frames])
    for at in range(frames + size // 4, frames + 3 * size // 4):  # half of it: some are forgiven
        data[at] ^= 0x5A
    path.write_bytes(data)
    video = VideoFile(path)
    with pytest.raises(ImageError, match=r"a\.mp4: damaged \(.*\), so nothing is written; `ffmpeg"):
        video.check()


def test_a_cover_is_not_the_video(tmp_path: Path) -> None:
    source = clip(tmp_path / "b.mp4", moving(3))
    with av.open(str(source)) as read, av.open(str(tmp_path / "a.mp4"), "w") as container:
        cover = container.add_stream("mjpeg", rate=1, width=16, height=16)
        cover.pix_fmt = "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        video = container.add_stream_from_template(read.streams.video[0], opaque=True)
        container.mux(cover.encode(av.VideoFrame.from_image(picture(16, 16))))
        container.mux(cover.encode(None))
        for packet in read.demux(video=0):
            if packet.dts is not None:
                packet.stream = video
                container.mux(packet)
    assert VideoFile(tmp_path / "a.mp4").size == (64, 48)


def test_without_the_package_a_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ganstyle.videos.read.videos_readable", lambda: False)
    with pytest.raises(MissingReaderError, match="pip install av") as caught:
        VideoFile(tmp_path / "a.mp4")
    assert caught.value.remedy == "pip install av"
