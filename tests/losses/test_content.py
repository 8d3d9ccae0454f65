import torch
from torch import tensor

from ganstyle.losses.content import color_distance, feature_distance, flatness


def test_feature_distance_of_equal_and_opposite_maps() -> None:
    maps = {8: torch.randn(2, 5, 4, 4), 16: torch.randn(2, 5, 2, 2)}
    opposite = {s: -m for s, m in maps.items()}
    assert feature_distance(maps, maps, (8, 16)) == 0
    expected = sum(4 * m.square().mean() for m in maps.values()) / 2
    assert torch.isclose(feature_distance(maps, opposite, (8, 16)), tensor(float(expected)))


def test_color_distance_ignores_texture_inside_a_cell() -> None:
    gray = torch.full((1, 3, 32, 32), 0.5)
    checks = gray.clone()
    checks[..., ::2] += 0.25
    checks[..., 1::2] -= 0.25
    assert color_distance(checks, gray) < 1e-6


def test_color_distance_is_squared() -> None:
    gray = torch.full((1, 3, 16, 16), 0.5)
    assert torch.isclose(color_distance(gray + 0.2, gray), tensor(0.2**2))


def test_flatness_spares_edges_of_the_photo() -> None:
    edge = torch.zeros(1, 3, 8, 8)
    edge[..., 4:] = 1
    assert flatness(edge, edge) < 1e-6
    assert flatness(edge, torch.zeros_like(edge)) > 0.1
