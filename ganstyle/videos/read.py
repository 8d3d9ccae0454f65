"""Video files, read frame by frame: upright RGB, each with its time."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from ganstyle.errors import ImageError, MissingReaderError
from ganstyle.images.resize import Size
from ganstyle.videos.color import VideoColor
from ganstyle.videos.formats import VIDEO_REMEDY, demuxer_of, videos_readable

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import InputContainer
    from av.video.stream import VideoStream

_SAFE = {"protocol_whitelist": "file"}
"""Options for opening a video: whatever it names, FFmpeg looks at no other place."""

_TURNS = {
    90: Image.Transpose.ROTATE_90,
    180: Image.Transpose.ROTATE_180,
    -180: Image.Transpose.ROTATE_180,
    -90: Image.Transpose.ROTATE_270,
    270: Image.Transpose.ROTATE_270,
}
"""What turns a frame upright, by the degrees, counterclockwise, that its video names."""

_MISSING_SECONDS = 1.0
"""Time that a whole video may lack of the duration that its header names."""


@dataclass(frozen=True)
class TimedFrame:
    """A frame as it was decoded. index: counted from 0. pts: its time, in units of time_base."""

    frame: "VideoFrame"
    index: int
    pts: int


class VideoFile:
    """A video: what is known of it before a frame is painted, and its frames.

    path: of the file. count: frames, as far as its packets tell. time_base: seconds of a unit of
    time. rate: frames per second, on average; None if it is not known. metadata: title, date and
    the like.
    Raises ImageError, naming the file, for what is no video, or not a whole one.
    """

    def __init__(self, path: Path) -> None:
        if not videos_readable():
            message = f"{path}: cannot be read for want of a package: {VIDEO_REMEDY}"
            raise MissingReaderError(message, VIDEO_REMEDY)
        self.path = path
        with opened(path) as container:
            stream = _video_stream(path, container)
            self._index = stream.index
            self.time_base = stream.time_base or Fraction(1, 1000)
            self.rate = stream.average_rate
            self.metadata = dict(container.metadata)
            self._aspect = stream.sample_aspect_ratio or Fraction(1)
        self.count = _count_whole(path, self._index)

    @cached_property
    def first(self) -> "VideoFrame":
        """The first frame, by which size, rotation and colours of all are known."""
        for timed in self.frames():
            return timed.frame
        raise ImageError(f"{self.path}: holds no frame.")

    @cached_property
    def color(self) -> VideoColor:
        """Colours of the video."""
        return VideoColor.of(self.first)

    @property
    def size(self) -> Size:
        """Width and height of an upright frame, px."""
        width, height = self.first.width, self.first.height
        return (height, width) if self._on_its_side else (width, height)

    @property
    def pixel_aspect(self) -> Fraction:
        """Width of an upright pixel over its height."""
        return 1 / self._aspect if self._on_its_side else self._aspect

    @property
    def _on_its_side(self) -> bool:
        return self.first.rotation % 180 != 0

    def image(self, frame: "VideoFrame", size: Size) -> Image.Image:
        """A frame as an upright RGB image in that size, px."""
        image = self.color.image(frame, size[::-1] if self._on_its_side else size)
        turn = _TURNS.get(self.first.rotation)
        return image if turn is None else image.transpose(turn)

    def frames(self) -> Iterator[TimedFrame]:
        """All frames in order, from the beginning; they are decoded as they are asked for.

        Times only ever grow; where the file gives none, or an earlier one, it is the next.
        Raises ImageError at a frame that is damaged.
        """
        from av.codec.context import ThreadType

        last, step = None, 1
        with opened(self.path) as container, _naming_damage(self.path):
            [stream] = (each for each in container.streams.video if each.index == self._index)
            # Decoders that work on several frames at once may hand one out before they know that it
            # is damaged.
            stream.thread_type = ThreadType.SLICE
            for index, frame in enumerate(container.decode(stream)):
                if frame.is_corrupt:
                    raise ValueError(f"frame {index + 1} of {self.count}")
                pts = frame.pts
                if last is not None:
                    pts = last + step if pts is None else max(pts, last + 1)
                last, step = pts or 0, frame.duration or 1
                yield TimedFrame(frame, index, last)

    def check(self) -> None:
        """Decode all frames once. Raises ImageError if one is damaged.

        That takes a hundredth of the time of painting, which would be lost at a damaged end.
        """
        for _ in self.frames():
            pass


@contextmanager
def _naming_damage(path: Path) -> Iterator[None]:
    """Raise ImageError, naming the file, for whatever a decoder finds wrong within the block."""
    from av.error import FFmpegError

    try:
        yield
    except (FFmpegError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ImageError(
            f"{path}: damaged ({reason}), so nothing is written; "
            f"`ffmpeg -i {path.name} repaired{path.suffix}` saves what can be read."
        ) from error


@contextmanager
def opened(path: Path) -> Iterator["InputContainer"]:
    """Open a video's file. Raises ImageError, naming it, for what is none."""
    import av
    from av.error import FFmpegError

    demuxer = demuxer_of(path)
    try:
        if path.stat().st_size == 0:
            raise ValueError("the file is empty, 0 bytes")
        if not demuxer:
            raise ValueError("neither MP4, QuickTime, Matroska nor WebM")
        container = av.open(str(path), format=demuxer, options=_SAFE, metadata_errors="replace")
    except (FFmpegError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        if demuxer == "mov" and isinstance(error, ValueError):
            reason = "damaged, or cut off before its end"
        raise ImageError(f"{path}: cannot be read as a video ({reason}).") from error
    with container:
        yield container


def _video_stream(path: Path, container: "InputContainer") -> "VideoStream":
    """The video in a container, which may hold a cover as another one. Raises ImageError."""
    from av.stream import Disposition

    for stream in container.streams.video:
        if stream.disposition & Disposition.attached_pic:
            continue
        if stream.codec_context is None:
            raise ImageError(f"{path}: its video is in a codec that this FFmpeg does not read.")
        return stream
    raise ImageError(f"{path}: holds no video{', only sound' * bool(container.streams.audio)}.")


def _count_whole(path: Path, index: int) -> int:
    """Frames of a video, by its packets, of which none is decoded.

    Raises ImageError if the file ends before its header says so: now, not after hours of painting.
    """
    count, end = 0, Fraction(0)
    with opened(path) as container, _naming_damage(path):
        stream = container.streams[index]
        last = max((entry.pos + entry.size for entry in stream.index_entries), default=0)
        for packet in container.demux():
            if packet.stream_index == index and packet.size and not packet.is_discard:
                count += 1
            if packet.is_corrupt:
                raise ValueError(f"ends within frame {count}")
            end = max(end, _end(packet))
        named = Fraction(container.duration or 0, 1_000_000)
        start = Fraction(container.start_time or 0, 1_000_000)
    cut_off = path.stat().st_size < last or named - (end - start) > _MISSING_SECONDS
    if cut_off:
        where = f"ends at {float(end):.1f} s of {float(named):.1f} s"
        with _naming_damage(path):
            raise ValueError(where)
    if not count:
        raise ImageError(f"{path}: holds no frame.")
    return count


def _end(packet: Any) -> Fraction:
    """Time at which a packet's frame or sound ends, s."""
    if packet.pts is None:
        return Fraction(0)
    return Fraction((packet.pts + (packet.duration or 0)) * packet.time_base)
