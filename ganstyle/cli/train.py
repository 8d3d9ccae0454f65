"""`ganstyle train`: a new style from folders of pictures."""

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ganstyle.cli.display import say, training_display
from ganstyle.cli.options import Device, Precision, read_options, set_up_runtime, with_options
from ganstyle.errors import ConfigError
from ganstyle.train.config import TASKS, TrainConfig

if TYPE_CHECKING:
    from ganstyle.runtime import Runtime
    from ganstyle.train.log import TrainingReport

EXAMPLES = """\
ganstyle train paintings/ my-style/ --minutes 60
ganstyle train photos/ paintings/ my-style/ --minutes 60 --init oil
ganstyle train one-painting.jpg my-style/ --minutes 30"""


def _take_defaults_from(context: typer.Context, path: Path | None) -> Path | None:
    """Let the options in a file stand in for the defaults: the command line wins over both."""
    if path:
        context.default_map = {**(context.default_map or {}), **read_options(path, TrainConfig)}
    return path


@with_options
def train(
    context: typer.Context,
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="[PHOTOS] STYLE RUN",
            help="Folder of photos for previews, if you have some; folder of style pictures, or a "
            "single one; folder of the run, which resumes if it was interrupted. With --paired: "
            "SOURCE TARGET RUN.",
        ),
    ],
    *,
    paired: Annotated[
        bool, typer.Option("--paired", help="Each source has its target, a file of the same name.")
    ] = False,
    config: TrainConfig,
    config_file: Annotated[  # noqa: ARG001, its callback has read it
        Path | None,
        typer.Option(
            "--config",
            callback=_take_defaults_from,
            is_eager=True,
            help="TOML file with any of these options.",
        ),
    ] = None,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Write event files for TensorBoard too.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Look at the pictures, time a few steps, and end.")
    ] = False,
    device: Device = "auto",
    precision: Precision = "auto",
) -> None:
    """Train a style on a folder of pictures, or on pairs of sources and targets."""
    task = "paired" if paired else (context.default_map or {}).get("task", config.task)
    config = replace(config, task=task)
    folders = _folders_to_train_on(paths, config)
    runtime = set_up_runtime(device, precision)
    if dry_run:
        _rehearse(*folders, config, runtime)
    else:
        _train(*folders, config, runtime, tensorboard=tensorboard)


def _train(
    content: Path | None,
    style: Path,
    run: Path,
    config: TrainConfig,
    runtime: "Runtime",
    *,
    tensorboard: bool,
) -> None:
    """Train with a display, and tell what has come of it."""
    from ganstyle.distributed import join_ranks
    from ganstyle.train.run import train as run_training

    ranks = join_ranks()
    first = ranks.rank == 0
    with (
        training_display(shown=first) as show,
        _event_files(run, wanted=tensorboard and first) as log,
    ):

        def on_report(report: "TrainingReport") -> None:
            show(report)
            log(report)

        scores = run_training(
            content,
            style,
            run,
            config,
            runtime,
            ranks=ranks,
            on_report=on_report,
            on_message=say,
            should_stop=_stop_between_steps(),
        )
    ranks.leave()
    if not first:
        return
    checkpoint, pictures = run / "checkpoint.safetensors", f"{TASKS[config.task].upper()}S"
    say(f"Done: {checkpoint}")
    if scores:
        say(f"Scores of {checkpoint.name} on pictures held out from training: {scores}.")
    say(f"Report: {run / 'report.html'}")
    say(f"Try it: ganstyle stylize {pictures} OUT --style {checkpoint}")


def _folders_to_train_on(paths: list[Path], config: TrainConfig) -> tuple[Path | None, Path, Path]:
    """Photos or sources, style and run out of the arguments."""
    count = len(paths)
    if config.is_paired and count != 3:
        raise ConfigError(f"--paired needs SOURCE TARGET RUN, got {count} paths.")
    if count not in (2, 3):
        raise ConfigError(f"expected STYLE RUN or PHOTOS STYLE RUN, got {count} paths.")
    return paths[0] if count == 3 else None, paths[-2], paths[-1]


@contextmanager
def _event_files(run: Path, *, wanted: bool) -> Iterator[Callable[["TrainingReport"], None]]:
    """What takes reports for TensorBoard, or nothing."""
    if not wanted:
        yield lambda _: None
        return
    from ganstyle.train.log import event_files

    with event_files(run) as log:
        yield log


def _stop_between_steps() -> "Callable[[], bool]":
    """Turn Ctrl-C and kill into a question: has somebody asked to stop? A second one insists."""
    asked = False

    def ask(*_: object) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        say("Stopping after this step; the same command goes on.")

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
    return lambda: asked


def _rehearse(
    content: Path | None, style: Path, run: Path, config: TrainConfig, runtime: "Runtime"
) -> None:
    """Print what a training would do, on stdout."""
    from ganstyle.train.plan import with_limit
    from ganstyle.train.run import rehearse

    config = with_limit(config, run)
    lines, speed = rehearse(content, style, run, config, runtime)
    images = config.images or round((config.minutes or 0) * 60 * speed)
    lines.append(
        f"{images} crops at {speed:.1f} a second on {runtime.device} in {runtime.precision}: "
        f"{images / speed / 60:.1f} minutes."
    )
    print("\n".join(lines))
    print(json.dumps(asdict(config), indent=2))
