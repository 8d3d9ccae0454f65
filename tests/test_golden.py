"""Golden pixels: the shipped styles still draw the pictures that they drew."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganstyle import Dials, Painter
from ganstyle.runtime import int8_is_native
from ganstyle.styles import read_info, shipped_styles

GOLDEN = Path(__file__).parent / "golden"
"""photo.png, a part of examples/kitten.jpg, draft.png, examples/drafts/lake.png made small, and
what each style makes of them, STYLE-photo.png and STYLE-draft.png in float32, STYLE-photo-int8.png
and STYLE-draft-int8.png in 8 bits, where the style was measured for them.

After a style was trained anew: `python -m tests.test_golden` on a CPU with products of 8 bits, and
look at what came out.
"""


def _int8(path: Path) -> bool:
    """Whether the style in a checkpoint was measured for 8 bits."""
    return bool(read_info(path).config.get("int8"))


DIALS = {
    "photo": Dials(treat_as="photo", faces=False, brush=8),  # of two levels
    "draft": Dials(treat_as="draft", brush=2),
}
"""How each picture is painted."""


def _stylized(style: str, picture: str, precision: str = "float32") -> Image.Image:
    painter = Painter(style, DIALS[picture], device="cpu", precision=precision)
    assert painter.runtime.precision == precision
    return painter.stylize(GOLDEN / f"{picture}.png")


def _difference(image: Image.Image, name: str) -> np.ndarray:
    with Image.open(GOLDEN / f"{name}.png") as golden:
        return np.abs(np.asarray(image, np.int16) - np.asarray(golden, np.int16))


@pytest.mark.parametrize("picture", DIALS)
@pytest.mark.parametrize("style", shipped_styles())
def test_a_shipped_style_draws_what_it_drew(style: str, picture: str) -> None:
    difference = _difference(_stylized(style, picture), f"{style}-{picture}")
    # Another CPU may round a value of the first level otherwise, which a later one shows.
    assert (difference > 1).mean() < 0.001
    assert difference.max() < 8


@pytest.mark.skipif(not int8_is_native(), reason="needs fast 8-bit products")
@pytest.mark.parametrize("picture", DIALS)
@pytest.mark.parametrize("style", [name for name, path in shipped_styles().items() if _int8(path)])
def test_a_shipped_style_draws_what_it_drew_in_8_bits(style: str, picture: str) -> None:
    difference = _difference(_stylized(style, picture, "int8"), f"{style}-{picture}-int8")
    # What another CPU rounds otherwise goes a whole step of 8 bits further here.
    assert (difference > 2).mean() < 0.01
    assert difference.mean() < 0.1


def test_every_golden_picture_has_its_style() -> None:
    found = {path.stem for path in GOLDEN.glob("*.png")} - set(DIALS)
    assert found == _names()


def _names() -> set[str]:
    return {
        f"{style}-{picture}{precision}"
        for style, path in shipped_styles().items()
        for picture in DIALS
        for precision in (("", "-int8") if _int8(path) else ("",))
    }


if __name__ == "__main__":
    for path in GOLDEN.glob("*.png"):
        if path.stem not in _names() | set(DIALS):
            path.unlink()
    for name in sorted(_names()):
        style, picture, *precision = name.split("-")
        _stylized(style, picture, *precision).save(GOLDEN / f"{name}.png")
