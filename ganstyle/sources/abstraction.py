"""Abstraction of an image: what it depicts stays, what belongs to the medium goes.

The generator draws on an abstraction. One made out of a style image has a known target, the style
image itself; one made out of a photo looks much like it, so what comes out is a style image too.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ganstyle.errors import ConfigError

FACTORS = (1.0, 16.0)
"""Range of the factor by which an image may be reduced."""

RADII = (0, 8)
"""Range of the radius of the Kuwahara filter, px of the reduced image; 0 is none."""

_NOISE = 1e-4
"""Variance that every region is taken to have, for values in [0, 1]: less is noise."""


@dataclass(frozen=True, kw_only=True)
class Abstraction:
    """How much is left out: detail below `factor` px, and texture below the brush that is left."""

    factor: float = 3.0
    """Times that an image is reduced before it is enlarged again."""
    radius: int = 2
    """Radius of the Kuwahara filter on the reduced image, px."""

    def __post_init__(self) -> None:
        low, high = FACTORS
        if not low <= self.factor <= high:
            raise ConfigError(f"factor is {self.factor}; it must be from {low:g} to {high:g}.")
        if not RADII[0] <= self.radius <= RADII[1]:
            raise ConfigError(f"radius is {self.radius}; it must be from {RADII[0]} to {RADII[1]}.")

    def reduced_size(self, height: int, width: int) -> tuple[int, int]:
        """Height and width of the reduced image, px."""
        return max(1, round(height / self.factor)), max(1, round(width / self.factor))


def abstract(image: Tensor, abstraction: Abstraction) -> Tensor:
    """The abstraction of images: (B, 3, H, W) in [0, 1] to the same."""
    H, W = image.shape[-2:]
    size = abstraction.reduced_size(H, W)
    reduced = image
    if size != (H, W):
        reduced = F.interpolate(image, size=size, mode="bilinear", antialias=True)
    reduced = kuwahara(reduced, abstraction.radius)
    if size == (H, W):
        return reduced
    # With antialias its cubic is Pillow's, by which images to be stylized are enlarged.
    return F.interpolate(reduced, size=(H, W), mode="bicubic", antialias=True).clamp(0, 1)


def kuwahara(image: Tensor, radius: int) -> Tensor:
    """Replace each pixel by the mean of the calmest of the four squares that it is a corner of.

    The filter of Kuwahara et al. 1976, with weights after the variance instead of a choice, so
    that nothing flickers where two squares are equally calm (Papari et al. 2007, q = 8).
    image: (B, 3, H, W) in [0, 1], to the same; radius: how far the squares reach, px, 0 for the
    image as it is. Beyond the image its edge is repeated.
    """
    if not radius:
        return image
    H, W = image.shape[-2:]
    # Plane by plane, additions are faster than with the colours side by side.
    padded = F.pad(image.contiguous(), (radius,) * 4, mode="replicate")
    means = square_means(padded, radius + 1)
    squares = square_means(padded.square().sum(1, keepdim=True), radius + 1)
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


def square_means(x: Tensor, side: int) -> Tensor:
    """Means of all squares: (B, C, H, W) to (B, C, H - side + 1, W - side + 1).

    Fastest plane by plane in memory; ten times as fast as avg_pool2d then.
    """
    return _run_sums(_run_sums(x, side, 2), side, 3) / side**2


def _run_sums(x: Tensor, length: int, dim: int) -> Tensor:
    """Sums of all runs of that length along dim, by doubling: a few additions for any length."""
    if length == 1:
        return x
    half = _run_sums(x, length // 2, dim)
    step, rest = length // 2, x.shape[dim] - length + 1
    sums = half.narrow(dim, 0, rest) + half.narrow(dim, step, rest)
    return sums + x.narrow(dim, length - 1, rest) if length % 2 else sums
