"""Share of results that a classifier takes for photos: does a style paint, or does it filter?

Kernel distances reward grain and punish bold edges; this share agrees with the eye (see
docs/decisions.md). A logistic regression tells photos from style images by their features. It is
cross-validated, and its threshold lets PASSING of the style images that it has not seen pass for
photos.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from ganstyle.metrics.bootstrap import Interval
from ganstyle.metrics.classifier import fit_logistic

PASSING = 0.05
"""Share of the held-out style images that pass for photos."""

TOLD_APART = 0.5
"""Least share of held-out photos taken for photos, below which the kinds cannot be told apart."""

FOLDS = 5
"""Number of folds, each held out once; at least as many images of each kind are needed."""

_ROUNDS = 3
"""Number of random partitions into folds."""

_DECAY = 0.01
"""Weight of |w|^2 / 2 beside the classifier's mean loss."""

_Z = 1.96
"""Standard deviations of a 95 % interval."""


@dataclass(frozen=True)
class _Round:
    """Classifiers for one partition of the images.

    fold: of each photo, (N,). weights: of each fold's classifier, (FOLDS, D); biases: (FOLDS,),
    which put the threshold at 0.
    """

    fold: Tensor
    weights: Tensor
    biases: Tensor


class PhotoClassifier:
    """Logistic regressions that tell photos from style images, each trained without one fold.

    photos: features (N, D); styles: (M, D); more: those of other photos, (K, D), which all
    classifiers learn from. Raises ValueError with fewer than FOLDS photos or styles.
    """

    def __init__(self, photos: Tensor, styles: Tensor, more: Tensor | None = None) -> None:
        if min(len(photos), len(styles)) < FOLDS:
            raise ValueError(f"{len(photos)} photos and {len(styles)} style images are too few")
        rng = torch.Generator().manual_seed(0)
        others = photos[:0] if more is None else more
        kinds = photos.double(), styles.double(), others.double()
        self._rounds = [_fit_round(*kinds, rng) for _ in range(_ROUNDS)]
        self.untouched = self.paired_share(photos)
        """Share of the photos themselves that are taken for photos, each judged unseen."""

    @property
    def tells_apart(self) -> bool:
        """Whether photos and style images differ enough for shares to be meaningful."""
        return self.untouched.value >= TOLD_APART

    def paired_logits(self, results: Tensor) -> Tensor:
        """Logits of being a photo, for results of the photos, (N, D), in their order: (rounds, N).

        Above 0 they are taken for photos. Each is judged by classifiers that have not seen its
        photo.
        """
        each = torch.arange(len(results))
        return torch.stack([_logits(results, one)[each, one.fold] for one in self._rounds])

    def paired_share(self, results: Tensor) -> Interval:
        """Share of results of the photos, as of paired_logits(), that are taken for photos."""
        return taken_for_photos(self.paired_logits(results))


def taken_for_photos(logits: Tensor) -> Interval:
    """Share of images that are taken for photos, by their logits of several rounds, (R, N)."""
    return wilson_interval(float((logits > 0).double().mean()), logits.shape[1])


def wilson_interval(share: float, count: int) -> Interval:
    """A share of `count` images with its 95 % interval (Wilson 1927)."""
    middle = (share + _Z**2 / (2 * count)) / (1 + _Z**2 / count)
    spread = (share * (1 - share) / count + (_Z / (2 * count)) ** 2) ** 0.5
    reach = _Z / (1 + _Z**2 / count) * spread
    return Interval(share, max(0.0, middle - reach), min(1.0, middle + reach))


def _fit_round(photos: Tensor, styles: Tensor, more: Tensor, rng: torch.Generator) -> _Round:
    photo_fold, style_fold = (
        torch.randperm(len(kind), generator=rng) % FOLDS for kind in (photos, styles)
    )
    fits = [
        _fit(styles[style_fold != k], torch.cat((photos[photo_fold != k], more)))
        for k in range(FOLDS)
    ]
    held_out = torch.cat([styles[style_fold == k] @ w + b for k, (w, b) in enumerate(fits)])
    threshold = held_out.quantile(1 - PASSING)
    weights, biases = zip(*fits, strict=True)
    return _Round(photo_fold, torch.stack(weights), torch.stack(biases) - threshold)


def _fit(styles: Tensor, photos: Tensor) -> tuple[Tensor, Tensor]:
    """Weight (D,) and bias () of the logit of being a photo, for features as they are."""
    deviation, mean = torch.std_mean(torch.cat((styles, photos)), dim=0)
    deviation = deviation.clamp(min=1e-6)
    weight, bias = fit_logistic((styles - mean) / deviation, (photos - mean) / deviation, _DECAY)
    return weight / deviation, bias - mean @ (weight / deviation)


def _logits(features: Tensor, one: _Round) -> Tensor:
    """Logits of each fold's classifier: (K, D) to (K, FOLDS)."""
    return features.double() @ one.weights.mT + one.biases
