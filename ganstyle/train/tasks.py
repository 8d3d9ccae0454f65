"""What is drawn in a step, and what results are held to, for each kind of training task."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from ganstyle.losses.content import color_distance, feature_distance
from ganstyle.losses.energy import color_score, energy_score
from ganstyle.sources.abstraction import Abstraction, abstract
from ganstyle.sources.draft import random_drafts
from ganstyle.train.config import TrainConfig
from ganstyle.train.step_batch import StepBatch, part
from ganstyle.train.step_rng import StepRng

PAIR_STRIDES, OPEN_STRIDES = (4, 8, 16), (8, 16)
"""Strides of the features in which a result is held to a style image, and to an image that it may
depart from, a photo or the painting behind a draft: finer ones would bind the strokes."""

_WIDER = 4
"""Times that areas, in which a result must have the colours of the painting behind its draft, are
wider than those in which the result of an abstraction must."""

_ROOT = 0.1
"""Weight of a distance of colours beside the square of one: of 0.05, as is usual, both then have
the same slope."""

Distances = Mapping[str, tuple[float, Tensor]]
"""Distances between results and targets, scalars, each with its weight."""


@dataclass(frozen=True)
class Drawn:
    """What the generator draws on in a step, and what for."""

    source: Tensor
    """(N, 3, S, S), a whole number of groups."""
    target: Tensor
    """Image that each result is held to."""
    pairs: int
    """Number of targets that are style images, which come first."""


class Task(Protocol):
    """A kind of training: what the generator draws on, and how far it may depart from its targets.

    Images are (B, 3, S, S) in [0, 1]. style: real images. content: images to be stylized, in
    the palette of the style, sources of style, or images to be drafted, by the task; None where
    there are none.
    """

    def draw(self, content: Tensor | None, style: Tensor, rng: StepRng, /) -> Drawn:
        """Sources of a step and their targets, in groups of B."""

    def distances(self, batch: StepBatch) -> Distances:
        """Distances of the results from their targets, by name."""


def task_of(config: TrainConfig) -> Task:
    """The task of a training."""
    if config.is_paired:
        return Pairs(config)
    return Drafts(config) if config.task == "draft" else Abstractions(config)


@dataclass(frozen=True)
class Pairs:
    """Sources that come with their targets."""

    config: TrainConfig

    def draw(self, content: Tensor | None, style: Tensor, _: StepRng, /) -> Drawn:
        assert content is not None
        return Drawn(content, style, len(style))

    def distances(self, batch: StepBatch) -> Distances:
        return _pair_distances(self.config, batch, slice(None))


@dataclass(frozen=True)
class Abstractions:
    """Abstractions of style images, whose target is known, and of content images, if any."""

    config: TrainConfig

    def draw(self, content: Tensor | None, style: Tensor, rng: StepRng, /) -> Drawn:
        target = style if content is None else torch.cat([style, content])
        return Drawn(_abstracted(target, self.config, rng), target, len(style))

    def distances(self, batch: StepBatch) -> Distances:
        config, pairs = self.config, slice(batch.pairs)
        color = color_distance(batch.fake, batch.target, config.color_cell)
        found = {**_pair_distances(config, batch, pairs), "color": (config.color_weight, color)}
        if len(batch.fake) > batch.pairs:
            rest = slice(batch.pairs, None)
            maps = part(batch.fake_maps, rest), part(batch.target_maps, rest)
            found["content"] = config.content_weight, feature_distance(*maps, OPEN_STRIDES)
        return found


@dataclass(frozen=True)
class Drafts:
    """Drafts of paintings, each drawn twice with other random maps, and abstractions of others.

    The abstractions teach the generator to refine, at a larger size, what it has made of a draft.
    """

    config: TrainConfig

    def draw(self, content: Tensor | None, style: Tensor, rng: StepRng, /) -> Drawn:
        assert content is not None
        drafts = random_drafts(content, rng.each(len(content)))
        refined = _abstracted(style, self.config, rng)
        source = torch.cat([drafts, refined, drafts])
        return Drawn(source, torch.cat([content, style, content]), 2 * len(style))

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


def _abstracted(images: Tensor, config: TrainConfig, rng: StepRng) -> Tensor:
    factor = rng.number(config.finest, config.coarsest)
    return abstract(images, Abstraction(factor=factor, radius=config.radius))


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
