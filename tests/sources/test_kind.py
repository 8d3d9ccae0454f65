from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from ganstyle.sources.kind import is_draft
from tests.conftest import picture

EXAMPLES = Path(__file__).parents[2] / "examples"
DRAFTS = sorted((EXAMPLES / "drafts").glob("*.png"))
PHOTOS = sorted(EXAMPLES.glob("*.jpg"))


def _opened(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB")


def _at(image: Image.Image, short_side: int) -> Image.Image:
    zoom = short_side / min(image.size)
    size = (round(image.width * zoom), round(image.height * zoom))
    return image.resize(size, Image.Resampling.LANCZOS)


def _jpeg(image: Image.Image, quality: int, scale: int = 1) -> Image.Image:
    """An image out of a JPEG, decoded at 1/scale."""
    file = BytesIO()
    image.save(file, "JPEG", quality=quality)
    decoded = Image.open(file)
    decoded.draft("RGB", (image.width // scale, image.height // scale))
    return decoded.convert("RGB")


def _boat(width: int = 640, height: int = 480) -> Image.Image:
    """Sky, sea, a sail and a sun in one colour each."""
    image = Image.new("RGB", (640, 480), (170, 205, 235))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 280, 640, 480), (60, 100, 150))
    draw.polygon([(300, 100), (300, 300), (420, 300)], (245, 240, 225))
    draw.ellipse((80, 40, 150, 110), (250, 220, 120))
    return image.resize((width, height), Image.Resampling.LANCZOS)


def _textured(seed: int = 0) -> Image.Image:
    """Coarse and fine grain of many colours, as in a photo of leaves."""
    draws = np.random.default_rng(seed)
    coarse = Image.fromarray(draws.integers(0, 256, (12, 16, 3), dtype=np.uint8))
    soft = np.asarray(coarse.resize((320, 240), Image.Resampling.BICUBIC))
    grain = draws.normal(0, 12, soft.shape)
    return Image.fromarray((soft + grain).clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize("path", DRAFTS, ids=lambda path: path.stem)
def test_examples_of_drafts_are_drafts(path: Path) -> None:
    draft = _opened(path)
    assert is_draft(draft)
    assert is_draft(_jpeg(draft, 75))
    for short_side in (320, 1000):
        assert is_draft(_at(draft, short_side))
        assert is_draft(_jpeg(_at(draft, short_side), 75))


@pytest.mark.parametrize("path", PHOTOS, ids=lambda path: path.stem)
def test_examples_of_photos_are_none(path: Path) -> None:
    photo = _at(_opened(path), 480)
    assert not is_draft(photo)
    assert not is_draft(_jpeg(photo, 75))
    assert not is_draft(photo.convert("L").convert("RGB"))
    assert not is_draft(photo.point([round(255 * (i / 255) ** 2.5) for i in range(256)] * 3))


@pytest.mark.parametrize("quality", [75, 95])
@pytest.mark.parametrize("scale", [1, 2, 4, 8])
def test_the_size_does_not_matter(quality: int, scale: int) -> None:
    assert is_draft(_jpeg(_boat(2560, 1920), quality, scale))
    assert not is_draft(_jpeg(_at(_textured(), 1920), quality, scale))


def test_a_draft_of_4000_px_is_one() -> None:
    assert is_draft(_boat(4000, 3000))


def test_soft_colours_fog_and_things_on_white_are_photos() -> None:
    assert not is_draft(picture(640, 480))
    fog = _textured().convert("L").convert("RGB").point([170 + i // 5 for i in range(256)] * 3)
    assert not is_draft(fog)
    product = Image.new("RGB", (640, 480), "white")
    product.paste(_textured(), (160, 120))
    assert not is_draft(product)
    gray = Image.new("RGB", (640, 480), "white")
    gray.paste(_textured().convert("L").resize((160, 120)), (240, 180))
    assert not is_draft(gray)
    night = Image.new("RGB", (640, 480), "black")
    night.paste(_textured(1), (0, 240))
    assert not is_draft(night)


def test_text_on_a_screen_and_a_logo_are_drafts() -> None:
    logo = Image.new("RGB", (512, 512), "white")
    ImageDraw.Draw(logo).ellipse((90, 90, 420, 420), "navy")
    screen = Image.new("RGB", (800, 600), "white")
    draw = ImageDraw.Draw(screen)
    draw.rectangle((0, 0, 800, 60), "teal")
    draw.rectangle((0, 60, 200, 600), (236, 238, 240))
    for y in range(80, 580, 30):
        draw.text((220, y), "what a program says about itself", "black")
    for image in (logo, screen):
        assert is_draft(image)
        assert is_draft(_jpeg(image, 75))


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (2, 2), (5, 4000), (31, 17)])
def test_any_size_has_an_answer(size: tuple[int, int]) -> None:
    assert is_draft(Image.new("RGB", size, "white"))
    assert not is_draft(Image.new("RGB", size, "black"))
    assert isinstance(is_draft(_textured().resize(size)), bool)
