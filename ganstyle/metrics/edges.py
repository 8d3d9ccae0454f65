"""Edge agreement: are the outlines of the photo still where they were?"""

import torch.nn.functional as F
from torch import Tensor

_FLAT = 1e-6  # variance of edge strength below which there are no edges to speak of


def edge_agreement(result: Tensor, photo: Tensor, cell: int = 4) -> Tensor:
    """Correlation of the strength of edges, averaged over cells of `cell` pixels: (B,) in [-1, 1].

    result, photo: (B, 3, H, W) in [0, 1]. Strength is the length of the Sobel gradient of the
    luminance, so that a line drawn along an edge of the photo counts as that edge, and colour,
    contrast and what is dark or bright do not count. 0 is chance, 1 the same edges; two flat
    pictures agree.
    """
    x, y = (_edges(pictures, cell) for pictures in (result, photo))
    x, y = x - x.mean(1, keepdim=True), y - y.mean(1, keepdim=True)
    together = (x * y).mean(1) + _FLAT
    apart = (x.square().mean(1) + _FLAT) * (y.square().mean(1) + _FLAT)
    return together / apart.sqrt()


def _edges(pictures: Tensor, cell: int) -> Tensor:
    """Edge strength of cells: (B, N)."""
    red, green, blue = pictures.unbind(1)
    gray = 0.299 * red + 0.587 * green + 0.114 * blue  # (B, H, W)
    across, down = _slope(gray), _slope(gray.mT).mT  # (B, H-2, W-2)
    strength = (across.square() + down.square()).sqrt()
    return F.avg_pool2d(strength[:, None], cell).flatten(1)


def _slope(gray: Tensor) -> Tensor:
    """Sobel's derivative along the rows, in gray per pixel: (B, H-2, W-2)."""
    step = gray[..., 2:] - gray[..., :-2]
    return (step[:, :-2] + 2 * step[:, 1:-1] + step[:, 2:]) / 8
