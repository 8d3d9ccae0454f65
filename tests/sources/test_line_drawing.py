import numpy as np
import pytest
from PIL import Image, ImageDraw

from ganstyle.sources.coloring import color_in
from ganstyle.sources.line_drawing import is_line_drawing, whitened
from tests.conftest import picture


def _drawing(width: int = 400, height: int = 300, bump: int = 0) -> Image.Image:
    """A horizon at 60 % of the height, a sun, a cloud and a house below."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    level = int(0.6 * height)
    x = np.linspace(0, width, 41)
    y = level + bump * np.sin(x / width * 9)
    draw.line(list(zip(x, y, strict=True)), "black", 3)
    draw.ellipse((300, 20, 350, 70), outline="black", width=3)
    draw.ellipse((50, 30, 170, 70), outline="black", width=3)
    draw.rectangle((150, 220, 250, 270), outline="black", width=3)
    return image


def _at(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    value = image.getpixel((x, y))
    assert isinstance(value, tuple)
    return value


def test_lines_on_paper_are_told_from_colours() -> None:
    assert is_line_drawing(_drawing())
    assert is_line_drawing(Image.new("RGB", (64, 48), "white"))
    assert not is_line_drawing(picture(80, 60))
    colored = _drawing()
    colored.paste((120, 180, 90), (0, 250, 400, 300))
    assert not is_line_drawing(colored)


def test_sky_is_above_and_ground_below() -> None:
    drawing = _drawing(bump=12)
    result = color_in(drawing)
    red, green, blue = _at(result, 230, 20)
    assert blue > green > red
    red, green, blue = _at(result, 60, 280)
    assert green > red > blue
    assert _at(result, 110, 50) > (225, 225, 220)  # the cloud
    assert np.asarray(result)[np.asarray(drawing).max(2) == 0].max() == 0  # ink stays


def test_a_level_horizon_is_the_sea_s() -> None:
    red, green, blue = _at(color_in(_drawing(bump=0)), 60, 280)
    assert blue > green > red


def test_the_seed_alone_decides_on_the_weather() -> None:
    first, again, other = (color_in(_drawing(), seed).tobytes() for seed in (0, 0, 1))
    assert first == again != other


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (32, 32), (640, 480)])
def test_an_empty_page_becomes_sky_and_ground(size: tuple[int, int]) -> None:
    result = color_in(Image.new("RGB", size, "white"))
    assert result.size == size
    if size[1] > 2:
        assert _at(result, 0, 0) != _at(result, 0, size[1] - 1)


def test_a_page_full_of_ink_stays_dark() -> None:
    black = Image.new("RGB", (40, 30), "black")
    assert color_in(black).tobytes() == black.tobytes()


def _on_gray(drawing: Image.Image, light: float = 0.8, noise: float = 4) -> Image.Image:
    """A drawing on gray paper that a lamp at the left lights, photographed with noise."""
    draws = np.random.default_rng(0)
    lamp = light * np.linspace(1, 0.75, drawing.width)[:, None]  # (W, 1)
    pencil = 60 + 195 * (np.asarray(drawing) / 255)
    grain = draws.normal(0, noise, pencil.shape)
    return Image.fromarray((pencil * lamp + grain).clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize("light", [0.7, 0.8, 0.92])
def test_pencil_on_gray_paper_is_lines(light: float) -> None:
    assert is_line_drawing(_on_gray(_drawing(bump=12), light))


def test_fog_a_wall_and_a_dark_thing_in_snow_are_no_lines() -> None:
    gray = picture(400, 300).convert("L").convert("RGB")
    assert not is_line_drawing(gray)
    assert not is_line_drawing(gray.point([170 + i // 4 for i in range(256)] * 3))
    assert not is_line_drawing(_on_gray(Image.new("RGB", (400, 300), "white")))
    snow = Image.new("RGB", (400, 300), "white")
    ImageDraw.Draw(snow).ellipse((150, 100, 220, 160), "black")
    assert not is_line_drawing(_on_gray(snow))


def test_paper_becomes_white_and_lines_stay_dark() -> None:
    drawing = _drawing(bump=12)
    assert whitened(drawing).tobytes() == drawing.tobytes()  # it is white
    white = np.asarray(whitened(_on_gray(drawing)).convert("L"))
    lines = np.asarray(drawing.convert("L")) == 0
    assert (white[~lines] > 240).mean() > 0.99
    assert white[lines].max() < 128


def test_a_pencil_drawing_is_coloured_as_one_in_ink_is() -> None:
    drawing = _drawing(bump=12)
    ink, pencil = (np.asarray(color_in(d)).astype(int) for d in (drawing, _on_gray(drawing)))
    assert (np.abs(ink - pencil).max(2) < 24).mean() > 0.95


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (32, 32)])
def test_gray_pages_of_any_size_are_whitened(size: tuple[int, int]) -> None:
    page = Image.new("RGB", size, (190, 188, 180))
    assert not is_line_drawing(page)
    assert np.asarray(whitened(page)).min() == 255
