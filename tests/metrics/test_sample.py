import pytest
import torch

from ganstyle.metrics.frechet import frechet_distance
from ganstyle.metrics.sample import Look, Sample, Traits
from ganstyle.metrics.sliced_wasserstein import sample_patches


def look(pictures: int, crops: int = 2, seed: int = 0) -> Look:
    chance = torch.Generator().manual_seed(seed)
    count = pictures * crops
    features = torch.randn(count, 5, generator=chance)
    pixels = torch.rand(count, 3, 32, 32, generator=chance)
    patches = sample_patches(pixels, [chance] * count, levels=3, count=8)
    return Look(
        crops=pixels,
        maps=torch.randn(count, 4, 3, 3, generator=chance),
        traits=Traits(features.view(pictures, crops, 5), {"deep": features}, patches),
    )


def test_batch_size_changes_nothing() -> None:
    whole, parted = Sample(levels=3), Sample(levels=3)
    everything = look(6).traits
    whole.add(everything)
    for part in (slice(0, 1), slice(1, 4), slice(4, 6)):
        parted.add(everything.some(part))
    assert whole.pictures == parted.pictures == 6
    for a, b in zip(whole.features, parted.features, strict=True):
        assert torch.equal(a, b)
    assert torch.allclose(
        whole.moments["deep"].covariance, parted.moments["deep"].covariance, atol=1e-12
    )
    for level in range(whole.patches.depth):
        assert torch.equal(whole.patches.normalized(level), parted.patches.normalized(level))


def test_every_nth_picture_is_kept_while_all_count_for_the_moments() -> None:
    sample = Sample(levels=3, every=3)
    for seed in range(4):
        sample.add(look(2, seed=seed).traits)
    assert len(sample.features) == 3  # of pictures 0 to 7
    assert torch.equal(sample.features[1], look(2, seed=1).traits.features[1])
    everything = Sample(levels=3)
    for seed in range(4):
        everything.add(look(2, seed=seed).traits)
    assert frechet_distance(sample.moments["deep"], everything.moments["deep"]) < 1e-9


def test_likeness_is_1_with_itself_and_by_picture() -> None:
    first, second = look(3, seed=1), look(3, seed=2)
    for own in first.likeness(first):
        assert own.tolist() == pytest.approx([1, 1, 1], abs=1e-4)
    content, edges = first.likeness(second)
    assert content.shape == edges.shape == (3,)
    alone = first.some(slice(2, 3)).likeness(second.some(slice(2, 3)))
    assert [float(content[2]), float(edges[2])] == pytest.approx([float(v) for v in alone])
    assert content.abs().max() < 0.9
