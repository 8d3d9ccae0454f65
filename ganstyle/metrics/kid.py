"""Kernel distance between two sets of pictures."""

from collections.abc import Sequence

import torch
from torch import Tensor

from ganstyle.errors import DataError

_CHUNK = 512
"""Crops whose kernels with all others are in memory at once."""


def kernel_distance(x: Tensor, y: Tensor) -> float:
    """KID: unbiased squared maximum mean discrepancy (Binkowski et al. 2018, eq. 4), times 1000.

    x: (N, D), y: (M, D) features, N and M 2 or more. Kernel (x.y / D + 1)^3, in float64.
    Zero is expected for two samples of one distribution; a single value may be below.
    Raises DataError when a set is too small.
    """
    if min(len(x), len(y)) < 2:
        raise DataError(f"KID needs 2 pictures or crops a side; got {len(x)} and {len(y)}.")
    x, y = x.double(), y.double()
    within = _off_diagonal_mean(_kernel(x, x)) + _off_diagonal_mean(_kernel(y, y))
    return 1000 * float(within - 2 * _kernel(x, y).mean())


def picture_kernel(x: Sequence[Tensor], y: Sequence[Tensor]) -> Tensor:
    """Mean kernel (a.b / D + 1)^3 over the pairs of crops of two pictures, float64 (P, Q).

    x, y: features of the crops of each of P and Q pictures, (n_i, D).
    """
    rows = torch.zeros(len(x), len(y), dtype=torch.float64)
    columns, owners, counts = _joined(y)
    crops, pictures, sizes = _joined(x)
    # So many at a time: memory for CHUNK times M numbers, not N times M.
    chunks = (torch.split(all_of_them, _CHUNK) for all_of_them in (crops, pictures))
    for some, theirs in zip(*chunks, strict=True):
        values = _kernel(some, columns)  # (n, M)
        summed = values.new_zeros(len(some), len(y)).index_add_(1, owners, values)  # (n, Q)
        rows.index_add_(0, theirs, summed)
    return rows / sizes[:, None] / counts


def nearness(x: Sequence[Tensor], styles: Sequence[Tensor], photos: Sequence[Tensor]) -> Tensor:
    """How much nearer each picture of x is to the style pictures than to the photos: (P,).

    The witness function of the kernel distance (Gretton et al. 2012, section 2.3), times 1000.
    Shapes as in picture_kernel.
    """
    return 1000 * (picture_kernel(x, styles).mean(1) - picture_kernel(x, photos).mean(1))


def _joined(pictures: Sequence[Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    """All crops (N, D) in float64, the picture of each (N,), and the crops of each picture (P,)."""
    sizes = torch.tensor([len(crops) for crops in pictures])
    crops = torch.cat([features.cpu().double() for features in pictures])
    return crops, torch.arange(len(pictures)).repeat_interleave(sizes), sizes


def _kernel(x: Tensor, y: Tensor) -> Tensor:
    return (x @ y.T / x.shape[1] + 1) ** 3  # (N, M)


def _off_diagonal_mean(kernel: Tensor) -> Tensor:
    count = len(kernel)
    return (kernel.sum() - torch.trace(kernel)) / (count * (count - 1))
