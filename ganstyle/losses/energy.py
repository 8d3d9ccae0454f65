"""Energy scores: they reward any result that a draft allows, but not always the same one.

A draft leaves most of a painting open. With a distance to the one painting behind it, a generator
would learn the mean of all possible paintings and ignore its random maps. The energy score of two
results of one draft is lowest when results differ among themselves as paintings with that draft do
(Gneiting & Raftery 2007, section 4.3): it is half of the distance of each to the painting, minus
half of the distance between the two. By the triangle inequality it is never below zero.
"""

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from ganstyle.losses.content import root_colors

_POOLED = 4
"""Positions along a side over which the coarsest features are averaged, for large shapes."""

_EPSILON = 1e-4
"""Added to squared distances: the root has infinite slope at zero, where the two results start."""


def energy_score(
    first: Mapping[int, Tensor],
    second: Mapping[int, Tensor],
    target: Mapping[int, Tensor],
    strides: Sequence[int],
) -> Tensor:
    """Energy score of two results by their feature maps, averaged over strides.

    first, second, target: {stride: (B, C, H, W)} normalised over channels. Returns a scalar of 0 or
    more. Scored at each position, and over large areas of the coarsest maps.
    """
    scores = [_score(first[s], second[s], target[s]) for s in strides]
    coarse = (_pooled(maps[strides[-1]]) for maps in (first, second, target))
    return torch.stack([*scores, _score(*coarse)]).mean()


def color_score(first: Tensor, second: Tensor, target: Tensor, cell: int) -> Tensor:
    """Energy score of two results by the roots of their mean colours in areas of `cell` pixels.

    first, second, target: (B, 3, H, W) in [0, 1]. Returns a scalar of 0 or more.
    """
    return _score(*(root_colors(image, cell) for image in (first, second, target)))


def _score(first: Tensor, second: Tensor, target: Tensor) -> Tensor:
    to_target = _distances(first, target) + _distances(second, target)
    return (to_target - _distances(first, second)).mean() / 2


def _distances(a: Tensor, b: Tensor) -> Tensor:
    """Root mean squares over the channels: (B, H, W)."""
    return ((a - b).square().mean(1) + _EPSILON).sqrt()


def _pooled(maps: Tensor) -> Tensor:
    side = min(_POOLED, *maps.shape[-2:])
    return F.avg_pool2d(maps, side)
