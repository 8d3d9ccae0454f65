"""Flicker is what changes in a painting while the clip stands still."""

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganstyle.painting.painter import Painter
from tests.conftest import PAINTING, lively_generator, picture
from tests.videos.clips import clip

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))  # scripts, not a package

from flicker import compare, flicker, stands_still


def _with_square(left: int) -> Image.Image:
    image = picture(80, 60)
    image.paste((255, 0, 0), (left, 20, left + 16, 40))
    return image


def test_pixels_that_move_are_told_from_those_that_do_not() -> None:
    still = stands_still(_with_square(10), _with_square(40))
    assert still[:, 70:].all()
    assert not still[25:35, 12:24].any()
    assert not still[25:35, 42:54].any()


def test_the_change_of_either_kind_is_the_mean() -> None:
    one, two = Image.new("RGB", (4, 2)), Image.new("RGB", (4, 2), (6, 0, 0))
    two.putpixel((0, 0), (30, 30, 30))
    still = np.ones((2, 4), bool)
    still[0, 0] = False
    found = flicker([one, two], [still])
    assert found.still == pytest.approx(2)
    assert found.moving == pytest.approx(30)


def test_a_still_clip_flickers_only_without_steadiness(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    scene = np.asarray(picture(80, 60), int)
    frames = [(scene + rng.normal(0, 2, scene.shape)).clip(0, 255) for _ in range(5)]
    path = clip(tmp_path / "a.mp4", [Image.fromarray(frame.astype(np.uint8)) for frame in frames])
    painter = Painter(lively_generator(PAINTING), device="cpu", precision="float32")
    rows = compare(path, painter, 4, 80)
    assert [row[2] for row in rows] == [
        *("the clip's own", "`--steady 0`", "`--steady 0.5`", "`--steady 1`")
    ]
    without, with_it = float(rows[1][3]), float(rows[2][3])
    assert with_it < 0.2 < without
