"""Training of a style from folders of images."""

import time
from collections.abc import Callable
from pathlib import Path

from ganstyle.distributed import Ranks
from ganstyle.metrics.scores import Scores
from ganstyle.runtime import Runtime, free_on_gpu
from ganstyle.train.config import TrainConfig
from ganstyle.train.dataset import load_folders
from ganstyle.train.log import TrainingReport
from ganstyle.train.plan import make_plan, with_limit, write_options
from ganstyle.train.trainer import Trainer

_REHEARSED_STEPS = 4
"""Number of steps from which the speed of a training is estimated; the first ones are slow."""

_IMAGES_FRACTION = 0.25
"""Share of a GPU's free memory that decoded images may take."""


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
    """Train on the images in folder `style`, and keep everything in folder `run`.

    content: photos for previews and scores, if any; for config.task "paired" the sources of style.
    An interrupted run resumes from its last state, and a finished one continues when its budget is
    raised. run/checkpoint.safetensors is usable at any moment. Returns the scores on held-out
    images; None if the folders are too small to hold any out.
    should_stop is called between steps; when it returns true, everything is saved and
    KeyboardInterrupt raised. ranks: the processes that train together; only rank 0 writes.
    Raises DataError for folders without images, and for options that the run cannot change.
    """
    started = time.monotonic()
    ranks = ranks or Ranks()
    config = with_limit(config, run, on_message if ranks.rank == 0 else None)
    plan = make_plan(content, style, run, config, runtime, ranks)
    config = plan.config
    folders = load_folders(content, style, config)
    if folders.nbytes < _IMAGES_FRACTION * free_on_gpu(runtime.device):
        folders.move(runtime.device)
    if ranks.rank == 0:
        write_options(run, plan.options)  # only now is it certain that there are images to train on
        for line in (*plan.changes, *folders.report, *folders.problems):
            on_message(line)
    ranks.gather(None)  # the folder is claimed before a rank looks for states in it
    trainer = Trainer(run, config, runtime, folders, started, on_message, ranks)
    if not trainer.resume():
        trainer.begin(plan.initial)
    trainer.fit(on_report, should_stop)
    if trainer.stopping and trainer.progress < 1:
        trainer.pause()
        raise KeyboardInterrupt
    return trainer.finish()


def rehearse(
    content: Path | None, style: Path, run: Path, config: TrainConfig, runtime: Runtime
) -> tuple[list[str], float]:
    """Inspect the folders and time a few steps; returns lines about them, and crops per second.

    Writes nothing. Raises the errors that train() would raise.
    """
    plan = make_plan(content, style, run, config, runtime, Ranks())
    config = plan.config
    folders = load_folders(content, style, config)
    trainer = Trainer(run, config, runtime, folders, time.monotonic(), lambda _: None)
    seconds = []
    for _ in range(_REHEARSED_STEPS):
        started = time.monotonic()
        losses = trainer.step()
        float(losses["loss/generator"])  # waits for a GPU
        seconds.append(time.monotonic() - started)
    gib = folders.nbytes / 2**30
    memory = f"Decoded pictures take {gib:.2f} GiB of {config.memory_gib:g} (--memory-gib)."
    return [*plan.changes, *folders.report, *folders.problems, memory], config.batch / min(seconds)
