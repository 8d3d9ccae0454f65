import numpy as np
import pytest
from PIL import Image

from ganstyle.config import Dials
from ganstyle.painting.content import Content, Face, prepare
from ganstyle.painting.finish import Painting, finished
from tests.conftest import picture

WHITE, BLACK = (255, 255, 255), (0, 0, 0)


def _content(size: tuple[int, int], *faces: Face, original: Image.Image | None = None) -> Content:
    return Content(size, (size,), Image.new("RGB", size), faces=faces, original=original)


def _with_face(corner: tuple[int, int], size: tuple[int, int]) -> Content:
    width, height = size
    box = (0.25 * width, 0.2 * height, 0.5 * width, 0.625 * height)
    return _content((120, 100), Face(corner, box, _content(size)))


@pytest.mark.parametrize("canvas", [(60, 60), (90, 90), (16, 16)])
def test_a_face_is_laid_in_without_touching_the_edges_of_its_square(
    canvas: tuple[int, int],
) -> None:
    white = Image.new("RGB", (120, 100), WHITE)
    painting = Painting(white, (Image.new("RGB", canvas, BLACK),))
    result = np.asarray(finished(_with_face((30, 20), (60, 60)), painting, Dials()))
    square = result[20:80, 30:90]
    assert (square[30, 30] == BLACK).all()
    for edge in (square[0], square[-1], square[:, 0], square[:, -1]):
        assert (edge == WHITE).all()
    outside = result.copy()
    outside[20:80, 30:90] = WHITE
    assert (outside == WHITE).all()
    steps = np.abs(np.diff(square[30, :, 0].astype(int)))
    assert steps.max() < 80  # a soft border
    assert (np.asarray(white) == WHITE).all()  # another frame may have the same canvas


@pytest.mark.parametrize("size", [(1, 1), (2, 9), (16, 16), (16, 40), (50, 20)])
def test_faces_of_any_shape_reach_over_the_border_and_do_not_fail(size: tuple[int, int]) -> None:
    face = Image.new("RGB", (33, 33), BLACK)
    painting = Painting(Image.new("RGB", (120, 100), WHITE), (face,))
    result = finished(_with_face((110, 90), size), painting, Dials())
    assert result.size == (120, 100)
    assert result.getpixel((60, 50)) == WHITE


def test_a_canvas_of_another_size_is_brought_to_that_of_the_picture() -> None:
    canvas = picture(90, 75)
    result = finished(_content((120, 100)), Painting(canvas), Dials())
    assert result.size == (120, 100)
    back = np.asarray(result.resize(canvas.size, Image.Resampling.BOX), int)
    assert np.abs(back - np.asarray(canvas)).mean() < 2
    same = picture(120, 100)
    assert finished(_content((120, 100)), Painting(same), Dials()) is same


@pytest.mark.parametrize("size", [(120, 100), (119, 101), (240, 200)])
@pytest.mark.parametrize("dials", [Dials(strength=0.5), Dials(keep_color=True), Dials(strength=0)])
def test_an_original_of_about_that_size_is_mixed_in(size: tuple[int, int], dials: Dials) -> None:
    photo, canvas = Image.new("RGB", size, (200, 60, 60)), Image.new("RGB", (60, 50), (90,) * 3)
    content = prepare(photo, (120, 100), None, dials)
    assert content.original
    assert content.original.size == content.size == (120, 100)
    result = finished(content, Painting(canvas), dials)
    assert result.size == (120, 100)
    [(_, color)] = result.getcolors() or []
    assert isinstance(color, tuple)
    if dials.strength == 0:
        assert color == (200, 60, 60)
    elif dials.keep_color:
        assert color[0] > color[1]
        luminance, _, _ = Image.new("RGB", (1, 1), color).convert("YCbCr").getpixel((0, 0))  # type: ignore[misc]
        assert luminance == pytest.approx(90, abs=2)
    else:
        assert color == pytest.approx((145, 75, 75), abs=1)


def test_a_canvas_is_sharpened_where_it_is_enlarged() -> None:
    canvas = Image.new("RGB", (90, 75), (90, 90, 90))
    canvas.paste((150, 150, 150), (45, 0, 90, 75))  # an edge, which overshoots when it is sharpened
    contrast = {}
    for zoom, size in ((0.8, (72, 60)), (1.2, (108, 90)), (1.6, (144, 120))):
        levels = np.asarray(finished(_content(size), Painting(canvas), Dials()), int)
        plain = np.asarray(canvas.resize(size, Image.Resampling.BICUBIC), int)
        contrast[zoom] = int(np.ptp(levels) - np.ptp(plain))
    assert contrast[0.8] <= 0
    assert contrast[1.6] > contrast[1.2] > 0


def test_a_weave_from_pixel_to_pixel_vanishes_where_the_canvas_is_enlarged() -> None:
    rows, columns = np.indices((75, 90))
    weave = np.where((rows + columns) % 2, 100, 140).astype(np.uint8)
    canvas = Image.fromarray(weave).convert("RGB")
    spread = {}
    for zoom, size in ((1.2, (108, 90)), (2.0, (180, 150))):
        result = np.asarray(finished(_content(size), Painting(canvas), Dials()), int)
        spread[zoom] = int(np.ptp(result[8:-8, 8:-8]))
        assert result.mean() == pytest.approx(120, abs=1)
    assert spread[2.0] <= 1 < spread[1.2]


def test_bands_of_a_canvas_are_sharpened_as_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    canvas = Painting(picture(61, 83))
    whole = finished(_content((110, 149)), canvas, Dials())
    monkeypatch.setattr("ganstyle.images.tensors._BAND_PIXELS", 1)
    monkeypatch.setattr("ganstyle.images.tensors._LEAST_ROWS", 7)
    assert finished(_content((110, 149)), canvas, Dials()).tobytes() == whole.tobytes()
