"""Distances that keep the content image in the result."""

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

_BLACK = 0.02
"""Added to colours before the root is taken, whose slope is infinite at zero."""


def feature_distance(
    result: Mapping[int, Tensor], content: Mapping[int, Tensor], strides: Sequence[int]
) -> Tensor:
    """Mean squared distance of feature maps (Johnson et al. 2016, eq. 2), averaged over strides.

    result, content: {stride: (B, C, H, W)} normalised over channels, so a distance is in [0, 4].
    Returns a scalar.
    """
    return torch.stack([F.mse_loss(result[s], content[s]) for s in strides]).mean()


def color_distance(
    result: Tensor, content: Tensor, cell: int = 8, chroma_gain: float = 2.0
) -> Tensor:
    """Mean squared difference of the roots of mean colours of cells.

    Averaged over cells of `cell` pixels and of twice that side. The square favours a palette that
    shifts a little everywhere over one that shifts far in one place, like a gray cloud that turns
    black. Roots are taken because a step is more visible in the dark: without them strokes on dark
    skin become bumps. The difference of chroma (colour less its mean over R, G and B) is added
    chroma_gain times: a meadow may get darker, but should not turn gray.
    result, content: (B, 3, H, W) in [0, 1]. Returns a scalar of 0 or more.
    """
    distances = []
    for side in (cell, 2 * cell):
        difference = root_colors(result, side) - root_colors(content, side)
        chroma = difference - difference.mean(1, keepdim=True)
        distances.append(difference.square().mean() + chroma_gain * chroma.square().mean())
    return torch.stack(distances).mean()


def root_colors(image: Tensor, cell: int) -> Tensor:
    """Roots of mean colours in cells of `cell` pixels: (B, 3, H, W) to (B, 3, H/cell, W/cell)."""
    return (F.avg_pool2d(image, cell) + _BLACK).sqrt()
