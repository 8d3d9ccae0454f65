"""The images of one training step, and their features."""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

Maps = Mapping[int, Tensor]
"""Feature maps by their stride, (B, C, H/stride, W/stride)."""


@dataclass(frozen=True)
class StepBatch:
    """Images of a step, cut alike, in [0, 1], and their feature maps.

    Generated images stand in the order of their targets, in groups of equal size: first those drawn
    on sources of style images, then the others, if there are any.
    """

    fake: Tensor
    """Generated images, (N, 3, H, W)."""
    target: Tensor
    """Images that those are held to, (N, 3, H, W): the style images, the content images."""
    fake_maps: Maps
    target_maps: Maps
    pairs: int
    """Number of targets that are style images, which come first."""
    group: int
    """Number of images in a group, which divides all others."""
    source: Tensor | None = None
    """(N, 3, H, W) where the discriminators see the source beside an image, in paired tasks."""
    source_maps: Maps | None = None

    @property
    def style(self) -> Tensor:
        """Style images, which are real: (pairs, 3, H, W)."""
        return self.target[: self.pairs]

    @property
    def style_maps(self) -> Maps:
        """The features of style."""
        return part(self.target_maps, slice(self.pairs))


def part(maps: Maps, rows: slice) -> Maps:
    """The maps of some of the images."""
    return {stride: m[rows] for stride, m in maps.items()}
