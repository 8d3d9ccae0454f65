"""Periodic pattern in areas that are flat in the photo: hatching, weave, a grid in the sky."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

LAGS = (4, 32)
"""Distances, px, at which a pattern is looked for."""

_REACH = LAGS[1] + 1
"""Largest lag along each axis, px: one more, so that each distance has its neighbours."""

_SMOOTH = 9
"""Side of the mean that is taken away from the result, px: shading is no pattern."""

_SURROUND, _FLAT = 17, 0.012
"""Side of the area, px, in which the deviation of a photo, of values in [0, 1], is this at most."""

_FEWEST = 0.01
"""Part of a photo that must be flat for a pattern to be looked for."""


@dataclass(frozen=True)
class FlatAreas:
    """Flat areas of a photo, in which its results are searched for patterns."""

    mask: Tensor
    """Pixels around which the photo hardly varies, bool (H, W)."""
    pairs: Tensor
    """Pairs of them at each lag, float64 (L, L), as _autocorrelation gives them."""


def flat_areas(photo: Tensor) -> FlatAreas | None:
    """Flat areas of a photo, (3, H, W) in [0, 1], sides of 64 px or more; None without any."""
    plane = photo.mean(0, keepdim=True).double()  # (1, H, W)
    variance = _mean(plane.square(), _SURROUND) - _mean(plane, _SURROUND).square()
    mask = variance[0] < _FLAT**2
    if mask.double().mean() < _FEWEST:
        return None
    return FlatAreas(mask, _autocorrelation(mask.double()).clamp(min=1))


def flat_pattern(result: Tensor, areas: FlatAreas) -> float:
    """Largest peak of the autocorrelation of a result where its photo is flat, in [-1, 1].

    result: (3, H, W) in [0, 1], of the photo's size. The mean over _SMOOTH px is subtracted from
    its gray. A peak is larger than its eight neighbours: noise has none above some hundredths, a
    hatching has one at its period.
    """
    gray = result.mean(0, keepdim=True).double()  # (1, H, W)
    detail = (gray - _mean(gray, _SMOOTH))[0] * areas.mask
    correlation = _autocorrelation(detail) / areas.pairs
    correlation = correlation / correlation[_REACH, _REACH].clamp(min=1e-12)
    # With few pairs of pixels a correlation is chance.
    enough = areas.pairs > 0.1 * float(areas.mask.sum())
    return _largest_peak(correlation.where(enough, 0.0))


def _autocorrelation(plane: Tensor) -> Tensor:
    """Sums of products at lags up to _REACH, by FFT: (H, W) to (L, L), lag 0 in the middle.

    As many zeros lie beyond the edges as a lag can reach.
    """
    size = [side + _REACH for side in plane.shape]
    spectrum = torch.fft.rfft2(plane, s=size)
    products: Tensor = torch.fft.irfft2(spectrum.abs().square(), s=size)
    return products.roll((_REACH, _REACH), (0, 1))[: 2 * _REACH + 1, : 2 * _REACH + 1]


def _largest_peak(correlation: Tensor) -> float:
    steps = torch.arange(-_REACH, _REACH + 1)
    distance = (steps[:, None].square() + steps.square()).double().sqrt()
    highest = F.max_pool2d(correlation[None], 3, stride=1, padding=1)[0]
    asked = (distance >= LAGS[0]) & (distance <= LAGS[1]) & (correlation == highest)
    return float(correlation[asked].max()) if asked.any() else 0.0


def _mean(planes: Tensor, side: int) -> Tensor:
    """Mean of the square of that side around each pixel, rows first: (C, H, W) to same."""
    padded = F.pad(planes[None], (side // 2,) * 4, mode="replicate")
    return F.avg_pool2d(F.avg_pool2d(padded, (1, side), stride=1), (side, 1), stride=1)[0]
