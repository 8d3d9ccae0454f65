from collections import Counter
from dataclasses import replace

import pytest
import torch

from ganstyle.config import EvaluateConfig
from ganstyle.errors import ConfigError
from ganstyle.features.extractor import FeatureExtractor
from ganstyle.images.resize import enlarged
from ganstyle.metrics.crops import chosen_places, crop_batch
from ganstyle.metrics.kid import kernel_blocks
from tests.conftest import picture

SMALL = EvaluateConfig(size=64, crop=32, grid=2)


@pytest.mark.parametrize(("crops", "grid"), [(1, 4), (3, 4), (16, 4), (2, 3)])
def test_places_are_as_many_as_wanted_and_all_come_up_equally(crops: int, grid: int) -> None:
    found = [chosen_places(f"photo {index}", crops, grid) for index in range(900)]
    assert all(len(set(places)) == crops for places in found)
    counts = Counter(place for places in found for place in places)
    expected = 900 * crops / grid**2
    assert set(counts) == set(range(grid**2))
    assert all(abs(count - expected) < 0.35 * expected for count in counts.values())
    assert chosen_places("photo 7", crops, grid) == found[7]


def test_crops_cover_the_corners_at_equal_scale() -> None:
    image = picture(200, 100)
    crops = crop_batch(image, "x", SMALL, 4).crops
    assert crops.shape == (4, 32, 32, 3)
    half = crop_batch(image.resize((100, 50)), "x", SMALL, 4).crops
    assert torch.allclose(crops / 255, half / 255, atol=0.1)


def test_some_crops_are_those_of_the_places_chosen_by_name() -> None:
    image, places = picture(200, 100), chosen_places("x", 2, 2)
    every = crop_batch(image, "x", SMALL, 4).crops
    assert torch.equal(crop_batch(image, "x", SMALL, 2).crops, every[places])


def test_a_result_of_another_size_is_brought_to_its_photo() -> None:
    photo = picture(160, 90)
    plain = crop_batch(photo, "x", SMALL, 4).crops
    for size in ((80, 45), (90, 90)):
        crops = crop_batch(photo.resize(size), "x", SMALL, 4, like=photo).crops
        assert (crops.float() - plain.float()).abs().max() < 25


def test_style_pictures_are_compared_at_the_scale_of_training() -> None:
    """Results with strokes as broad as asked for are near to enlarged style pictures only."""
    styles = [picture(96, 64, seed=s) for s in range(8)]
    results = [enlarged(style, 2) for style in styles]
    broad = [result.crop((0, 0, 96, 64)) for result in results]
    extractor = FeatureExtractor(torch.device("cpu"))

    def kid(zoom: float) -> float:
        sides = (
            [crop_batch(i, "x", SMALL, 4) for i in broad],
            [crop_batch(i, "x", SMALL, 4, zoom=zoom) for i in styles],
        )
        x, y = (list(extractor(side).style) for side in sides)
        return kernel_blocks(x, y).kid

    assert kid(zoom=2) < kid(zoom=1)
    assert crop_batch(styles[0], "x", SMALL, 4, zoom=2).crops.shape == (4, 32, 32, 3)


def test_configs_that_cannot_be_are_refused() -> None:
    with pytest.raises(ConfigError, match="style_zoom is 9"):
        EvaluateConfig(style_zoom=9)
    with pytest.raises(ConfigError, match="size is 16"):
        EvaluateConfig(size=16)


def test_small_sets_give_all_their_crops_and_large_ones_fewer() -> None:
    usual = EvaluateConfig()
    assert [usual.crops_of(count) for count in (1, 100, 400, 1600, 50_000)] == [16, 16, 4, 1, 1]
    assert replace(usual, crops=3).crops_of(50_000) == 3
    assert EvaluateConfig(grid=1, crops=3).crops_of(10) == 1
