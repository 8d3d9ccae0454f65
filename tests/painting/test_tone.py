import numpy as np
import pytest
import torch
from PIL import Image

from ganstyle.images.tensors import from_pixels, to_pixels
from ganstyle.models.palette import PaletteTransfer
from ganstyle.painting.tone import match_tone
from tests.conftest import picture


def _matched(
    canvas: Image.Image,
    content: Image.Image,
    area: float,
    palette: PaletteTransfer | None = None,
    amount: float = 1.0,
) -> Image.Image:
    pixels = to_pixels([canvas])
    match_tone(pixels, [content], area, palette, amount)
    return from_pixels(pixels)[0]


def _array(image: Image.Image) -> np.ndarray:
    return np.asarray(image, dtype=float)


def test_areas_get_the_colours_of_the_content_and_strokes_stay() -> None:
    content = Image.new("RGB", (96, 64), (200, 150, 90))
    content.paste((40, 80, 160), (48, 0, 96, 64))
    strokes = np.random.default_rng(0).integers(-30, 31, (64, 96, 1))
    canvas = Image.fromarray((strokes + np.array([120, 130, 110])).astype(np.uint8))
    matched = _matched(canvas, content, 8)
    for x in (0, 56):  # hardly away from the edge between both
        box = (x, 0, x + 32, 64)
        painted, wanted = _array(matched.crop(box)), _array(content.crop(box))
        assert np.abs(painted.mean((0, 1)) - wanted.mean((0, 1))).max() < 2
        assert painted.std((0, 1)).min() > 0.8 * _array(canvas.crop(box)).std((0, 1)).min()


def test_a_reduced_content_image_will_do() -> None:
    content, canvas = picture(96, 64), picture(96, 64, seed=1)
    reduced = content.resize((32, 21), Image.Resampling.BILINEAR)
    whole, small = (_matched(canvas, image, 16) for image in (content, reduced))
    assert np.abs(_array(whole) - _array(small)).mean() < 4


def test_a_part_of_the_way_will_do() -> None:
    canvas, content = Image.new("RGB", (64, 64), (100,) * 3), Image.new("RGB", (64, 64), (200,) * 3)
    half = _matched(canvas, content, 16, amount=0.5)
    assert half.getpixel((32, 32)) == (150, 150, 150)


def test_the_palette_of_the_style_stays() -> None:
    palette = PaletteTransfer()
    palette.offset += torch.tensor([0.2, 0.0, -0.2])
    gray = Image.new("RGB", (32, 32), (128, 128, 128))
    matched = _matched(gray, gray, 8, palette)
    assert matched.getpixel((16, 16)) == (179, 128, 77)


@pytest.mark.parametrize("size", [(1, 1), (3, 200)])
def test_images_smaller_than_an_area_have_one_colour_to_match(size: tuple[int, int]) -> None:
    canvas, content = Image.new("RGB", size, (9, 9, 9)), Image.new("RGB", size, (200, 100, 0))
    matched = _matched(canvas, content, 500)
    assert matched.getpixel((0, 0)) == (200, 100, 0)


def test_no_light_falls_over_an_edge() -> None:
    content = Image.new("RGB", (96, 96), (40, 60, 120))
    content.paste((250, 250, 240), (32, 0, 64, 96))  # a tower
    canvas = Image.new("RGB", (96, 96), (40, 60, 120))
    canvas.paste((180, 180, 180), (32, 0, 64, 96))
    sky = _array(_matched(canvas, content, 16))[:, 68:72].mean((0, 1))
    assert np.abs(sky - (40, 60, 120)).max() < 12


def test_strips_equal_the_whole_to_the_last_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    content, canvas = picture(96, 64), picture(96, 64, seed=1)
    whole = _matched(canvas, content, 16)
    monkeypatch.setattr("ganstyle.painting.tone._STRIP_PIXELS", 64 * 7)
    strips = _matched(canvas, content, 16)
    assert strips.tobytes() == whole.tobytes() != canvas.tobytes()
