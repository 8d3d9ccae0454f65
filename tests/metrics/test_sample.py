from pathlib import Path

import numpy as np
import pytest
import torch

from ganstyle.config import EvaluateConfig
from ganstyle.features.extractor import Features
from ganstyle.metrics.content import ContentScores
from ganstyle.metrics.crops import crop_batch
from ganstyle.metrics.frechet import frechet_distance
from ganstyle.metrics.sample import (
    BatchFeatures,
    ImageInfo,
    SetStatistics,
    batch_features,
    pyramid_levels,
)
from tests.conftest import picture

SMALL = EvaluateConfig(size=64, crop=32, grid=2)
INFO = ImageInfo(Path("x.png"), (96, 70), np.zeros(64, dtype=bool))


def batch(images: int, seed: int = 0, stems: str = "abcdef", side: int = 32) -> BatchFeatures:
    """Features at random of images of two crops each, and patches of these."""
    config = EvaluateConfig(size=max(64, side), crop=side, grid=2)
    rng = torch.Generator().manual_seed(seed)
    style = torch.randn(images, 2, 5, generator=rng)
    crops = [
        crop_batch(picture(96, 70, seed=10 * seed + i), stems[i], config, 2) for i in range(images)
    ]
    pixels = torch.cat([each.crops for each in crops]).permute(0, 3, 1, 2) / 255
    deep = {"deep": style.flatten(0, 1)}
    features = Features(pixels, torch.zeros(2 * images, 1, 1, 1), style, deep)
    return batch_features([INFO] * images, crops, features)


def test_batch_size_changes_nothing() -> None:
    whole, parted = SetStatistics(levels=3), SetStatistics(levels=3)
    everything = batch(6)
    whole.add(everything)
    for part in (slice(0, 1), slice(1, 4), slice(4, 6)):
        parted.add(everything.subset(part))
    assert whole.images == parted.images == 6
    for a, b in zip(whole.style, parted.style, strict=True):
        assert torch.equal(a, b)
    assert torch.allclose(
        whole.moments["deep"].covariance, parted.moments["deep"].covariance, atol=1e-12
    )
    for level in range(whole.patches.depth):
        assert torch.equal(whole.patches.normalized(level), parted.patches.normalized(level))


def test_every_nth_image_is_kept_while_all_count_for_the_moments() -> None:
    images = SetStatistics(levels=3, every=3)
    for seed in range(4):
        images.add(batch(2, seed))
    assert len(images.style) == 3  # of images 0 to 7
    assert torch.equal(images.style[1], batch(2, seed=1).style[1])
    assert torch.equal(images.style[2], batch(2, seed=3).style[0])
    everything = SetStatistics(levels=3)
    for seed in range(4):
        everything.add(batch(2, seed))
    assert frechet_distance(images.moments["deep"], everything.moments["deep"]) < 1e-9


def test_patches_are_drawn_by_name_from_the_same_places_in_any_batch() -> None:
    together, alone = batch(3, stems="abc"), batch(1, stems="a")
    assert torch.equal(together.subset(slice(0, 1)).patches, alone.patches)
    assert not torch.equal(batch(1, stems="x").patches, alone.patches)


@pytest.mark.parametrize(("crop", "levels"), [(32, 3), (49, 4), (48, 3), (192, 4)])
def test_the_pyramid_is_as_deep_as_crops_allow(crop: int, levels: int) -> None:
    assert pyramid_levels(crop) == levels
    assert batch(1, side=crop).patches.shape[1] == levels


def test_content_scores_are_those_of_the_images_that_have_some() -> None:
    images = SetStatistics(levels=3)
    scores = ContentScores(torch.ones(2), torch.zeros(2), torch.ones(2) / 2)
    images.add(batch(3).subset(slice(0, 2), scores))
    images.add(batch(1))
    assert [values.tolist() for values in images.content] == [[1, 1], [0, 0], [0.5, 0.5]]
