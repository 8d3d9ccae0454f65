from statistics import NormalDist

import pytest
import torch
from torch import Tensor

from ganstyle.metrics.taken_for_photos import (
    FOLDS,
    PASSING,
    PhotoClassifier,
    wilson_interval,
)


def _cloud(count: int, center: float, seed: int) -> Tensor:
    """Points around (center, 0, 0, 0) with a deviation of 1: (count, 4)."""
    points = torch.randn(count, 4, generator=torch.Generator().manual_seed(seed))
    points[:, 0] += center
    return points


def test_photos_are_photos_style_images_pass_rarely_and_results_lie_between() -> None:
    classifier = PhotoClassifier(_cloud(60, 3, 0), _cloud(400, -3, 1))
    assert classifier.untouched.value > 0.98
    assert classifier.tells_apart
    shares = [classifier.paired_share(_cloud(60, center, 3)).value for center in (-3, -1, 0, 3)]
    assert shares == sorted(shares)
    assert shares[0] < 0.2
    assert shares[-1] > 0.9


def test_kinds_that_are_alike_cannot_be_told_apart() -> None:
    classifier = PhotoClassifier(_cloud(60, 0, 0), _cloud(60, 0, 1))
    assert not classifier.tells_apart
    assert classifier.untouched.value < 0.25


def test_a_result_is_judged_without_its_photo() -> None:
    """With more dimensions than photos, a classifier that has seen a photo knows it."""
    photos, styles = (
        torch.randn(40, 200, generator=torch.Generator().manual_seed(s)) for s in (0, 1)
    )
    classifier = PhotoClassifier(photos, styles)
    assert classifier.untouched.value < 0.3
    others = classifier.paired_share(photos.roll(1, 0))  # four out of five have been seen
    assert others.value > classifier.untouched.value + 0.25


def test_too_few_images_are_refused() -> None:
    with pytest.raises(ValueError, match="4 photos and 9 style images are too few"):
        PhotoClassifier(_cloud(FOLDS - 1, 3, 0), _cloud(9, -3, 1))


def test_the_interval_is_wilsons() -> None:
    """Against values of Brown, Cai & DasGupta 2001 for 0 and for half of the images."""
    none = wilson_interval(0, 10)
    assert (none.value, none.low) == (0, 0)
    assert none.high == pytest.approx(0.2775, abs=1e-3)
    half = wilson_interval(0.5, 100)
    assert (half.low, half.high) == pytest.approx((0.4038, 0.5962), abs=1e-3)


@pytest.mark.parametrize("at", [0.0, 1.0])
def test_as_many_unseen_style_images_pass_as_the_threshold_says(at: float) -> None:
    classifier = PhotoClassifier(_cloud(1000, at, 0), _cloud(4000, 0, 1))
    assert classifier.paired_share(_cloud(1000, 0, 2)).value == pytest.approx(PASSING, abs=0.02)


def test_photos_pass_as_often_as_the_best_boundary_lets_them() -> None:
    classifier = PhotoClassifier(_cloud(2000, 2, 0), _cloud(4000, 0, 1))
    normal = NormalDist()
    best = 1 - normal.cdf(normal.inv_cdf(1 - PASSING) - 2)
    assert classifier.untouched.value == pytest.approx(best, abs=0.03)


def test_scale_and_offset_of_features_do_not_matter() -> None:
    gain = torch.tensor([1e3, 1e-2, 1, 7])
    photos, styles, results = _cloud(60, 2, 0), _cloud(100, 0, 1), _cloud(60, 1, 2)
    plain = PhotoClassifier(photos, styles).paired_share(results)
    moved = PhotoClassifier(photos * gain + 5, styles * gain + 5).paired_share(results * gain + 5)
    assert moved.value == pytest.approx(plain.value, abs=0.02)


def test_more_photos_teach_the_classifiers() -> None:
    """A handful of photos in many dimensions does not say where the boundary lies."""
    rng = torch.Generator().manual_seed(0)
    styles, more, few = (torch.randn(n, 200, generator=rng) for n in (300, 300, 8))
    more[:, 0] += 4
    few[:, 0] += 4
    alone, taught = PhotoClassifier(few, styles), PhotoClassifier(few, styles, more)
    assert taught.untouched.value > alone.untouched.value
