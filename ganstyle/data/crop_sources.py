"""Sources of the batches of a training, one for each kind of task."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from ganstyle.config import MARGIN
from ganstyle.data.crops import CropSet
from ganstyle.models.blocks import cut_border
from ganstyle.sources.sketch import random_sketch


class CropSource(Protocol):
    """Batches of a training, and the images in memory that they are cut from."""

    def sample(self, count: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Inputs of the generator, and images that the discriminators take for real.

        Both (count, 3, side, side) in [0, 1], with a side of crop + 2 * MARGIN and of crop. In
        paired tasks the second shows the middle of the first.
        """

    def sets(self) -> Sequence[CropSet]:
        """The images that are in memory."""


@dataclass(frozen=True)
class UnpairedCrops:
    """Content images, and style images that have nothing to do with them."""

    content: CropSet
    style: CropSet

    def sample(self, count: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        return self.content.sample(count, rng), self.style.sample(count, rng)

    def sets(self) -> Sequence[CropSet]:
        return self.content, self.style


@dataclass(frozen=True)
class PairedCrops:
    """Sources with their targets, as images of six channels."""

    pairs: CropSet

    def sample(self, count: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        both = self.pairs.sample(count, rng)  # (count, 6, side, side)
        return both[:, :3], cut_border(both[:, 3:], MARGIN)

    def sets(self) -> Sequence[CropSet]:
        return (self.pairs,)


@dataclass(frozen=True)
class SketchedCrops:
    """Photos whose sketches are drawn afresh for each crop."""

    photos: CropSet

    def sample(self, count: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        photos = self.photos.sample(count, rng)
        return random_sketch(photos, rng), cut_border(photos, MARGIN)

    def sets(self) -> Sequence[CropSet]:
        return (self.photos,)
