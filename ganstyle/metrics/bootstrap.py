"""Confidence intervals of means over images, and the arithmetic of resampling them."""

from dataclasses import dataclass

import torch
from torch import Tensor

from ganstyle.errors import DataError

FEWEST = 5
"""Least number of images on each side for which an interval means anything."""


@dataclass(frozen=True)
class Interval:
    """A value with its 95 % confidence interval."""

    value: float
    low: float
    high: float


def bare(value: float) -> Interval:
    """A value without an interval, whose ends are NaN."""
    return Interval(value, float("nan"), float("nan"))


@dataclass(frozen=True)
class Difference(Interval):
    """A paired difference with its 95 % confidence interval."""

    opposite: float
    """Share of resamples whose sign is not that of value, in [0, 1]: a one-sided p."""


def mean_interval(values: Tensor) -> Interval:
    """Mean of independent values (N,) with its normal interval, widened for small N.

    Raises DataError with fewer than FEWEST.
    """
    if len(values) < FEWEST:
        raise DataError(f"A confidence interval needs {FEWEST} pictures; got {len(values)}.")
    mean, deviation = float(values.mean()), float(values.std())
    reach = 1.96 * widening(len(values)) * deviation / len(values) ** 0.5
    return Interval(mean, mean - reach, mean + reach)


def widening(images: int) -> float:
    """Ratio of Student's t to the normal quantile at 95 %, for a mean over that many images."""
    return 1 + 1.21 / (images - 1)  # 1 + (z^2 + 1) / 4 nu


def resample_weights(images: int, resamples: int, generator: torch.Generator) -> Tensor:
    """Count of each image in each of R resamples with replacement: float64 (R, P)."""
    chosen = torch.randint(images, (resamples, images), generator=generator)
    weights = torch.zeros(resamples, images, dtype=torch.float64)
    weights.scatter_add_(1, chosen, torch.ones_like(weights))
    weights[(weights > 0).sum(1) == 1] = 1  # one image alone has no pair: the sample stands in
    return weights


def symmetric_ends(value: float, resampled: Tensor) -> tuple[float, float]:
    """Ends of the interval around value that holds 95 % of the resampled values, (R,).

    Symmetric: KID is skewed to the right near zero, and elsewhere low values come with small
    deviations. So percentiles and the basic bootstrap each fail where the other does well.
    """
    reach = float((resampled - value).abs().quantile(0.95))
    return value - reach, value + reach
