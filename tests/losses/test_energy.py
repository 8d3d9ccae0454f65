import pytest
import torch
from torch import Tensor

from ganstyle.losses.energy import color_score, energy_score


def _maps(seed: int, scale: float = 1.0, shift: float = 0.0) -> dict[int, Tensor]:
    rng = torch.Generator().manual_seed(seed)
    return {s: shift + scale * torch.randn(4, 16, 64 // s, 64 // s, generator=rng) for s in (8, 16)}


def test_two_equal_results_pay_their_distance_to_the_target() -> None:
    first, target = _maps(0), _maps(1)
    score = energy_score(first, first, target, (8,))
    place = (first[8] - target[8]).square().mean(1).sqrt().mean()
    large = [m[8].unfold(2, 4, 4).unfold(3, 4, 4).mean((-1, -2)) for m in (first, target)]
    area = (large[0] - large[1]).square().mean(1).sqrt().mean()
    assert float(score) == pytest.approx(float(place + area) / 2, rel=1e-2)


def test_it_is_least_for_results_that_vary_as_the_targets_do() -> None:
    """Of results around the right mean those with the targets' own deviation pay least."""
    scales = (0.0, 0.5, 1.0, 1.5, 2.5)
    scores = [
        float(energy_score(_maps(0, scale), _maps(1, scale), _maps(2), (8, 16))) for scale in scales
    ]
    assert min(scores) == scores[2]
    shifted = energy_score(_maps(0, shift=1), _maps(1, shift=1), _maps(2), (8, 16))
    assert float(shifted) > scores[2]


def test_it_is_never_below_zero_and_has_gradients_where_results_are_equal() -> None:
    first = _maps(0)
    second = {s: m.clone().requires_grad_() for s, m in first.items()}
    score = energy_score(first, second, first, (8, 16))
    score.backward()  # type: ignore[no-untyped-call]
    assert score >= 0
    for m in second.values():
        assert m.grad is not None
        assert m.grad.isfinite().all()


def test_colours_are_scored_in_areas() -> None:
    target = torch.full((1, 3, 64, 64), 0.5)
    checks = target.clone()
    checks[..., ::2, :] += 0.2
    checks[..., 1::2, :] -= 0.2
    assert float(color_score(checks, checks, target, 16)) == pytest.approx(0, abs=0.006)
    darker = color_score(target - 0.2, target - 0.2, target, 16)
    assert float(darker) > 0.1
    # One too dark and one too light: as far off each, but they differ.
    assert color_score(target - 0.2, target + 0.2, target, 16) < 0.5 * darker
