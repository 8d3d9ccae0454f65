"""The images of one training step, and their features."""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

Maps = Mapping[int, Tensor]
"""Feature maps by their stride, (B, C, H/stride, W/stride)."""


@dataclass(frozen=True)
class StepBatch:
    """Images of a step, cut alike, in [0, 1], and their feature maps.

    Generated images stand in the order of their targets: first those drawn on sources of style
    images, then those drawn on sources of content images, if there are any.
    """

    fake: Tensor
    """Generated images, (N, 3, H, W)."""
    target: Tensor
    """Images that those are held to, (N, 3, H, W): the style images, the content images."""
    fake_maps: Maps
    target_maps: Maps
    pairs: int
    """Number of style images, which come first."""
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
        return head(self.target_maps, self.pairs)


def head(maps: Maps, count: int) -> Maps:
    """The maps of the first `count` images."""
    return {stride: m[:count] for stride, m in maps.items()}


def tail(maps: Maps, start: int) -> Maps:
    """The maps of the images from `start` on."""
    return {stride: m[start:] for stride, m in maps.items()}
