import numpy as np
import pytest
from PIL import Image

from ganstyle.stylize.steady import Steadiness, painted_over, small_size
from tests.conftest import picture

SIZE = (200, 120)


def _noisy(image: Image.Image, deviation: float, seed: int) -> Image.Image:
    noise = np.random.default_rng(seed).normal(0, deviation, (*image.size[::-1], 3))
    return Image.fromarray((np.asarray(image) + noise).round().clip(0, 255).astype(np.uint8))


def _coverage(mask: Image.Image | None) -> float:
    """Share of a frame that is painted over."""
    return 1.0 if mask is None else float(np.asarray(mask).mean() / 255)


@pytest.mark.parametrize("deviation", [0, 1, 3, 6])
def test_a_still_scene_is_painted_once_for_all_its_noise(deviation: float) -> None:
    steadiness, scene = Steadiness(0.5), picture(*SIZE)
    masks = [steadiness.changes(_noisy(scene, deviation, seed)) for seed in range(12)]
    assert masks[0] is None
    assert max(map(_coverage, masks[1:])) < 0.003


def test_what_moves_is_painted_over_and_the_rest_kept() -> None:
    steadiness, scene = Steadiness(0.5), picture(*SIZE)
    steadiness.changes(_noisy(scene, 1, 0))
    moved = scene.copy()
    moved.paste((250, 40, 40), (60, 40, 90, 70))
    mask = steadiness.changes(_noisy(moved, 1, 1))
    assert mask is not None
    pixels = np.asarray(mask)
    assert pixels[42:68, 62:88].min() == 255
    assert pixels[:, 110:].max() == 0
    assert 0 < pixels[55, 94] < 255  # a soft border


def test_a_cut_is_painted_anew() -> None:
    steadiness = Steadiness(0.5)
    steadiness.changes(picture(*SIZE, seed=0))
    assert steadiness.changes(picture(*SIZE, seed=1)) is None


def test_slow_changes_are_painted_in_time() -> None:
    steadiness = Steadiness(0.5)
    gray = [Image.new("RGB", SIZE, (100 + step,) * 3) for step in range(40)]
    masks = [steadiness.changes(image) for image in gray]
    assert sum(_coverage(mask) > 0 for mask in masks[1:]) >= 3


def test_the_dial_goes_from_nothing_to_much() -> None:
    scene = picture(*SIZE)
    other = scene.point(lambda value: value + 5)
    coverage = []
    for amount in (0.0, 0.25, 1.0):
        steadiness = Steadiness(amount)
        steadiness.changes(scene)
        coverage.append(_coverage(steadiness.changes(other)))
    assert coverage[0] == coverage[1] == 1
    assert coverage[2] == 0


def test_paint_is_laid_over_where_the_mask_says() -> None:
    before, new = Image.new("RGB", (8, 4), "black"), Image.new("RGB", (8, 4), "white")
    mask = Image.new("L", (2, 1))
    mask.putpixel((1, 0), 255)
    laid = np.asarray(painted_over(before, new, mask))
    assert laid[:, 0].max() == 0
    assert laid[:, 7].min() == 255


def test_frames_are_compared_small() -> None:
    assert small_size((1920, 1080)) == (284, 160)
    assert small_size((64, 48)) == (64, 48)
    assert small_size((5000, 2)) == (5000, 2)
