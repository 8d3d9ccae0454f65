"""Distances that keep the content image in the result."""

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor


def feature_distance(
    result: Mapping[int, Tensor], content: Mapping[int, Tensor], strides: Sequence[int]
) -> Tensor:
    """Mean squared distance of feature maps (Johnson et al. 2016, eq. 2), the mean over strides.

    result, content: {stride: (B, C, H, W)} normalised over channels, so a distance is in [0, 4].
    Returns a scalar.
    """
    return torch.stack([F.mse_loss(result[s], content[s]) for s in strides]).mean()


def color_distance(
    result: Tensor, content: Tensor, cell: int = 8, chroma_gain: float = 2.0
) -> Tensor:
    """Mean squared difference of colours averaged over cells of `cell` pixels.

    The square lets a palette shift a little everywhere rather than much in one place, as a gray
    cloud that turns black. The difference of chroma, colour less its mean over R, G and B, counts
    chroma_gain times once more: a meadow may get darker, but should not turn gray.
    result, content: (B, 3, H, W) in [0, 1]. Returns a scalar of 0 or more.
    """
    difference = F.avg_pool2d(result, cell) - F.avg_pool2d(content, cell)  # (B, 3, H/cell, W/cell)
    chroma = difference - difference.mean(1, keepdim=True)
    return difference.square().mean() + chroma_gain * chroma.square().mean()


def flatness(result: Tensor, content: Tensor, tolerance: float = 0.02) -> Tensor:
    """Total variation of the result where the content image itself is flat.

    A step between its neighbours that is far above `tolerance` switches the term off there, so
    that outlines stay free. result, content: (B, 3, H, W) in [0, 1]. Returns a scalar.
    """
    total = result.new_zeros(())
    for dim in (2, 3):
        step = content.diff(dim=dim).abs().amax(1, keepdim=True)  # (B, 1, H, W) less one along dim
        free = torch.exp(-(step / tolerance).square())
        total = total + (free * result.diff(dim=dim).abs()).mean()
    return total
