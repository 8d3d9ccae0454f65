"""Batch size of a training on a GPU, chosen by its memory."""

from dataclasses import replace

import torch

from ganstyle.data.crops import Batch, Crops
from ganstyle.distributed import Ranks
from ganstyle.runtime import Runtime, free_on_gpu, memory_peak
from ganstyle.train.config import TrainConfig
from ganstyle.train.gan import Gan
from ganstyle.train.step_rng import StepRng

_STEP_FRACTION = 0.6
"""Share of a GPU's free memory that a step may take."""

_TRIED_BATCH, _LARGEST_BATCH = 2, 64
"""Batch with which memory is measured, and the largest batch chosen: with a larger one, too few
steps fit into a given time."""


def fitting_batch(config: TrainConfig, runtime: Runtime, ranks: Ranks) -> int:
    """Batch that fits into the GPU's memory, extrapolated from that of a small step.

    On a CPU, where larger batches are no faster, the default.
    """
    if not free_on_gpu(runtime.device):
        return TrainConfig.batch
    tried = replace(config, batch=_TRIED_BATCH)
    gan = Gan(tried, runtime)
    images = torch.rand((_TRIED_BATCH, 3, config.crop, config.crop), device=runtime.device)
    before = memory_peak(runtime.device)
    crops = Crops(images, images.new_tensor([[-1.0, 1.0]] * _TRIED_BATCH))
    gan.step(Batch(crops, crops), StepRng.of_step(0, 0, runtime.device, Ranks()))
    each = max(1, memory_peak(runtime.device) - before) / _TRIED_BATCH
    batch = int(_STEP_FRACTION * free_on_gpu(runtime.device) / each)
    batch = min(_LARGEST_BATCH, max(TrainConfig.batch, batch * ranks.count))
    # All ranks must agree, though their GPUs may have different amounts free.
    return ranks.first(batch - batch % ranks.count)
