"""Images of one training step, and their features."""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

Maps = Mapping[int, Tensor]
"""Feature maps by their stride, (N, C, H/stride, W/stride)."""


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Images that the generator paints from in a step, and the targets of its results.

    They have N rows, in groups of equal size.
    """

    images: Tensor
    """(N, 3, S, S)."""
    edges: Tensor
    """Heights of their upper and lower edges, (N, 2)."""
    targets: Tensor
    """Image that each result is compared with, (N, 3, S, S)."""
    real_count: int
    """Number of targets that the discriminators see as real, which come first."""
    group_size: int
    """Number of rows in a group."""
    exact: slice
    """Rows whose results must become their targets."""
    drafts: tuple[slice, slice] | None = None
    """Rows of the first and of the second result of each draft; None in paired tasks."""


@dataclass(frozen=True, kw_only=True)
class StepBatch:
    """Results of a step beside their targets, cut alike, in [0, 1], with their feature maps.

    Results are in the order of their targets. Fields with names of Sources are the same as there.
    """

    fake: Tensor
    """Generated images, (N, 3, H, W)."""
    target: Tensor
    """Images that they are compared with, (N, 3, H, W)."""
    fake_maps: Maps
    target_maps: Maps
    real_count: int
    group_size: int
    exact: slice
    source: Tensor
    """Images that they were painted from, (N, 3, H, W)."""
    source_maps: Maps | None = None
    """Feature maps of the sources in paired tasks, where the discriminators see them too."""
    drafts: tuple[slice, slice] | None = None

    @property
    def style(self) -> Tensor:
        """Style images that the discriminators see as real: (real_count, 3, H, W)."""
        return self.target[: self.real_count]

    @property
    def style_maps(self) -> Maps:
        """Feature maps of style."""
        return rows_of(self.target_maps, slice(self.real_count))


def rows_of(maps: Maps, rows: slice) -> Maps:
    """Feature maps of some of the images."""
    return {stride: m[rows] for stride, m in maps.items()}
