from dataclasses import replace

import pytest
import torch

from ganstyle.features.extractor import FarFeatures, Features
from ganstyle.metrics.content import content_scores, feature_similarity


def features(images: int, crops: int = 2, seed: int = 0) -> Features:
    rng = torch.Generator().manual_seed(seed)
    count = images * crops
    style = torch.randn(images, crops, 5, generator=rng)
    return Features(
        crops=torch.rand(count, 3, 32, 32, generator=rng),
        maps=torch.randn(count, 4, 3, 3, generator=rng),
        style=style,
        depths={"deep": style.flatten(0, 1)},
        far=FarFeatures(style, torch.randn(count, 4, 3, 3, generator=rng)),
    )


def test_similarity_of_equal_and_opposite_maps() -> None:
    maps = torch.randn(2, 5, 2, 2)
    assert torch.allclose(feature_similarity(maps, maps), torch.ones(2))
    assert torch.allclose(feature_similarity(maps, -maps), -torch.ones(2))


def test_scores_are_1_with_itself_and_by_image() -> None:
    first, second = features(3, seed=1), features(3, seed=2)
    for own in content_scores(first, first):
        assert own.tolist() == pytest.approx([1, 1, 1], abs=1e-4)
    both = content_scores(first, second)
    assert {scores.shape for scores in both} == {(3,)}
    alone = content_scores(first.subset(slice(2, 3)), second.subset(slice(2, 3)))
    assert [float(v[2]) for v in both] == pytest.approx([float(v) for v in alone])
    assert both.similarity.abs().max() < 0.9
    unseen = content_scores(replace(first, far=None), second)
    assert unseen.far.isnan().all()
