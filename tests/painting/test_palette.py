"""A picture as the palette of a painting."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ganstyle.config import Dials
from ganstyle.errors import ConfigError, ImageError
from ganstyle.images.tensors import to_batch
from ganstyle.models.generator import Generator
from ganstyle.painting.painter import Painter
from ganstyle.runtime import pick_runtime
from ganstyle.sources.easel import Easel
from ganstyle.sources.oklab import to_lab
from ganstyle.sources.tones import Tones
from tests.conftest import PAINTING, picture

FLOAT32 = pick_runtime("cpu", "float32")
PHOTO, DRAFT = Dials(treat_as="photo", faces=False), Dials(treat_as="draft")

assert PAINTING.easel
EASEL = PAINTING.easel


@pytest.fixture
def sunset(tmp_path: Path) -> Path:
    """A palette from dark red to orange."""
    ramp = np.linspace((60, 10, 10), (250, 170, 60), 64).round().astype(np.uint8)
    path = tmp_path / "sunset.png"
    Image.fromarray(ramp[None].repeat(64, 0)).save(path)
    return path


def _source(dials: Dials, image: Image.Image, easel: Easel = EASEL) -> Image.Image:
    """What the painter draws on at the first level."""
    painter = Painter(Generator(replace(PAINTING, easel=easel)), dials, runtime=FLOAT32)
    return painter.prepare(image).source


def _lab(image: Image.Image) -> np.ndarray:
    """Mean of the image in OKLab, and deviation: (2, 3)."""
    pixels = to_lab(to_batch([image]))[0].flatten(1)
    return np.stack([pixels.mean(1), pixels.std(1)])


def test_a_photo_takes_on_the_colours_and_the_light_of_the_picture(sunset: Path) -> None:
    photo = picture(96, 80)
    before = _lab(_source(PHOTO, photo))
    after = _lab(_source(replace(PHOTO, palette=sunset), photo))
    with Image.open(sunset) as file:
        wanted = _lab(file.convert("RGB"))
    assert np.abs(after[0] - wanted[0]).max() < 0.05
    assert np.abs(before[0] - wanted[0]).max() > 0.1
    bright = _lab(_source(replace(PHOTO, palette=sunset, keep_tone=1.0), photo))
    assert abs(bright[0, 0] - before[0, 0]) < abs(after[0, 0] - before[0, 0])


def test_a_draft_takes_on_the_colours_and_keeps_its_light(sunset: Path) -> None:
    draft = picture(96, 80)
    before, after = (
        _lab(_source(dials, draft)) for dials in (DRAFT, replace(DRAFT, palette=sunset))
    )
    assert after[0, 2] > before[0, 2] + 0.03  # warmer
    assert after[0, 0] == pytest.approx(before[0, 0], abs=0.05)


def test_a_grey_medium_is_tinted_evenly(sunset: Path) -> None:
    gray = torch.full((8, 8, 3), 128, dtype=torch.uint8)
    easel = replace(EASEL, tones=Tones.of([gray]))
    lab = _lab(_source(replace(PHOTO, palette=sunset), picture(96, 80), easel))
    assert lab[0, 2] > 0.03
    assert lab[1, 1:].max() < 0.03


@pytest.mark.parametrize("color", ["black", "white", "gray", (10, 200, 30)])
@pytest.mark.parametrize("size", [(1, 1), (300, 1), (64, 64)])
@pytest.mark.parametrize("dials", [PHOTO, DRAFT])
def test_a_picture_of_one_colour_will_do(
    color: object, size: tuple[int, int], dials: Dials, tmp_path: Path
) -> None:
    path = tmp_path / "plain.png"
    Image.new("RGB", size, color).save(path)  # type: ignore[arg-type]
    painter = Painter(Generator(PAINTING), replace(dials, palette=path), runtime=FLOAT32)
    assert painter.paint([picture(20, 30)])[0].size == (20, 30)


def test_a_picture_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("no picture")
    generator = Generator(PAINTING)
    for name in ("text.jpg", "none.jpg", "."):
        dials = Dials(palette=tmp_path / name)
        with pytest.raises(ImageError, match="cannot be read"):
            Painter(generator, dials, runtime=FLOAT32)
        with pytest.raises(ImageError, match="cannot be read"):
            Painter(generator, runtime=FLOAT32).with_dials(dials)


def test_a_number_is_no_picture() -> None:
    assert Dials(palette="0.5").palette == 0.5
    assert Dials(palette="a.jpg").palette == Path("a.jpg")
    for wrong in (1.5, "1.5", "nan", -0.1):
        with pytest.raises(ConfigError, match=r"it must be from 0 to 1, or a picture\."):
            Dials(palette=wrong)
