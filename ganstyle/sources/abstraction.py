"""Abstraction of an image: it keeps what the image depicts and drops what belongs to the medium.

The generator paints from an abstraction. If it was made of a style image, its target is known: the
style image itself. One made of a photo looks much the same, so the result is a style image too.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor

from ganstyle.config import ABSTRACTIONS
from ganstyle.errors import ConfigError
from ganstyle.images.resize import Size
from ganstyle.images.tensors import bands, resized_pixels, rounded, scaled

RADII = (0, 8)
"""Range of the radius of the Kuwahara filter, px of the reduced image; 0 is none."""

_NOISE = 1e-4
"""Variance that is added to that of every region, for values in [0, 1]: less is noise."""

_SECTOR, _OVERLAP = 3 * math.pi / 8, 0.33
"""Half the angle of a sector of the Kuwahara filter, and how far it reaches beyond its apex, in
radii."""


@dataclass(frozen=True, kw_only=True)
class Abstraction:
    """Strength of an abstraction: it drops detail below `factor` px, and texture of that size."""

    factor: float = 3.0
    """Factor by which an image is reduced before it is enlarged again."""
    radius: int = 2
    """Radius of the Kuwahara filter on the reduced image, px."""

    def __post_init__(self) -> None:
        low, high = ABSTRACTIONS
        if not low <= self.factor <= high:
            raise ConfigError(f"factor is {self.factor}; it must be from {low} to {high}.")
        low, high = RADII
        if type(self.radius) is not int or not low <= self.radius <= high:
            raise ConfigError(f"radius is {self.radius}; it must be from {low} to {high}.")

    def reduced_size(self, height: int, width: int) -> tuple[int, int]:
        """Height and width of the reduced image, px."""
        return max(1, round(height / self.factor)), max(1, round(width / self.factor))


def abstract(image: Tensor, abstraction: Abstraction) -> Tensor:
    """Abstraction of images: (B, 3, H, W) in [0, 1] to the same."""
    H, W = image.shape[-2:]
    size = abstraction.reduced_size(H, W)
    reduced = image
    if size != (H, W):
        reduced = F.interpolate(image, size=size, mode="bilinear", antialias=True)
    reduced = kuwahara(reduced, abstraction.radius)
    if size == (H, W):
        return reduced
    # With antialias the cubic filter is Pillow's, which enlarges the images that users stylize.
    return F.interpolate(reduced, size=(H, W), mode="bicubic", antialias=True).clamp(0, 1)


@torch.inference_mode()
def abstract_pixels(
    pixels: Tensor,
    size: Size,
    abstraction: Abstraction,
    recolor: Callable[[Tensor], Tensor] | None = None,
) -> Tensor:
    """Abstractions of images in another size, uint8 (B, h, w, 3) to (B, H, W, 3).

    Nearly those that abstract() makes of the enlarged images, in less memory and time. size: W and
    H. recolor: changes the colours of the reduced images, (B, 3, H', W') in [0, 1].
    """
    height, width = abstraction.reduced_size(size[1], size[0])
    reduced = resized_pixels(pixels, (width, height))
    result = torch.empty_like(reduced)
    for rows, outer in bands((width, height), len(pixels), abstraction.radius):
        filtered = kuwahara(scaled(reduced[:, outer.start : outer.stop]), abstraction.radius)
        first = rows.start - outer.start
        within = filtered[:, :, first : first + len(rows)]
        result[:, rows.start : rows.stop] = rounded(recolor(within) if recolor else within)
    return resized_pixels(result, size)


def kuwahara(image: Tensor, radius: int) -> Tensor:
    """Replace each pixel by the mean of the calmest of eight soft sectors of the disc around it.

    The generalised Kuwahara filter of Papari et al. 2007 with the sectors of Kyprianidis et al.
    2010 (eq. 4), weighted by their variance (q = 8). Round, so it leaves no squares in gravel and
    hair. image: (B, 3, H, W) in [0, 1], to the same; radius: of the disc, px, 0 for the image
    as it is. The edge of the image is repeated beyond it.
    """
    if not radius:
        return image
    planes = torch.cat([image, image.square().sum(1, keepdim=True)], 1)  # (B, 4, H, W)
    planes = F.pad(planes.contiguous(), (radius,) * 4, mode="replicate").flatten(0, 1)[:, None]
    sums = F.conv2d(planes, _sectors(radius).to(image))  # (B * 4, 8, H, W)
    sectors = sums.view(-1, 4, *sums.shape[1:]).transpose(0, 1)  # (4, B, 8, H, W)
    means, squares = sectors[:3], sectors[3]
    variance = (squares - means.square().sum(0)).clamp(min=0) + _NOISE  # (B, 8, H, W)
    weights = (variance.amin(1, keepdim=True) / variance).square().square()
    weights = weights / weights.sum(1, keepdim=True)
    filtered: Tensor = (means * weights).sum(2).transpose(0, 1)  # (B, 3, H, W)
    return filtered


@cache
def _sectors(radius: int) -> Tensor:
    """Weights of the eight sectors of a disc, each of which sums to 1: (8, 1, side, side)."""
    at = torch.arange(-radius, radius + 1, dtype=torch.float32) / (radius + 0.5)
    y, x = torch.meshgrid(at, at, indexing="ij")
    curve = (_OVERLAP + math.cos(_SECTOR)) / math.sin(_SECTOR) ** 2
    kernels = []
    for turn in range(8):
        cos, sin = math.cos(turn * math.pi / 4), math.sin(turn * math.pi / 4)
        along, across = cos * x + sin * y, cos * y - sin * x
        wedge = (along + _OVERLAP - curve * across.square()).clamp(min=0).square()
        wedge = wedge * (-2 * (x.square() + y.square())).exp() * (x.square() + y.square() <= 1)
        kernels.append(wedge / wedge.sum())
    return torch.stack(kernels)[:, None]
