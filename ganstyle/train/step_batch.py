"""The images of one training step, and their features."""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

Maps = Mapping[int, Tensor]
"""Feature maps by their stride, (B, C, H/stride, W/stride)."""


@dataclass(frozen=True)
class StepBatch:
    """Images of a step, cut alike, in [0, 1], and their feature maps.

    Generated images stand in the order of their targets, in groups of equal size.
    """

    fake: Tensor
    """Generated images, (N, 3, H, W)."""
    target: Tensor
    """Images that those are held to, (N, 3, H, W)."""
    fake_maps: Maps
    target_maps: Maps
    real: int
    """Number of targets that the discriminators see as real, which come first."""
    group: int
    """Number of images in a group, which divides all others."""
    source: Tensor | None = None
    """(N, 3, H, W) where the discriminators see the source beside an image, in paired tasks."""
    source_maps: Maps | None = None

    @property
    def style(self) -> Tensor:
        """Style images that the discriminators see as real: (real, 3, H, W)."""
        return self.target[: self.real]

    @property
    def style_maps(self) -> Maps:
        """The features of style."""
        return part(self.target_maps, slice(self.real))


def part(maps: Maps, rows: slice) -> Maps:
    """The maps of some of the images."""
    return {stride: m[rows] for stride, m in maps.items()}
