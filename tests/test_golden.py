"""Golden pixels: the shipped styles still draw the pictures that they drew."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganstyle import Dials, load_generator, stylize_image
from ganstyle.styles import shipped_styles

GOLDEN = Path(__file__).parent / "golden"
"""photo.png, a part of examples/kitten.jpg, draft.png, examples/drafts/lake.png made small, and
what each style makes of them in float32, STYLE-photo.png and STYLE-draft.png.

After a style was trained anew: `python -m tests.test_golden`, and look at what came out.
"""

DIALS = {
    "photo": Dials(treat_as="photo", faces=False, brush=8),  # of two levels
    "draft": Dials(treat_as="draft", brush=2),
}
"""How each picture is painted."""


def _stylized(style: str, picture: str) -> Image.Image:
    generator = load_generator(shipped_styles()[style])
    with Image.open(GOLDEN / f"{picture}.png") as image:
        return stylize_image(image.convert("RGB"), generator, DIALS[picture])


@pytest.mark.parametrize("picture", DIALS)
@pytest.mark.parametrize("style", shipped_styles())
def test_a_shipped_style_draws_what_it_drew(style: str, picture: str) -> None:
    with Image.open(GOLDEN / f"{style}-{picture}.png") as golden:
        expected = np.asarray(golden, np.int16)
    difference = np.abs(np.asarray(_stylized(style, picture), np.int16) - expected)
    # Another CPU may round a value of the first level otherwise, which a later one shows.
    assert (difference > 1).mean() < 0.001
    assert difference.max() < 8


def test_every_golden_picture_has_its_style() -> None:
    found = {path.stem for path in GOLDEN.glob("*.png")} - set(DIALS)
    assert found == _names()


def _names() -> set[str]:
    return {f"{style}-{picture}" for style in shipped_styles() for picture in DIALS}


if __name__ == "__main__":
    for path in GOLDEN.glob("*.png"):
        if path.stem not in _names() | set(DIALS):
            path.unlink()
    for style in shipped_styles():
        for picture in DIALS:
            _stylized(style, picture).save(GOLDEN / f"{style}-{picture}.png")
