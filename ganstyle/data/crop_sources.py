"""Sources of the batches of a training, one for each kind of task."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from ganstyle.data.crops import CropSet
from ganstyle.sources.sketch import random_sketch


class CropSource(Protocol):
    """Batches of a training, and the images in memory that they are cut from."""

    def sample(self, count: int, rng: torch.Generator) -> tuple[Tensor | None, Tensor]:
        """Content images, or None, and style images, which the discriminators take for real.

        Both (count, 3, crop, crop) in [0, 1]. In paired tasks the first are the sources of the
        second, in the same order; to learn from drafts both are style images.
        """

    def sets(self) -> Sequence[CropSet]:
        """The images that are in memory."""


@dataclass(frozen=True)
class StyleCrops:
    """Style images alone."""

    style: CropSet

    def sample(self, count: int, rng: torch.Generator) -> tuple[None, Tensor]:
        return None, self.style.sample(count, rng)

    def sets(self) -> Sequence[CropSet]:
        return (self.style,)


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
        both = self.pairs.sample(count, rng)  # (count, 6, crop, crop)
        return both[:, :3], both[:, 3:]

    def sets(self) -> Sequence[CropSet]:
        return (self.pairs,)


@dataclass(frozen=True)
class SketchedCrops:
    """Photos whose sketches are drawn afresh for each crop."""

    photos: CropSet

    def sample(self, count: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        photos = self.photos.sample(count, rng)
        return random_sketch(photos, rng), photos

    def sets(self) -> Sequence[CropSet]:
        return (self.photos,)


@dataclass(frozen=True)
class DraftCrops:
    """Style images to be drafted, small, and to be refined, at a larger size."""

    small: CropSet
    large: CropSet

    def sample(self, count: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        return self.small.sample(count, rng), self.large.sample(count, rng)

    def sets(self) -> Sequence[CropSet]:
        return self.small, self.large
