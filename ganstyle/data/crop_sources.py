"""Sources of training batches, one for each kind of task."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch

from ganstyle.data.crops import Batch, Crops, CropSet


class CropSource(Protocol):
    """Source of training batches, with the images in memory that they are cut from."""

    def sample(self, count: int, rng: torch.Generator) -> Batch:
        """Random crops, count of each kind."""

    def sets(self) -> Sequence[CropSet]:
        """The images in memory."""


@dataclass(frozen=True)
class PairedCrops:
    """Sources with their targets, as images of six channels."""

    pairs: CropSet

    def sample(self, count: int, rng: torch.Generator) -> Batch:
        both = self.pairs.sample(count, rng)  # (count, 6, crop, crop)
        sources, targets = both.images[:, :3], both.images[:, 3:]
        return Batch(Crops(sources, both.edges), Crops(targets, both.edges))

    def sets(self) -> Sequence[CropSet]:
        return (self.pairs,)


@dataclass(frozen=True)
class StyleCrops:
    """Style images at two sizes: small ones to draft, and larger ones to refine."""

    small: CropSet
    large: CropSet

    def sample(self, count: int, rng: torch.Generator) -> Batch:
        return Batch(self.small.sample(count, rng), self.large.sample(count, rng))

    def sets(self) -> Sequence[CropSet]:
        return self.small, self.large
