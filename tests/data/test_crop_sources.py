import torch

from ganstyle.data.crop_sources import PairedCrops, StyleCrops
from ganstyle.data.crops import CropSet


def _set(channels: int, value: int = 100) -> CropSet:
    pixels = torch.randint(value, (110, 120, channels), generator=_rng(), dtype=torch.uint8)
    return CropSet([(pixels,)], 64)


def _rng() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_style_crops_come_small_and_large_from_sets_of_their_own() -> None:
    crops = StyleCrops(_set(3), _set(3, value=1))
    small, large = crops.sample(2, _rng())
    assert small.images.shape == large.images.shape == (2, 3, 64, 64)
    assert torch.equal(small.images, crops.small.sample(2, _rng()).images)
    assert small.images.max() > 0
    assert large.images.max() == 0
    assert not torch.equal(small.edges, large.edges)  # each cut at a place of its own
    assert crops.sets() == (crops.small, crops.large)


def test_a_pair_is_cut_at_one_place() -> None:
    [[pixels]] = _set(3).pyramids
    pairs = CropSet([(torch.cat([pixels, 100 - pixels], -1),)], 64)
    source, target = PairedCrops(pairs).sample(2, _rng())
    assert source.images.shape == target.images.shape == (2, 3, 64, 64)
    assert torch.allclose(source.images + target.images, torch.tensor(100 / 255))
    assert torch.equal(source.edges, target.edges)
    assert PairedCrops(pairs).sets() == (pairs,)
