"""Fréchet distance between two sets of images, from moments gathered batch by batch."""

import torch
from torch import Tensor

from ganstyle.errors import DataError


class FeatureMoments:
    """Mean and covariance of features that arrive in batches, kept on the CPU in float64.

    Batches are merged by their means and scatter matrices (the pairwise update of Chan et al.
    1983), so the result depends neither on order nor on batch size. Memory: D^2 numbers.
    """

    def __init__(self) -> None:
        self.count = 0
        # Broadcast to (D,) and (D, D) by the first batch.
        self._mean = torch.zeros(1, dtype=torch.float64)
        self._scatter = torch.zeros(1, 1, dtype=torch.float64)

    def update(self, features: Tensor) -> None:
        """Add a batch of features, (N, D), N 0 or more. D stays the same from batch to batch."""
        assert features.ndim == 2, f"features are (N, D), not {tuple(features.shape)}"
        batch = features.detach().cpu().double()
        if not len(batch):
            return
        mean = batch.mean(0)
        centred = batch - mean
        total = self.count + len(batch)
        gap = mean - self._mean  # (D,)
        between = torch.outer(gap, gap) * (self.count * len(batch) / total)  # (D, D)
        self._scatter = self._scatter + centred.T @ centred + between
        self._mean = self._mean + gap * (len(batch) / total)
        self.count = total

    @property
    def mean(self) -> Tensor:
        """Mean feature, float64 (D,). Raises DataError before the first sample."""
        self._require(1)
        return self._mean

    @property
    def covariance(self) -> Tensor:
        """Unbiased covariance, float64 (D, D). Raises DataError with fewer than two samples."""
        self._require(2)
        return self._scatter / (self.count - 1)

    def _require(self, count: int) -> None:
        if self.count < count:
            raise DataError(f"Moments need {count} pictures or crops or more; got {self.count}.")


def frechet_distance(a: FeatureMoments, b: FeatureMoments) -> float:
    """FID: squared Fréchet distance of two Gaussians (Heusel et al. 2017, eq. 6).

    |m - n|^2 + tr(A + B - 2 (A B)^1/2) for means m, n and covariances A, B (Dowson & Landau 1982),
    in squared units of the features, 0 or more. Biased upwards for few samples: compare values of
    equal counts only. Raises DataError when a side has fewer than two samples.
    """
    gap = a.mean - b.mean
    A, B = a.covariance, b.covariance
    root = _square_root(A)
    # tr (A B)^1/2 = tr (A^1/2 B A^1/2)^1/2: the latter is symmetric, so its eigenvalues are real,
    # while sqrtm(A B) may be complex. With fewer samples than D, rounding makes some negative.
    eigenvalues = torch.linalg.eigvalsh(root @ B @ root).clamp(min=0)
    spread = torch.trace(A) + torch.trace(B) - 2 * eigenvalues.sqrt().sum()
    return max(0.0, float(gap @ gap + spread))


def _square_root(covariance: Tensor) -> Tensor:
    values, vectors = torch.linalg.eigh(covariance)
    root: Tensor = (vectors * values.clamp(min=0).sqrt()) @ vectors.T  # (D, D)
    return root
