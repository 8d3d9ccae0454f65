"""What keeps the photo in the picture."""

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

_RGB_TO_YCBCR = ((0.299, 0.587, 0.114), (-0.169, -0.331, 0.5), (0.5, -0.419, -0.081))
"""Luma and the two chroma differences of ITU-R BT.601."""

_LUMA_TOLERANCE, _CHROMA_TOLERANCE = 0.2, 0.1


def feature_distance(
    result: Mapping[int, Tensor], photo: Mapping[int, Tensor], strides: Sequence[int]
) -> Tensor:
    """Mean squared distance of feature maps (Johnson et al. 2016, eq. 2), the mean over strides.

    result, photo: {stride: (B, C, H, W)} normalised over channels, so a distance is in [0, 4].
    Returns a scalar.
    """
    return torch.stack([F.mse_loss(result[s], photo[s]) for s in strides]).mean()


def feature_similarity(
    result: Mapping[int, Tensor], photo: Mapping[int, Tensor], stride: int = 16
) -> Tensor:
    """Mean cosine over the plane of the feature vectors of one stride: (B,) in [-1, 1]."""
    return F.cosine_similarity(result[stride], photo[stride], dim=1).mean((1, 2))


def color_distance(result: Tensor, photo: Tensor, cell: int = 8) -> Tensor:
    """Mean squared excess of the change of colours averaged over cells of `cell` pixels.

    Changes within a tolerance are free: 0.2 in luma, 0.1 in chroma. So a palette may shift
    everywhere, but neither a seal appear in a sky nor a red roof turn gray, however well that
    would match the style's share of red. AnimeGANv2 compares luma and chroma too, without
    tolerance. result, photo: (B, 3, H, W) in [0, 1]. Returns a scalar.
    """
    change = F.avg_pool2d(result, cell) - F.avg_pool2d(photo, cell)  # (B, 3, H/cell, W/cell)
    luma, *chroma = torch.einsum("oc,bchw->obhw", change.new_tensor(_RGB_TO_YCBCR), change)
    strength = torch.stack(chroma).square().sum(0).add(1e-8).sqrt()  # its slope at 0 is finite
    excess = F.relu(luma.abs() - _LUMA_TOLERANCE), F.relu(strength - _CHROMA_TOLERANCE)
    return torch.stack(excess).square().sum(0).mean()


def flatness(result: Tensor, photo: Tensor, tolerance: float = 0.02) -> Tensor:
    """Total variation of the result where the photo itself is flat.

    A step between neighbours in the photo that is far above `tolerance` switches the term off
    there, so that outlines stay free. result, photo: (B, 3, H, W) in [0, 1]. Returns a scalar.
    """
    total = result.new_zeros(())
    for dim in (2, 3):
        step = photo.diff(dim=dim).abs().amax(1, keepdim=True)  # (B, 1, H, W) less one along dim
        free = torch.exp(-(step / tolerance).square())
        total = total + (free * result.diff(dim=dim).abs()).mean()
    return total
