from itertools import pairwise

import pytest

from ganstyle.painting.levels import NEAR_ENOUGH, plan_levels

LARGE = [(1155, 866), (4000, 3000), (8000, 6000)]
"""A photo of 1, 12 and 48 megapixels."""

PANORAMAS = [(12000, 600), (500, 9000), (2000, 40)]


def test_the_first_canvas_is_the_same_for_1_12_and_48_megapixels() -> None:
    assert {plan_levels(size, 320, 2)[0] for size in LARGE} == {(427, 320)}


@pytest.mark.parametrize("size", [*LARGE, *PANORAMAS, (320, 240), (97, 101), (1, 1), (3, 1)])
@pytest.mark.parametrize("side", [40, 320, 300.3])
@pytest.mark.parametrize("enlarged", [2, 10])
def test_each_canvas_is_at_most_twice_the_one_before_and_the_last_near_enough(
    size: tuple[int, int], side: float, enlarged: float
) -> None:
    levels = plan_levels(size, side, enlarged)
    assert min(min(level) for level in levels) >= 1
    for coarse, fine in pairwise(levels):
        assert all(a < b <= 2 * a + 1 for a, b in zip(coarse, fine, strict=True))  # rounded
    shorts = [min(level) for level in levels]
    assert shorts[0] == round(min(side, enlarged * min(size)))
    assert NEAR_ENOUGH * (shorts[-1] + 0.5) >= min(size)
    for width, height in levels:
        assert width * size[1] == pytest.approx(height * size[0], abs=max(size))


@pytest.mark.parametrize(
    ("size", "enlarged", "canvas"),
    [
        ((320, 240), 2, (267, 200)),
        ((150, 100), 2, (300, 200)),
        ((60, 40), 2, (120, 80)),
        ((32, 32), 10, (200, 200)),
        ((4, 8), 10, (40, 80)),
    ],
)
def test_a_small_image_is_painted_at_once_and_enlarged_only_so_far(
    size: tuple[int, int], enlarged: float, canvas: tuple[int, int]
) -> None:
    assert plan_levels(size, 200, enlarged) == (canvas,)


def test_what_a_broad_brush_has_painted_is_refined_in_small_images_as_well() -> None:
    assert plan_levels((540, 360), 240, 2, 320) == ((360, 240), (480, 320))
    assert plan_levels((150, 100), 240, 2, 320) == ((300, 200),)  # enlarged no further
    assert plan_levels((540, 360), 320, 2, 320) == ((480, 320),)
