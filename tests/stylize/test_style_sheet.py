from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from ganstyle.config import Dials
from ganstyle.errors import ImageError
from ganstyle.images.contact_sheet import SIDE
from ganstyle.images.tensors import read_image
from ganstyle.models.generator import Generator
from ganstyle.models.pretrained import save_generator
from ganstyle.painting.stylize_image import stylize_image
from ganstyle.runtime import pick_runtime
from ganstyle.stylize.style_sheet import draw_style_sheet
from tests.conftest import PAINTING, info_for, lively_generator, picture

CPU = pick_runtime("cpu", "float32")


def _software(path: Path) -> str:
    with Image.open(path) as image:
        return str(image.getexif()[ExifTags.Base.Software])


def test_the_photo_and_each_style_stand_on_the_sheet(tmp_path: Path, lively: Generator) -> None:
    styles = {}
    generators = {"plain": lively, "painted": lively_generator(PAINTING)}
    for name, generator in generators.items():
        styles[name] = tmp_path / f"{name}.safetensors"
        save_generator(styles[name], generator, info_for(generator))
    photo = picture(120, 80)
    photo.save(tmp_path / "photo.png")
    sheet = tmp_path / "sheet.png"
    draw_style_sheet(tmp_path / "photo.png", sheet, styles, CPU, Dials())
    assert _software(sheet).startswith("ganstyle ")
    found = read_image(sheet)
    assert found.size == (300, 300)  # two and one, with frames and captions
    results = [photo, *(stylize_image(photo, each) for each in generators.values())]
    for expected, corner in zip(results, ((20, 20), (160, 20), (20, 160)), strict=True):
        part = found.crop((*corner, corner[0] + 120, corner[1] + 80))
        difference = np.asarray(part).astype(int) - np.asarray(expected)
        assert np.abs(difference).mean() < 1  # the checkpoint keeps float16


def test_a_large_photo_is_reduced_and_a_tiny_one_is_as_good(
    tmp_path: Path, checkpoint: Path
) -> None:
    picture(2 * SIDE, SIDE).save(tmp_path / "large.jpg")
    sheet = tmp_path / "sheet.jpg"
    draw_style_sheet(tmp_path / "large.jpg", sheet, {"test": checkpoint}, CPU, Dials())
    with Image.open(sheet) as drawn:
        assert drawn.width < 3 * SIDE
    picture(1, 3).save(tmp_path / "tiny.png")
    draw_style_sheet(tmp_path / "tiny.png", sheet, {"test": checkpoint}, CPU, Dials())
    assert _software(sheet).startswith("ganstyle ")
    with pytest.raises(ImageError, match=r"\.txt"):
        draw_style_sheet(tmp_path / "large.jpg", tmp_path / "sheet.txt", {}, CPU, Dials())
