import math

import pytest
import torch
from torch import Tensor

from ganstyle.errors import DataError
from ganstyle.metrics.sliced_wasserstein import (
    PyramidPatches,
    laplacian_pyramid,
    sample_patches,
    sliced_distance,
    sliced_wasserstein,
)


def _chance(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _noise(count: int, seed: int, side: int = 32) -> Tensor:
    return torch.rand(count, 3, side, side, generator=_chance(seed))


def _patches(
    *batches: Tensor, seed: int = 0, levels: int = 2, per_picture: int = 16, capacity: int = 4096
) -> PyramidPatches:
    patches = PyramidPatches(_chance(seed), levels=levels, capacity=capacity)
    places = _chance(seed)
    for batch in batches:
        chances = [places] * len(batch)
        patches.update(sample_patches(batch, chances, levels=levels, count=per_picture))
    return patches


@pytest.mark.parametrize("size", [(32, 48), (33, 47)])
def test_the_levels_of_the_pyramid_add_up_to_the_picture(size: tuple[int, int]) -> None:
    picture = torch.rand(2, 3, *size, generator=_chance())
    finest, middle, coarsest = laplacian_pyramid(picture, 3)
    assert finest.shape == picture.shape
    assert coarsest.shape[-2:] == (math.ceil(size[0] / 4), math.ceil(size[1] / 4))
    smooth = laplacian_pyramid(picture, 2)[1]
    assert torch.equal(laplacian_pyramid(smooth, 2)[0], middle)
    assert torch.equal(laplacian_pyramid(smooth, 2)[1], coarsest)
    flat = laplacian_pyramid(torch.full((1, 3, *size), 0.7), 3)
    assert max(float(level.abs().max()) for level in flat[:2]) < 1e-6
    assert torch.allclose(flat[2], torch.tensor(0.7))


def test_a_ripple_of_two_pixels_stays_at_the_finest_level() -> None:
    ripple = (torch.arange(32) % 2).float().expand(1, 3, 32, 32)
    finest, coarse = laplacian_pyramid(ripple, 2)
    assert torch.allclose(finest, ripple - 0.5, atol=1e-6)
    assert torch.allclose(coarse, torch.tensor(0.5), atol=1e-6)


def test_gaussians_of_two_deviations_are_at_the_known_distance() -> None:
    x = torch.randn(20000, 8, generator=_chance(0))
    y = 3 * torch.randn(15000, 8, generator=_chance(1))
    # W1 of N(0, 1) and N(0, s^2) is |s - 1| E|z|, on every direction
    expected = 2 * math.sqrt(2 / math.pi)
    assert sliced_distance(x, y, _chance(2), 32) == pytest.approx(expected, rel=0.02)


def test_a_shift_counts_by_the_mean_length_of_its_projection() -> None:
    x = torch.randn(100, 3, generator=_chance(0))
    y = x + torch.tensor([2.0, 0, 0])  # |cos| is 1/2 on average over a sphere
    assert sliced_distance(x, y, _chance(1), 4000) == pytest.approx(1, rel=0.03)


def test_one_dimension_equals_the_distance_of_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    x = torch.randn(500, 1, generator=_chance(0))
    y = torch.rand(500, 1, generator=_chance(1)) * 2 + 1
    expected = stats.wasserstein_distance(x[:, 0].numpy(), y[:, 0].numpy())
    assert sliced_distance(x, y, _chance(2), 3) == pytest.approx(expected, rel=1e-5)
    # a part of the same sample: quantiles, not places in the order
    part = y[torch.arange(0, 500, 2)]
    expected = stats.wasserstein_distance(x[:, 0].numpy(), part[:, 0].numpy())
    assert sliced_distance(x, part, _chance(2), 3) == pytest.approx(expected, rel=0.02)


def test_the_larger_set_is_read_at_the_quantiles_of_the_smaller() -> None:
    x, y = torch.arange(4.0)[:, None], torch.tensor([[0.5], [2.5]])  # the middles of its halves
    assert sliced_distance(x, y, _chance(), 1) == 0
    assert sliced_distance(x, y + 1, _chance(), 1) == sliced_distance(y + 1, x, _chance(), 1) == 1


def test_repeating_a_set_changes_nothing() -> None:
    x = torch.randn(64, 5, generator=_chance(0))
    thrice = x.repeat(3, 1)
    assert sliced_distance(x, thrice, _chance(1), 16) == pytest.approx(0, abs=1e-6)
    assert sliced_distance(x, x[:63], _chance(1), 16) > 1e-3


def test_equal_patches_are_at_0_alike_pictures_near_and_blocky_ones_far() -> None:
    pictures = _noise(24, seed=0)
    patches = _patches(pictures, per_picture=64)
    same = sliced_wasserstein(patches, _patches(pictures, per_picture=64), _chance())
    assert same.levels == (0, 0)
    # other numbers of pictures
    other = _patches(_noise(16, seed=1), seed=2, per_picture=64)
    alike = sliced_wasserstein(patches, other, _chance())
    coarse = _noise(16, seed=1, side=2).repeat_interleave(16, 2).repeat_interleave(16, 3)
    blocky = sliced_wasserstein(patches, _patches(coarse, seed=2, per_picture=64), _chance())
    assert alike.mean == pytest.approx(sum(alike.levels) / 2)
    assert min(alike.levels) > 0
    finest = sliced_distance(patches.normalized(0), other.normalized(0), _chance(), 512)
    assert alike.levels[0] == pytest.approx(1000 * finest)
    assert min(blocky.levels) > 2 * max(alike.levels)


def test_more_pictures_bring_alike_sets_nearer() -> None:
    few, many = (
        sliced_wasserstein(_patches(_noise(n, seed=0)), _patches(_noise(n, seed=1)), _chance())
        for n in (5, 80)
    )
    assert many.mean < 0.5 * few.mean


def test_a_common_cast_and_contrast_do_not_count() -> None:
    pictures = _noise(8, seed=0)
    cast = pictures * 0.5 + torch.tensor([0.1, 0.3, 0.2])[:, None, None]
    distance = sliced_wasserstein(_patches(pictures), _patches(cast), _chance())
    assert max(distance.levels) < 5  # float16 rounds


def test_batch_size_does_not_show() -> None:
    pictures = _noise(9, seed=0)
    whole = _patches(pictures, capacity=100)
    parts = _patches(*torch.split(pictures, 2), capacity=100)
    for level in range(2):
        assert torch.equal(whole.normalized(level), parts.normalized(level))


def test_patches_are_windows_of_the_level() -> None:
    pictures = _noise(3, seed=0)
    kept = _patches(pictures, levels=1).normalized(0)
    assert kept.shape == (48, 147)
    by_channel = kept.reshape(-1, 3)
    assert torch.allclose(by_channel.mean(0), torch.zeros(3), atol=1e-4)
    assert torch.allclose(by_channel.std(0), torch.ones(3), atol=1e-4)
    windows = pictures.unfold(2, 7, 1).unfold(3, 7, 1)  # (B, 3, 26, 26, 7, 7)
    windows = windows.permute(0, 2, 3, 4, 5, 1).reshape(-1, 147)
    windows = (windows - windows.mean(1, keepdim=True)) / windows.std(1, keepdim=True)
    kept = (kept - kept.mean(1, keepdim=True)) / kept.std(1, keepdim=True)
    likeness = kept @ windows.T / 147
    assert likeness.max(1).values.min() > 0.98


def test_the_reservoir_keeps_every_picture_with_the_same_chance() -> None:
    shades = torch.linspace(0, 1, 40)
    flat = shades[:, None, None, None].expand(40, 3, 8, 8)
    kept = torch.zeros(40)
    for seed in range(60):
        patches = _patches(flat, seed=seed, levels=1, per_picture=5, capacity=50)
        values = patches._kept[0, :, 0, 0, 0].float()
        kept += torch.bincount((values * 39).round().long(), minlength=40)
    # 50 of 200 patches stay: 1.25 a picture on average, 75 in 60 runs, deviation below 7.6
    assert kept.sum() == 3000
    assert kept.min() > 45
    assert kept.max() < 105
    assert kept[:10].sum() == pytest.approx(750, abs=110)
    assert kept[-10:].sum() == pytest.approx(750, abs=110)


def test_memory_stays_and_flat_pictures_give_a_number() -> None:
    patches = _patches(torch.full((50, 3, 16, 16), 0.5), capacity=60)
    before = patches._kept.data_ptr()
    flat = torch.full((50, 3, 20, 40), 0.5)
    patches.update(sample_patches(flat, [_chance()] * 50, levels=2, count=16))
    assert patches._kept.data_ptr() == before
    assert patches.seen == 1600
    assert patches.normalized(0).shape == (60, 147)
    assert sliced_wasserstein(patches, patches, _chance()).mean == 0


def test_too_little_is_an_error() -> None:
    with pytest.raises(DataError, match="40x12 px; 2 levels of patches need 13 or more"):
        _patches(torch.rand(1, 3, 12, 40))
    assert _patches(torch.rand(1, 3, 13, 40)).normalized(1).isfinite().all()
    with pytest.raises(DataError, match="got none"):
        sliced_wasserstein(_patches(), _patches(_noise(1, seed=0)), _chance())
