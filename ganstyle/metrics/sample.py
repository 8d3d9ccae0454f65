"""What is gathered of a set of pictures as they come by, in memory that does not grow with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ganstyle.losses.content import feature_similarity
from ganstyle.metrics.edges import edge_agreement
from ganstyle.metrics.frechet import FeatureMoments
from ganstyle.metrics.wasserstein import PATCH, PyramidPatches

MOST_KEPT = 2000
"""Pictures of a set whose features are kept one by one; of a larger set every n-th is."""

_LEVELS = 4
_PATCHES = 32
_CAPACITY = 2**13


@dataclass(frozen=True)
class Look:
    """What is seen of some pictures, each of the same number of crops."""

    crops: Tensor
    """(N, 3, H, W) in [0, 1]."""
    maps: Tensor
    """(N, C, h, w), by which contents are compared."""
    features: Sequence[Tensor]
    """Of each picture, (n, D), by which styles are compared."""
    depths: Mapping[str, Tensor]
    """By the name of the depth: (M, D_i), a row a crop or picture."""

    def likeness(self, other: "Look") -> tuple[Tensor, Tensor]:
        """Feature similarity and edge agreement with as many other pictures: float64 (B,) each."""
        pictures = len(self.features)
        features = feature_similarity({16: self.maps}, {16: other.maps})  # (N,)
        edges = edge_agreement(self.crops, other.crops)
        return tuple(  # type: ignore[return-value]
            values.double().cpu().view(pictures, -1).mean(1) for values in (features, edges)
        )

    def some(self, which: slice) -> "Look":
        """The look at some of the pictures."""
        pictures = len(self.features)

        def part(rows: Tensor) -> Tensor:
            return rows.reshape(pictures, -1, *rows.shape[1:])[which].flatten(0, 1)

        return Look(
            part(self.crops),
            part(self.maps),
            self.features[which],
            {name: part(rows) for name, rows in self.depths.items()},
        )


class Sample:
    """A set of pictures, all of which count for the Fréchet and the sliced Wasserstein distance.

    crop: side of the crops in pixels. every: of so many pictures one is kept for the kernel
    distance and the classifier.
    """

    def __init__(self, crop: int, every: int = 1) -> None:
        self.every = every
        self.pictures = 0
        self.features: list[Tensor] = []
        self.moments: dict[str, FeatureMoments] = {}
        levels = next(n for n in range(_LEVELS, 0, -1) if (PATCH - 1) * 2 ** (n - 1) < crop)
        self.patches = PyramidPatches(
            torch.Generator().manual_seed(0),
            levels=levels,
            per_picture=_PATCHES,
            capacity=_CAPACITY,
        )

    def add(self, look: Look) -> None:
        """Take in some pictures."""
        for features in look.features:
            if self.pictures % self.every == 0:
                self.features.append(features)
            self.pictures += 1
        for name, rows in look.depths.items():
            self.moments.setdefault(name, FeatureMoments()).update(rows)
        self.patches.update(look.crops)
