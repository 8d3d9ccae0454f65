"""Abstraction of an image: detail finer than a brush goes, edges stay."""

import torch
import torch.nn.functional as F
from torch import Tensor

_NOISE = 4e-4
"""Variance that every region is taken to have, for values in [-1, 1]: less is noise."""


def simplify(image: Tensor, radius: int) -> Tensor:
    """Replace each pixel by the mean of the calmest of the four squares that it is a corner of.

    The filter of Kuwahara et al. 1976, with weights after the variance instead of a choice, so
    that nothing flickers where two squares are equally calm (Papari et al. 2007, q = 8).
    image: (B, 3, H, W) in [-1, 1], to the same; radius: how far the squares reach, px. Beyond the
    image its edge is repeated.
    """
    H, W = image.shape[-2:]
    # Plane by plane, additions are faster than with the colours side by side.
    padded = F.pad(image.contiguous(), (radius,) * 4, mode="replicate")
    means = _square_means(padded, radius + 1)
    squares = _square_means(padded.square().sum(1, keepdim=True), radius + 1)
    variance = (squares - means.square().sum(1, keepdim=True)).clamp(min=0) + _NOISE

    corners = [(slice(y, y + H), slice(x, x + W)) for y in (0, radius) for x in (0, radius)]
    calmest = variance[..., *corners[0]]
    for corner in corners[1:]:
        calmest = torch.minimum(calmest, variance[..., *corner])
    total, weights = torch.zeros_like(padded[..., :H, :W]), torch.zeros_like(calmest)
    for corner in corners:
        weight = (calmest / variance[..., *corner]).square().square()
        total.addcmul_(weight, means[..., *corner])
        weights += weight
    return total.div_(weights)


def _square_means(x: Tensor, side: int) -> Tensor:
    """Means of all squares: (B, C, H, W) to (B, C, H - side + 1, W - side + 1)."""
    return _run_sums(_run_sums(x, side, 2), side, 3) / side**2


def _run_sums(x: Tensor, length: int, dim: int) -> Tensor:
    """Sums of all runs of that length along dim, by doubling: a few additions for any length."""
    if length == 1:
        return x
    half = _run_sums(x, length // 2, dim)
    step, rest = length // 2, x.shape[dim] - length + 1
    sums = half.narrow(dim, 0, rest) + half.narrow(dim, step, rest)
    return sums + x.narrow(dim, length - 1, rest) if length % 2 else sums
