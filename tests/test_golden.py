"""Golden pixels: the shipped styles still draw the pictures that they drew."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganstyle import load_generator, stylize_image
from ganstyle.styles import shipped_styles

GOLDEN = Path(__file__).parent / "golden"
"""input.png, a part of examples/kitten.jpg, and a result of each style in float32.

After a style was trained anew: `python -m tests.test_golden`, and look at what came out.
"""


def _stylized(style: str) -> Image.Image:
    with Image.open(GOLDEN / "input.png") as image:
        return stylize_image(image.convert("RGB"), load_generator(shipped_styles()[style]))


@pytest.mark.parametrize("style", sorted(shipped_styles()))
def test_a_shipped_style_draws_what_it_drew(style: str) -> None:
    with Image.open(GOLDEN / f"{style}.png") as golden:
        difference = np.abs(np.asarray(_stylized(style), np.int16) - np.asarray(golden, np.int16))
    assert difference.max() <= 1


def test_every_golden_picture_has_its_style() -> None:
    found = {path.stem for path in GOLDEN.glob("*.png")} - {"input"}
    assert found == set(shipped_styles())


if __name__ == "__main__":
    for name in shipped_styles():
        _stylized(name).save(GOLDEN / f"{name}.png")
