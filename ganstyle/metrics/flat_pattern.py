"""Periodic pattern in areas that are flat in the photo: hatching, weave, a grid in the sky."""

import torch
import torch.nn.functional as F
from torch import Tensor

LAGS = (4, 32)
"""Distances, px, at which a pattern is looked for."""

_SMOOTH = 9
"""Side of the mean that is taken away from the result, px: shading is no pattern."""

_SURROUND, _FLAT = 17, 0.012
"""Side of the area, px, in which the deviation of a photo, of values in [0, 1], is this at most."""

_FEWEST = 0.01
"""Part of a photo that must be flat for a pattern to be looked for."""


def flat_pattern(result: Tensor, photo: Tensor) -> float:
    """Largest peak of the autocorrelation of a result where its photo is flat, in [-1, 1].

    result, photo: (3, H, W) in [0, 1], sides of 64 px or more. Of the gray of the result its mean
    over _SMOOTH px is taken away. A peak is larger than its eight neighbours: noise has none above
    some hundredths, a hatching has one at its period. NaN when the photo has no flat area.
    """
    flat = _flat(photo.mean(0)).double()  # (H, W)
    if flat.mean() < _FEWEST:
        return float("nan")
    gray = result.mean(0, keepdim=True).double()  # (1, H, W)
    detail = (gray - _mean(gray, _SMOOTH))[0] * flat
    shared = _autocorrelation(flat).clamp(min=1)  # pairs of flat pixels at each lag
    correlation = _autocorrelation(detail) / shared
    correlation = correlation / correlation[0, 0].clamp(min=1e-12)
    # Where few pairs of pixels are left a correlation is chance.
    return _largest_peak(correlation.where(shared > 0.1 * flat.sum(), 0.0))


def _autocorrelation(plane: Tensor) -> Tensor:
    """Sums of products at lags up to LAGS, by FFT: (H', W'), lag 0 first, negative ones last.

    As many zeros lie beyond the edges as a lag can reach.
    """
    size = [side + LAGS[1] + 1 for side in plane.shape]
    spectrum = torch.fft.rfft2(plane, s=size)
    products: Tensor = torch.fft.irfft2(spectrum.abs().square(), s=size)
    return products


def _largest_peak(correlation: Tensor) -> float:
    reach = LAGS[1] + 1
    near = torch.roll(correlation, (reach, reach), (0, 1))[: 2 * reach + 1, : 2 * reach + 1]
    steps = torch.arange(-reach, reach + 1)
    distance = (steps[:, None].square() + steps.square()).double().sqrt()
    highest = F.max_pool2d(near[None], 3, stride=1, padding=1)[0]
    asked = (distance >= LAGS[0]) & (distance <= LAGS[1]) & (near == highest)
    return float(near[asked].max()) if asked.any() else 0.0


def _flat(gray: Tensor) -> Tensor:
    """Pixels around which a photo hardly varies: (H, W), true or false."""
    plane = gray[None].double()
    variance = _mean(plane.square(), _SURROUND) - _mean(plane, _SURROUND).square()
    return variance[0] < _FLAT**2


def _mean(planes: Tensor, side: int) -> Tensor:
    """Mean of the square of that side around each pixel, rows first: (C, H, W) to same."""
    padded = F.pad(planes[None], (side // 2,) * 4, mode="replicate")
    return F.avg_pool2d(F.avg_pool2d(padded, (1, side), stride=1), (side, 1), stride=1)[0]
