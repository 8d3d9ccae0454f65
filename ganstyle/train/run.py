"""Training of a style from folders of images."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from ganstyle.data.crops import Batch, Crops
from ganstyle.distributed import Ranks
from ganstyle.errors import ConfigError, DataError
from ganstyle.files import atomic_path
from ganstyle.metrics.comparison import Scores
from ganstyle.models.presets import preset
from ganstyle.runtime import Runtime, free_on_gpu, memory_peak
from ganstyle.train.config import DEFAULT_MINUTES, FIXED, TrainConfig
from ganstyle.train.dataset import load_folders
from ganstyle.train.gan import Gan
from ganstyle.train.log import TrainingReport
from ganstyle.train.step_rng import StepRng
from ganstyle.train.trainer import Trainer

_OPTIONS = "config.json"
"""File in a run's folder with what it was begun with."""

_REHEARSED_STEPS = 4
"""Steps from which the speed of a training is estimated; the first ones are slow."""

_IMAGES_FRACTION, _STEP_FRACTION = 0.25, 0.6
"""Parts of a GPU's free memory that decoded images and a step may take."""

_TRIED_BATCH, _LARGEST_BATCH = 2, 64
"""Batch with which memory is measured, and the largest chosen; larger ones take fewer steps in a
given time than a generator needs."""


def train(
    content: Path | None,
    style: Path,
    run: Path,
    config: TrainConfig,
    runtime: Runtime,
    *,
    ranks: Ranks | None = None,
    on_report: Callable[[TrainingReport], None] = lambda _: None,
    on_message: Callable[[str], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Scores | None:
    """Train on the images below style; keep everything in run.

    content: photos for previews and scores, if any; for config.task "paired" the sources of style.
    A run that was interrupted goes on from its last state; one that is over goes on when its
    budget is raised. run/checkpoint.safetensors is usable at any moment. Returns the scores on
    held-out images, None when the folders are too small to hold any out.
    should_stop is asked between steps; when it says so, all is saved and KeyboardInterrupt raised.
    ranks: the processes that train together; rank 0 alone writes and speaks.
    Raises DataError for folders without images or options that the run cannot change.
    """
    started = time.monotonic()
    ranks = ranks or Ranks()
    config = with_limit(config, run, on_message if ranks.rank == 0 else None)
    config = replace(config, batch=config.batch or _fitting_batch(run, config, runtime, ranks))
    _check(config, ranks)
    asked = {
        "content": str(content.resolve()) if content else "",
        "style": str(style.resolve()),
        **asdict(config),
    }
    # Refused before the images are decoded, written only when there are some.
    changes = _changes(run, asked) if ranks.rank == 0 else []
    folders = load_folders(content, style, config)
    if folders.nbytes < _IMAGES_FRACTION * free_on_gpu(runtime.device):
        folders.move(runtime.device)
    if ranks.rank == 0:
        _write_options(run, asked)
        for line in (*changes, *folders.report, *folders.problems):
            on_message(line)
    ranks.gather(None)  # the folder is claimed before anybody looks for states in it
    trainer = Trainer(run, config, runtime, folders, started, on_message, ranks)
    if not trainer.resume():
        trainer.begin()
    trainer.fit(on_report, should_stop)
    if trainer.stopping and trainer.progress < 1:
        trainer.pause()
        raise KeyboardInterrupt
    return trainer.finish()


def with_limit(
    config: TrainConfig, run: Path | None, on_message: Callable[[str], None] | None = None
) -> TrainConfig:
    """The config, where it has no limit with that of the run if that has begun, else the default.

    on_message is told which one that is. Raises DataError when the run's options are damaged.
    """
    if config.minutes is not None or config.images is not None:
        return config
    if before := _options_of(run):
        config = replace(config, minutes=before.get("minutes"), images=before.get("images"))
    if config.minutes is None and config.images is None:
        config = replace(config, minutes=DEFAULT_MINUTES)
    if on_message:
        limit = f"{config.images} images" if config.images else f"{config.minutes:g} minutes"
        on_message(f"Training for {limit}; --minutes or --images set another limit.")
    return config


def rehearse(
    content: Path | None, style: Path, config: TrainConfig, runtime: Runtime
) -> tuple[list[str], float]:
    """Look at everything and write nothing: lines on the folders, and crops a second.

    Raises the errors that train() would raise for these folders.
    """
    ranks = Ranks()
    config = replace(config, batch=config.batch or _fitting_batch(None, config, runtime, ranks))
    _check(config, ranks)
    folders = load_folders(content, style, config)
    trainer = Trainer(Path(), config, runtime, folders, time.monotonic(), lambda _: None)
    seconds = []
    for _ in range(_REHEARSED_STEPS):
        started = time.monotonic()
        losses = trainer.step()
        float(losses["loss/generator"])  # waits for a GPU
        seconds.append(time.monotonic() - started)
    gib = folders.nbytes / 2**30
    memory = f"Decoded pictures take {gib:.2f} GiB of {config.memory_gib:g} (--memory-gib)."
    return [*folders.report, *folders.problems, memory], config.batch / min(seconds)


def _fitting_batch(run: Path | None, config: TrainConfig, runtime: Runtime, ranks: Ranks) -> int:
    """The batch that a run was begun with, else what fits into the memory of the GPU.

    A step on a small batch is tried and its memory measured; the default on a CPU, where larger
    batches are no faster.
    """
    if begun := _options_of(run):
        return int(begun.get("batch", TrainConfig.batch))
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


def _check(config: TrainConfig, ranks: Ranks) -> None:
    """Raise ConfigError for what is wrong with the options, before any work."""
    preset(config.preset)
    if config.batch % ranks.count:
        raise ConfigError(
            f"batch is {config.batch}; {ranks.count} processes share it, so it must be a multiple "
            "of that."
        )


def _changes(run: Path, asked: Mapping[str, Any]) -> list[str]:
    """A line for each option that a run was begun with otherwise; none for a fresh folder.

    Raises DataError when one of them cannot be changed on the way, or run is something else.
    """
    before = _options_of(run)
    if before is None:
        if run.is_dir() and any(run.iterdir()):
            raise DataError(f"{run}: neither empty nor a run of ganstyle; use a new folder.")
        return []
    defaults = asdict(TrainConfig(images=1)) | {"images": None}
    changed = {
        key: f"{key} {before.get(key, defaults.get(key))} -> {value}"
        for key, value in asked.items()
        if value != before.get(key, defaults.get(key))
    }
    refused = [f"{changed[key]} ({FIXED[key]})" for key in changed if key in FIXED]
    if refused:
        raise DataError(
            f"{run}: cannot be changed in a run that has begun: {'; '.join(refused)}. "
            "Leave that as it was, or use a new folder."
        )
    return [f"{run}: {change} from here on." for change in changed.values()]


def _write_options(run: Path, asked: Mapping[str, Any]) -> None:
    with atomic_path(run / _OPTIONS) as temporary:
        temporary.write_text(json.dumps(asked, indent=2, sort_keys=True) + "\n")


def _options_of(run: Path | None) -> dict[str, Any] | None:
    """What a run was begun with; None of a folder in which none has. Raises DataError."""
    if run is None or not (run / _OPTIONS).is_file():
        return None
    path = run / _OPTIONS
    try:
        record = json.loads(path.read_text())
    except ValueError as error:
        raise DataError(f"{path}: damaged ({error}); train into a new folder.") from error
    if not isinstance(record, dict):
        raise DataError(f"{path}: damaged (no options in it); train into a new folder.")
    return record
