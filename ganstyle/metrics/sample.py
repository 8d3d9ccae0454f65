"""What is gathered of a set of pictures as they come by, in memory that does not grow with it."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from ganstyle.losses.content import feature_similarity
from ganstyle.metrics.edges import edge_agreement
from ganstyle.metrics.frechet import FeatureMoments
from ganstyle.metrics.sliced_wasserstein import PyramidPatches

MOST_KEPT = 2000
"""Pictures of a set whose features are kept one by one; of a larger set every n-th is."""

_CAPACITY = 2**13


@dataclass(frozen=True)
class Traits:
    """By what styles are compared, of some pictures of equally many crops each."""

    features: Tensor
    """(P, n, D), of each picture."""
    depths: Mapping[str, Tensor]
    """By the name of the depth: (M, D_i), a row a crop or picture."""
    patches: Tensor
    """(N, levels, K, 7, 7, 3) of the crops, as wasserstein.sample_patches gives them."""

    @property
    def pictures(self) -> int:
        """How many there are."""
        return len(self.features)

    def some(self, which: slice) -> "Traits":
        """Those of some of the pictures."""
        rows = {name: _part(rows, self.pictures, which) for name, rows in self.depths.items()}
        return Traits(self.features[which], rows, _part(self.patches, self.pictures, which))


@dataclass(frozen=True)
class Look:
    """What is seen of some pictures of equally many crops each."""

    crops: Tensor
    """(N, 3, H, W) in [0, 1]."""
    maps: Tensor
    """(N, C, h, w), by which contents are compared."""
    traits: Traits

    def likeness(self, other: "Look") -> tuple[Tensor, Tensor]:
        """Feature similarity and edge agreement with as many other pictures: float64 (P,) each."""
        features = feature_similarity({16: self.maps}, {16: other.maps})  # (N,)
        edges = edge_agreement(self.crops, other.crops)
        return tuple(  # type: ignore[return-value]
            values.double().cpu().view(self.traits.pictures, -1).mean(1)
            for values in (features, edges)
        )

    def some(self, which: slice) -> "Look":
        """The look at some of the pictures."""
        crops, maps = (_part(t, self.traits.pictures, which) for t in (self.crops, self.maps))
        return Look(crops, maps, self.traits.some(which))


def _part(rows: Tensor, pictures: int, which: slice) -> Tensor:
    """Rows of some of the pictures, each of which has equally many."""
    return rows.reshape(pictures, -1, *rows.shape[1:])[which].flatten(0, 1)


class Sample:
    """A set of pictures, all of which count for the Fréchet and the sliced Wasserstein distance.

    levels: of the pyramids that patches come from. every: of so many pictures one is kept for the
    kernel distance and the classifier.
    """

    def __init__(self, levels: int, every: int = 1) -> None:
        self.every = every
        self.pictures = 0
        self.features: list[Tensor] = []
        self.moments: dict[str, FeatureMoments] = {}
        chance = torch.Generator().manual_seed(0)
        self.patches = PyramidPatches(chance, levels=levels, capacity=_CAPACITY)

    def add(self, traits: Traits) -> None:
        """Take in some pictures."""
        for features in traits.features:
            if self.pictures % self.every == 0:
                self.features.append(features)
            self.pictures += 1
        for name, rows in traits.depths.items():
            self.moments.setdefault(name, FeatureMoments()).update(rows)
        self.patches.update(traits.patches)
