"""Kernel distance between two sets of pictures."""

import torch
from torch import Tensor

from ganstyle.errors import DataError


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


def _kernel(x: Tensor, y: Tensor) -> Tensor:
    return (x @ y.T / x.shape[1] + 1) ** 3  # (N, M)


def _off_diagonal_mean(kernel: Tensor) -> Tensor:
    count = len(kernel)
    return (kernel.sum() - torch.trace(kernel)) / (count * (count - 1))
