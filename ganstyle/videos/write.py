"""Parts of a video, encoded one by one, so that an interrupted one need not begin anew."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from ganstyle.errors import ImageError
from ganstyle.images.resize import Size
from ganstyle.videos.color import VideoColor

if TYPE_CHECKING:
    from av.container import OutputContainer

PART_SUFFIX = ".nut"
"""Extension of parts: NUT takes any codec, and times as fine as they come."""

_RATE_FACTOR, _PER_QUALITY, _VP9_MORE = 16.0, 0.4, 8.0
"""Constant rate factor of H.264 at quality 95; how much it grows for a step of quality below that;
how much more VP9 takes for the same."""

_USUAL_QUALITY = 95


@dataclass(frozen=True)
class Encoding:
    """How a video is encoded.

    container: FFmpeg's name of it. size: width and height, px, as stored. quality: 1 to 100, as of
    a JPEG.
    """

    container: str
    size: Size
    quality: int
    color: VideoColor
    time_base: Fraction
    rate: Fraction | None
    pixel_aspect: Fraction

    @property
    def codec(self) -> str:
        """FFmpeg's name of the encoder: VP9 in WebM, which holds no H.264, and H.264 elsewhere."""
        return "libvpx-vp9" if self.container == "webm" else "libx264"

    @property
    def options(self) -> dict[str, str]:
        """Options of the encoder."""
        factor = max(0.0, _RATE_FACTOR + _PER_QUALITY * (_USUAL_QUALITY - self.quality))
        if self.container == "webm":
            factor = round(min(63.0, factor + _VP9_MORE))
            return {"crf": str(factor), "b": "0", "cpu-used": "4", "row-mt": "1"}
        # Without B-frames packets come in the order of time, and parts need no more than a splice.
        # The macroblock tree reads memory that nobody has written: now and then the same frames
        # gave other bytes.
        factor = min(51.0, factor)
        return {"crf": f"{factor:.1f}", "preset": "medium", "bf": "0", "mbtree": "0"}


def encoded_size(size: Size, container: str) -> Size:
    """Size in which a video is encoded: H.264 in 4:2:0, which all play, needs even sides."""
    if container == "webm":
        return size
    return max(2, size[0] // 2 * 2), max(2, size[1] // 2 * 2)


class PartWriter:
    """A part that is being written."""

    def __init__(self, container: "OutputContainer", encoding: Encoding) -> None:
        self._container, self._encoding = container, encoding
        width, height = encoding.size
        stream: Any = container.add_stream(
            encoding.codec,
            rate=encoding.rate or 25,
            options=encoding.options,
            width=width,
            height=height,
            time_base=encoding.time_base,
        )
        context = stream.codec_context
        context.sample_aspect_ratio = encoding.pixel_aspect
        matrix, range_, transfer, primaries = encoding.color.tags
        context.colorspace, context.color_range = matrix, range_
        context.color_trc, context.color_primaries = transfer, primaries
        self._stream = stream

    def add(self, image: Image.Image, pts: int) -> None:
        """Add an RGB image of the encoded size. pts: its time, in units of the time base."""
        frame = self._encoding.color.frame(image)
        frame.pts, frame.time_base = pts, self._encoding.time_base
        self._container.mux(self._stream.encode(frame))

    def end(self) -> None:
        """Write what the encoder still holds."""
        self._container.mux(self._stream.encode(None))


@contextmanager
def part_writer(path: Path, name: Path, encoding: Encoding) -> Iterator[PartWriter]:
    """Write a part to path. name: of the video, for messages. Raises ImageError."""
    with writing(path, "nut", name) as container:
        writer = PartWriter(container, encoding)
        yield writer
        writer.end()


@contextmanager
def writing(
    path: Path, container: str, name: Path, options: dict[str, str] | None = None
) -> Iterator["OutputContainer"]:
    """Open a container for writing; the same contents give the same bytes.

    Raises ImageError, naming the video, for whatever goes wrong with it within the block.
    """
    import av
    from av.error import FFmpegError

    try:
        asked = {"fflags": "bitexact"} | (options or {})
        with av.open(str(path), "w", format=container, options=asked) as output:
            yield output
    except (FFmpegError, OSError, ValueError) as error:
        raise ImageError(f"{name}: cannot be written ({reason_of(error)}).") from error


def reason_of(error: Any) -> str:
    """What FFmpeg or the system says of an error."""
    return str(getattr(error, "strerror", None) or error)
