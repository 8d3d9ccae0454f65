"""What a step draws on, and what results are held to, for each kind of training task."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from ganstyle.data.crops import Crops
from ganstyle.losses.content import color_distance, feature_distance
from ganstyle.losses.energy import color_score, energy_score
from ganstyle.sources.abstraction import Abstraction, abstract
from ganstyle.sources.draft import random_drafts
from ganstyle.train.config import TrainConfig
from ganstyle.train.step_batch import StepBatch, part
from ganstyle.train.step_rng import StepRng

PAIR_STRIDES, OPEN_STRIDES = (4, 8, 16), (8, 16)
"""Strides of the features in which a result is held to its target, and to the painting behind a
draft, from which it may depart: finer ones would bind the strokes."""

_WIDER = 4
"""Times that areas, in which a result must have the colours of the painting behind its draft, are
wider than those in which the result of an abstraction must."""

_ROOT = 0.1
"""Weight of a distance of colours beside the square of one: of 0.05, as is usual, both then have
the same slope."""

Distances = Mapping[str, tuple[float, Tensor]]
"""Distances between results and targets, scalars, each with its weight."""


@dataclass(frozen=True)
class Sources:
    """What the generator draws on in a step, and what for; N is a whole number of groups."""

    images: Tensor
    """(N, 3, S, S)."""
    edges: Tensor
    """Heights of their upper and lower edges, (N, 2)."""
    targets: Tensor
    """Image that each result is held to, (N, 3, S, S)."""
    real: int
    """Number of targets that the discriminators see as real, which come first."""


class Task(Protocol):
    """A kind of training: what the generator draws on, and how far it may depart from its targets.

    Crops are of (B, 3, S, S) in [0, 1].
    """

    def sources(self, first: Crops, second: Crops, rng: StepRng, /) -> Sources:
        """Sources of a step and their targets, in groups of B, of the crops of a CropSource."""

    def distances(self, batch: StepBatch) -> Distances:
        """Distances of the results from their targets, by name."""


def task_of(config: TrainConfig) -> Task:
    """The task of a training."""
    return Pairs(config) if config.is_paired else Drafts(config)


@dataclass(frozen=True)
class Pairs:
    """Sources that come with their targets."""

    config: TrainConfig

    def sources(self, first: Crops, second: Crops, _: StepRng, /) -> Sources:
        return Sources(first.images, first.edges, second.images, len(second.images))

    def distances(self, batch: StepBatch) -> Distances:
        return _pair_distances(self.config, batch, slice(None))


@dataclass(frozen=True)
class Drafts:
    """Drafts of style images, each drawn twice with other random maps, and abstractions of others.

    The abstractions teach the generator to refine, at a larger size, what it has made of a draft.
    """

    config: TrainConfig

    def sources(self, first: Crops, second: Crops, rng: StepRng, /) -> Sources:
        small, large = first.images, second.images
        drafts = random_drafts(small, rng.each(len(small)))
        factor = rng.number(self.config.finest, self.config.coarsest)
        refined = abstract(large, Abstraction(factor=factor, radius=self.config.radius))
        return Sources(
            torch.cat([drafts, refined, drafts]),
            torch.cat([first.edges, second.edges, first.edges]),
            torch.cat([small, large, small]),
            2 * len(small),
        )

    def distances(self, batch: StepBatch) -> Distances:
        config, B = self.config, batch.group
        first, refined, second = slice(B), slice(B, 2 * B), slice(2 * B, None)
        maps = part(batch.fake_maps, first), part(batch.fake_maps, second)
        images = batch.fake[first], batch.fake[second], batch.target[first]
        score = energy_score(*maps, part(batch.target_maps, first), OPEN_STRIDES)
        colors = color_score(*images, _WIDER * config.color_cell)
        return {
            **_pair_distances(config, batch, refined),
            "draft": (config.content_weight, score),
            "draft_color": (config.color_weight * _ROOT, colors),
        }


def _pair_distances(
    config: TrainConfig, batch: StepBatch, rows: slice
) -> dict[str, tuple[float, Tensor]]:
    """Distances of results that must become their targets."""
    maps = part(batch.fake_maps, rows), part(batch.target_maps, rows)
    color = color_distance(batch.fake[rows], batch.target[rows], config.color_cell)
    return {
        "pair": (config.pair_weight, feature_distance(*maps, PAIR_STRIDES)),
        "color": (config.color_weight, color),
    }
