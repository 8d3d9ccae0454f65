"""Sources of a step, for each kind of training task."""

import torch

from ganstyle.data.crops import Batch
from ganstyle.sources.abstraction import Abstraction, abstract
from ganstyle.sources.draft import random_drafts
from ganstyle.train.config import TrainConfig
from ganstyle.train.step_batch import Sources
from ganstyle.train.step_rng import StepRng


def sources_of(config: TrainConfig, batch: Batch, rng: StepRng) -> Sources:
    """Images that the generator paints from in a step. batch: crops of a CropSource."""
    return pair_sources(batch) if config.is_paired else draft_sources(config, batch, rng)


def pair_sources(batch: Batch) -> Sources:
    """The sources of pairs, whose results must become their targets: N = B."""
    B = len(batch.second.images)
    return Sources(
        images=batch.first.images,  # (B, 3, S, S)
        edges=batch.first.edges,  # (B, 2)
        targets=batch.second.images,  # (B, 3, S, S)
        real_count=B,
        group_size=B,
        exact=slice(None),
    )


def draft_sources(config: TrainConfig, batch: Batch, rng: StepRng) -> Sources:
    """Drafts of the small crops, each painted twice, and abstractions of the large ones: N = 3 B.

    The two results of a draft differ by their random maps. Abstractions teach the generator to
    refine, at a larger size, what it has made of a draft.
    """
    small, large, B = batch.first, batch.second, len(batch.first.images)
    drafts = random_drafts(small.images, rng.generators(B))  # (B, 3, S, S)
    factor = rng.uniform(config.finest, config.coarsest)
    abstractions = abstract(large.images, Abstraction(factor=factor, radius=config.radius))
    return Sources(
        images=torch.cat([drafts, abstractions, drafts]),  # (3 B, 3, S, S)
        edges=torch.cat([small.edges, large.edges, small.edges]),  # (3 B, 2)
        targets=torch.cat([small.images, large.images, small.images]),
        real_count=2 * B,
        group_size=B,
        exact=slice(B, 2 * B),
        drafts=(slice(B), slice(2 * B, None)),
    )
