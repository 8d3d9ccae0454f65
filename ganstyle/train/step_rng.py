"""Random numbers of one training step, all from one seed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ganstyle.distributed import Ranks
from ganstyle.models.noise import TileCoordinates, row_heights

_SPREAD = 0x9E3779B1
"""Distance between the random seeds of equal steps of runs with successive seeds, modulo 2^32,
as torch uses only 32 bits."""

_FARTHEST = 2**16
"""Strides from the edge of an image at which a training crop may lie, for its random maps."""


@dataclass(frozen=True)
class StepRng:
    """Random numbers of a step: the same for a batch, whichever rank holds which of its rows.

    generator: seeded by the run and the step, so that a resumed run continues with the same ones.
    ranks: the processes that share each batch. groups: number of groups of equal size in a batch;
    each rank holds some rows of each group.
    """

    generator: torch.Generator
    device: torch.device
    ranks: Ranks
    groups: int = 1

    @classmethod
    def of_step(cls, seed: int, step: int, device: torch.device, ranks: Ranks) -> "StepRng":
        """The random numbers of a step of a run."""
        number = (seed * _SPREAD + step) & 0xFFFFFFFF
        return cls(torch.Generator().manual_seed(number), device, ranks)

    def grouped(self, groups: int) -> "StepRng":
        """The same numbers, for batches of `groups` groups."""
        return replace(self, groups=groups)

    def integer(self, low: int, high: int) -> int:
        """A random integer from low up to, but not including, high; the same on all ranks."""
        return int(torch.randint(low, high, (), generator=self.generator))

    def uniform(self, low: float, high: float) -> float:
        """A random number between low and high, the same on all ranks."""
        return low + (high - low) * float(torch.rand((), generator=self.generator))

    def normal(self, shape: Sequence[int]) -> Tensor:
        """Normal noise for this rank's rows of a batch, shape[0] of them, float32."""
        return self._own_rows(torch.randn(self._whole(shape), generator=self.generator))

    def uniforms(self, shape: Sequence[int]) -> Tensor:
        """Numbers in [0, 1) for this rank's rows of a batch, shape[0] of them, float32."""
        return self._own_rows(torch.rand(self._whole(shape), generator=self.generator))

    def generators(self, count: int) -> list[torch.Generator]:
        """A generator for each of this rank's `count` rows of a batch."""
        seeds = (self.uniforms((count,)) * 2**31).long().tolist()
        return [torch.Generator().manual_seed(seed) for seed in seeds]

    def coordinates(self, images: Tensor, edges: Tensor, stride: int) -> TileCoordinates:
        """Random places for images, (B, 3, H, W), on a grid of `stride` px, and a random seed.

        edges: heights of their upper and lower edges, (B, 2), which they keep.
        """
        B, _, H, W = images.shape
        corners = (self.uniforms((B, 2)) * _FARTHEST).long() * stride  # (B, 2)
        rows = torch.arange(H, device=self.device)
        columns = corners[:, 1:] + torch.arange(W, device=self.device)
        upper, lower = edges.double().unbind(1)
        within = (row_heights(rows, H) + 1) / 2  # from 0 to 1
        heights = upper[:, None] + (lower - upper)[:, None] * within  # (B, H)
        seed = self.integer(0, 2**31)
        return TileCoordinates(corners[:, :1] + rows, columns, heights, seed)

    def _whole(self, shape: Sequence[int]) -> tuple[int, ...]:
        return (self.groups, shape[0] // self.groups * self.ranks.count, *shape[1:])

    def _own_rows(self, whole: Tensor) -> Tensor:
        rows = whole.chunk(self.ranks.count, dim=1)[self.ranks.rank]
        return rows.flatten(0, 1).to(self.device)
