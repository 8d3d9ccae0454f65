import math

import pytest
import torch
from torch import Tensor

from ganstyle.errors import DataError
from ganstyle.metrics.classifier import ClassifierResult, classifier_test, fit_logistic


def _rng(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _pictures(
    count: int, seed: int, *, crops: int = 4, length: int = 4, at: float = 0
) -> list[Tensor]:
    crop = torch.randn(count, crops, length, generator=_rng(seed))
    return list(crop + at * torch.eye(length)[0])


def test_two_gaussians_fool_as_often_as_the_best_boundary_lets_them() -> None:
    result = classifier_test(_pictures(2000, 0, at=2), _pictures(2000, 1), _rng(2))
    best = 0.5 * math.erfc(1 / math.sqrt(2))  # beyond the middle of means 2 apart
    assert result.fooled == pytest.approx(best, abs=0.02)
    assert result.recognized == pytest.approx(1 - best, abs=0.02)
    assert result.accuracy == pytest.approx(1 - best, abs=0.02)


@pytest.mark.parametrize("real", [300, 2000])
def test_samples_of_one_distribution_fool_half_the_time(real: int) -> None:
    rates = [
        classifier_test(_pictures(300, 3 * s), _pictures(real, 3 * s + 1), _rng(s)).fooled
        for s in range(10)
    ]
    assert sum(rates) / 10 == pytest.approx(0.5, abs=0.05)


def test_sets_far_apart_fool_nobody() -> None:
    result = classifier_test(_pictures(20, 0, at=50), _pictures(30, 1), _rng(2))
    assert result == ClassifierResult(fooled=0, recognized=1)
    assert result.accuracy == 1


def test_no_picture_is_on_both_sides() -> None:
    # Crops of a picture met before would be told without fail.
    results = [
        classifier_test(_lasting(40, seed=2 * s), _lasting(40, seed=2 * s + 1), _rng(s))
        for s in range(10)
    ]
    assert sum(v.accuracy for v in results) / 10 == pytest.approx(0.5, abs=0.06)


def _lasting(count: int, seed: int) -> list[Tensor]:
    """Pictures whose crops are all but equal, with features enough to know them all by."""
    rng = _rng(seed)
    own = torch.randn(count, 1, 100, generator=rng)
    return list(own + 0.01 * torch.randn(count, 6, 100, generator=rng))


def test_scale_and_offset_of_features_and_the_order_of_crops_do_not_matter() -> None:
    a, b = _pictures(40, 0, at=1), _pictures(40, 1)
    result = classifier_test(a, b, _rng(2))
    gain = torch.tensor([1e3, 1e-3, 1, 7])
    moved = [[(crops * gain + 5).flip(0) for crops in side] for side in (a, b)]
    assert classifier_test(moved[0], moved[1], _rng(2)) == result


def test_chance_is_that_of_the_generator() -> None:
    a, b = _pictures(40, 0, at=1), _pictures(40, 1)
    assert classifier_test(a, b, _rng(2)) == classifier_test(a, b, _rng(2))
    results = {classifier_test(a, b, _rng(seed)) for seed in range(5)}
    assert len(results) > 1


@pytest.mark.parametrize("decay", [0.01, 1.0])
def test_decay_balances_what_the_crops_pull(decay: float) -> None:
    fake, real = (torch.cat(_pictures(n, n, length=30, at=0.3)).double() for n in (8, 20))
    weight, bias = fit_logistic(fake, real, decay)
    wrong_fake, wrong_real = (
        torch.sigmoid(fake @ weight + bias),
        torch.sigmoid(-real @ weight - bias),
    )
    pull = (wrong_real @ real / len(real) - wrong_fake @ fake / len(fake)) / 2  # (D,)
    assert torch.allclose(decay * weight, pull, atol=1e-6)
    assert float(wrong_fake.mean() - wrong_real.mean()) == pytest.approx(0, abs=1e-6)
    assert weight.norm() > 0.01


def test_features_made_without_gradients_and_features_that_never_vary_are_fine() -> None:
    a, b = _pictures(20, 0, at=3), _pictures(20, 1)
    expected = classifier_test(a, b, _rng(2))
    with torch.inference_mode():
        flat = [[torch.cat((c, torch.ones(4, 2)), 1) for c in side] for side in (a, b)]
        assert classifier_test(flat[0], flat[1], _rng(2)) == expected


def test_one_picture_is_too_few() -> None:
    with pytest.raises(DataError, match="2 pictures a side; got 1 and 5"):
        classifier_test(_pictures(1, 0), _pictures(5, 1), _rng(0))
