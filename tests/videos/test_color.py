import numpy as np
import pytest

from ganstyle.videos.color import VideoColor
from tests.conftest import picture
from tests.videos.clips import av

UNSPECIFIED = {"colorspace": 2, "color_range": 0, "color_trc": 2, "color_primaries": 2}


def _frame(
    size: tuple[int, int] = (64, 48), pix_fmt: str = "yuv420p", **tags: int
) -> "av.VideoFrame":
    frame = av.VideoFrame(*size, pix_fmt)
    for name, value in (UNSPECIFIED | tags).items():
        setattr(frame, name, value)
    return frame


@pytest.mark.parametrize("matrix", [1, 5, 6, 9])
@pytest.mark.parametrize("range_", [1, 2])
def test_an_image_comes_back_from_yuv(matrix: int, range_: int) -> None:
    color = VideoColor.of(_frame(colorspace=matrix, color_range=range_))
    image = picture(64, 48)
    frame = color.frame(image)
    assert (frame.colorspace, frame.color_range) == (matrix, range_)
    difference = np.asarray(color.image(frame, (64, 48)), int) - np.asarray(image, int)
    assert abs(difference).mean() < 1.5


def test_white_and_black_keep_their_range() -> None:
    for range_, white in ((1, 235), (2, 255)):
        color = VideoColor.of(_frame(colorspace=1, color_range=range_))
        frame = color.frame(picture(64, 48).point(lambda _: 255))
        assert bytes(frame.planes[0])[0] == white
        assert color.image(frame, (64, 48)).getextrema() == ((255, 255),) * 3


def test_what_names_no_matrix_is_read_by_its_size() -> None:
    assert VideoColor.of(_frame((64, 48))).matrix == 6
    assert VideoColor.of(_frame((1280, 720))).matrix == 1
    assert VideoColor.of(_frame((64, 48))).tags == (2, 0, 2, 2)


def test_hdr_becomes_an_ordinary_video() -> None:
    frame = _frame(
        pix_fmt="yuv420p10le", colorspace=9, color_range=1, color_trc=18, color_primaries=9
    )
    for plane, value in zip(frame.planes, (600, 512, 512), strict=True):
        plane.update(value.to_bytes(2, "little") * (plane.buffer_size // 2))
    color = VideoColor.of(frame)
    assert color.is_hdr
    assert color.tags == (1, 1, 1, 1)
    # Gray of a middle light; read as if it were no HDR, it would be a paler 154.
    pixels = np.asarray(color.image(frame, (64, 48)))
    assert 170 < pixels.min() <= pixels.max() < 190
