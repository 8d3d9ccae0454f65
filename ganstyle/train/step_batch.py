"""The images of one training step, and their features."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class StepBatch:
    """Images of a step, cut alike, (B, 3, H, W) in [0, 1], and their feature maps by stride."""

    fake: Tensor
    """Stylized by the generator."""
    content: Tensor
    style: Tensor
    fake_maps: dict[int, Tensor]
    content_maps: dict[int, Tensor]
    style_maps: dict[int, Tensor]
    paired: bool

    @property
    def source(self) -> Tensor | None:
        """Image that the discriminators see beside another in paired tasks."""
        return self.content if self.paired else None

    @property
    def source_maps(self) -> dict[int, Tensor] | None:
        """The features of source."""
        return self.content_maps if self.paired else None

    @property
    def content_target(self) -> tuple[Tensor, dict[int, Tensor]]:
        """Image that the result is held to, and its features: the content image, or, in paired
        tasks, the style image that it stands for.
        """
        return (self.style, self.style_maps) if self.paired else (self.content, self.content_maps)
