import torch
from torch import tensor

from ganstyle.losses.content import color_distance, feature_distance


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
    assert color_distance(checks, gray, cell=1) > 1e-3


def test_color_distance_is_squared_between_roots() -> None:
    def gray(value: float) -> torch.Tensor:
        return torch.full((1, 3, 16, 16), value)

    assert torch.isclose(color_distance(gray(0.47), gray(0.23)), tensor((0.7 - 0.5) ** 2))
    assert color_distance(gray(0.1), gray(0)) > 3 * color_distance(gray(1), gray(0.9))


def test_a_color_counts_more_than_as_much_light() -> None:
    light = torch.full((1, 3, 16, 16), 0.5)
    hue = light.clone()
    hue[:, 0] += 0.1
    gray = light.clone()
    assert color_distance(hue, light) > 1.5 * color_distance(gray + 0.1 / 3**0.5, light)


def test_color_distance_takes_black_without_an_endless_slope() -> None:
    black = torch.zeros(1, 3, 16, 16, requires_grad=True)
    color_distance(black, torch.ones(1, 3, 16, 16)).backward()  # type: ignore[no-untyped-call]
    assert black.grad is not None
    assert black.grad.isfinite().all()
