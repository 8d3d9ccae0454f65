from itertools import pairwise

import pytest
import torch
from PIL import Image

from ganstyle.images.tensors import scaled, to_batch, to_pixels
from ganstyle.painting.levels import NEAR_ENOUGH, plan_levels, refining_sources
from ganstyle.sources.abstraction import Abstraction, abstract
from tests.conftest import picture

LARGE = [(1155, 866), (4000, 3000), (8000, 6000)]
"""A photo of 1, 12 and 48 megapixels."""

PANORAMAS = [(12000, 600), (500, 9000), (2000, 40)]


def test_the_first_canvas_is_the_same_for_1_12_and_48_megapixels() -> None:
    assert {plan_levels(size, 320, 2)[0] for size in LARGE} == {(427, 320)}


@pytest.mark.parametrize("size", [*LARGE, *PANORAMAS, (320, 240), (97, 101), (1, 1), (3, 1)])
@pytest.mark.parametrize("side", [40, 320, 333.3])
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


@pytest.mark.parametrize("size", [(96, 64), (61, 83), (7, 200)])
def test_a_refining_source_is_the_abstraction_of_the_canvas(size: tuple[int, int]) -> None:
    canvas, abstraction = picture(*size), Abstraction(factor=2, radius=1)
    source = refining_sources(to_pixels([canvas]), size, abstraction)
    expected = abstract(to_batch([canvas]), abstraction)
    assert source.shape == (1, size[1], size[0], 3)
    apart = (scaled(source) - expected).abs() * 255  # rounded twice
    assert apart.mean() < 1
    assert apart.max() < 6


def test_a_canvas_is_enlarged_to_the_size_of_the_next_and_keeps_its_colours() -> None:
    canvas = to_pixels([Image.new("RGB", (30, 20), (200, 30, 90))])
    source = refining_sources(canvas, (60, 40), Abstraction(factor=3, radius=2))
    assert source.shape == (1, 40, 60, 3)
    assert (source == torch.tensor([200, 30, 90], dtype=torch.uint8)).all()


@pytest.mark.parametrize("radius", [0, 1, 3])
def test_bands_equal_the_whole_to_the_last_bit(
    radius: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    abstraction = Abstraction(factor=1, radius=radius)
    canvases = to_pixels([picture(61, 83, seed=seed) for seed in range(2)])
    whole = refining_sources(canvases, (61, 83), abstraction)
    monkeypatch.setattr("ganstyle.painting.levels._BAND_PIXELS", 1)
    monkeypatch.setattr("ganstyle.painting.levels._LEAST_ROWS", 6)
    assert torch.equal(refining_sources(canvases, (61, 83), abstraction), whole)


def test_what_a_broad_brush_has_painted_is_refined_in_small_images_as_well() -> None:
    assert plan_levels((540, 360), 240, 2, 320) == ((360, 240), (480, 320))
    assert plan_levels((150, 100), 240, 2, 320) == ((300, 200),)  # enlarged no further
    assert plan_levels((540, 360), 320, 2, 320) == ((480, 320),)
