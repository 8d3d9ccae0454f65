import math

import pytest
import torch

from ganstyle.metrics.flat_pattern import flat_areas, flat_pattern

FLAT = torch.full((3, 160, 200), 0.6)


def pattern(result: torch.Tensor, photo: torch.Tensor = FLAT) -> float:
    areas = flat_areas(photo)
    assert areas
    return flat_pattern(result, areas)


def _waves(period: float) -> torch.Tensor:
    columns = torch.arange(200) * (2 * math.pi / period)
    return 0.02 * torch.sin(columns).expand(3, 160, 200)


def test_noise_has_no_pattern() -> None:
    torch.manual_seed(0)
    assert pattern(FLAT + 0.02 * torch.randn(1, 160, 200)) < 0.05


@pytest.mark.parametrize("period", [5, 8, 12])
def test_a_hatching_has_one_even_under_noise(period: int) -> None:
    torch.manual_seed(0)
    assert pattern(FLAT + _waves(period)) > 0.8
    assert pattern(FLAT + _waves(period) + 0.01 * torch.randn(1, 160, 200)) > 0.4


def test_only_what_is_flat_in_the_photo_counts() -> None:
    torch.manual_seed(0)
    photo = FLAT.clone()
    photo[..., 100:] = torch.rand(3, 160, 100)
    grain = 0.02 * torch.randn(1, 160, 200)
    hatched = torch.where(torch.arange(200) < 120, grain, grain + 10 * _waves(8))
    assert pattern(FLAT + hatched, photo) < 0.05


def test_shading_is_no_pattern() -> None:
    torch.manual_seed(0)
    shading = torch.linspace(0, 0.3, 200).expand(3, 160, 200)
    assert pattern(FLAT + shading + 0.01 * torch.randn(1, 160, 200)) < 0.05


def test_noise_has_no_flat_areas() -> None:
    assert flat_areas(torch.rand(3, 160, 200)) is None
