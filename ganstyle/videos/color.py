"""Colours of videos: what a video says of its own, to RGB and back.

Numbers stand for what ITU-T H.273 calls matrix coefficients, transfer characteristics and colour
primaries; FFmpeg uses the same.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from av import VideoFrame

_RGB, _BT709, _UNSPECIFIED, _BT601 = 0, 1, 2, 6
_LIMITED, _FULL = 1, 2
_HDR_TRANSFERS = {16, 18}
"""PQ and HLG: on a screen for neither of them, such a video looks faded."""

_HIGH_DEFINITION = 720
"""Rows from which a video that names no matrix is taken for BT.709, as players do."""

_ROUNDING = 0x40000 | 0x80000 | 0x2000 | 0x4000
"""FFmpeg's flags for accurate rounding, the same bits on all machines, and chroma of every pixel,
in and out."""

_AREA, _BICUBIC = 0x20, 0x4


@dataclass(frozen=True)
class VideoColor:
    """What a video is tagged with, and the matrix and range that its numbers are read with.

    matrix, range: as they are read and written. tags: matrix, range, transfer and primaries as the
    video names them, 2 (of range, 0) where it does not. is_hdr: it is brought to BT.709, and so
    tagged.
    """

    matrix: int
    range: int
    tags: tuple[int, int, int, int]
    is_hdr: bool = False

    @classmethod
    def of(cls, frame: "VideoFrame") -> "VideoColor":
        """Colours of a video, by its first frame."""
        if frame.color_trc in _HDR_TRANSFERS:
            return cls(_BT709, _LIMITED, (_BT709, _LIMITED, _BT709, _BT709), is_hdr=True)
        named = frame.colorspace
        matrix = named
        if named in (_RGB, _UNSPECIFIED):
            matrix = _BT709 if frame.height >= _HIGH_DEFINITION else _BT601
        full = frame.color_range == _FULL or frame.format.name.startswith("yuvj")
        tagged = _FULL if full else frame.color_range
        return cls(
            matrix,
            _FULL if full and named != _RGB else _LIMITED,
            (matrix if named == _RGB else named, tagged, frame.color_trc, frame.color_primaries),
        )

    def image(self, frame: "VideoFrame", size: tuple[int, int]) -> Image.Image:
        """A frame as an RGB image in that size, px, not turned."""
        wanted: dict[str, int] = {"dst_color_range": _FULL}
        if self.is_hdr:
            wanted |= {"dst_color_trc": _BT709, "dst_color_primaries": _BT709}
        elif frame.colorspace != _RGB:
            wanted |= {"src_colorspace": _swscale(self.matrix), "src_color_range": self.range}
        smaller = size[0] < frame.width or size[1] < frame.height
        rgb = frame.reformat(
            *size,
            format="rgb24",
            interpolation=(_AREA if smaller else _BICUBIC) | _ROUNDING,
            threads=1,
            **wanted,
        )
        return Image.fromarray(rgb.to_ndarray())

    def frame(self, image: Image.Image) -> "VideoFrame":
        """An RGB image as a frame in YUV 4:2:0 with these colours."""
        from av import VideoFrame

        frame = VideoFrame.from_ndarray(np.asarray(image), "rgb24").reformat(
            format="yuv420p",
            interpolation=_BICUBIC | _ROUNDING,
            src_color_range=_FULL,
            dst_color_range=self.range,
            dst_colorspace=_swscale(self.matrix),
            threads=1,
        )
        frame.colorspace, frame.color_range, frame.color_trc, frame.color_primaries = self.tags
        return frame


def _swscale(matrix: int) -> int:
    """swscale's number of a matrix: BT.601 goes by several in H.273."""
    return 5 if matrix in (5, _BT601) else matrix
