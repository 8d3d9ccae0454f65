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
from ganstyle.cli.options import Device, Precision, options_file, set_up_runtime, with_options
from ganstyle.errors import ConfigError
from ganstyle.train.config import TASKS, TrainConfig

if TYPE_CHECKING:
    from ganstyle.runtime import Runtime
    from ganstyle.train.log import TrainingReport

EXAMPLES = """\
ganstyle train paintings/ my-style/ --minutes 60
ganstyle train photos/ paintings/ my-style/ --minutes 60 --init oil
ganstyle train one-painting.jpg my-style/ --minutes 30"""


_Paths = Annotated[
    list[Path],
    typer.Argument(
        metavar="[PHOTOS] STYLE RUN",
        help="A folder of photos for previews, if you have some; a folder of style pictures, "
        "or a single picture; and a folder for the run. The same command resumes an "
        "interrupted run. With --paired: SOURCE TARGET RUN.",
    ),
]
_Paired = Annotated[
    bool,
    typer.Option(
        "--paired",
        help="Train on pairs: a source and its target have the same file name.",
        rich_help_panel="Data",
    ),
]
_ConfigFile = Annotated[Path | None, options_file("Advanced", TrainConfig)]
_Tensorboard = Annotated[
    bool,
    typer.Option(
        "--tensorboard",
        help="Write event files for TensorBoard, too.",
        rich_help_panel="Advanced",
    ),
]
_DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        help="Inspect the pictures, time a few steps, and write nothing.",
        rich_help_panel="Budget",
    ),
]


@with_options
def train(
    context: typer.Context,
    paths: _Paths,
    *,
    config: TrainConfig,
    paired: _Paired = False,
    config_file: _ConfigFile = None,  # noqa: ARG001, its callback has read it
    tensorboard: _Tensorboard = False,
    dry_run: _DryRun = False,
    device: Device = "auto",
    precision: Precision = "auto",
) -> None:
    """Train a new style on a folder of pictures, or on pairs of sources and targets."""
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
    """Train with a display, and print what came of it."""
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
    """Photos or sources, style and run, from the arguments."""
    count = len(paths)
    found = "one path" if count == 1 else f"{count} paths"
    if config.is_paired and count != 3:
        raise ConfigError(f"expected --paired SOURCE TARGET RUN, got {found}.")
    if count not in (2, 3):
        raise ConfigError(f"expected STYLE RUN or PHOTOS STYLE RUN, got {found}.")
    return paths[0] if count == 3 else None, paths[-2], paths[-1]


@contextmanager
def _event_files(run: Path, *, wanted: bool) -> Iterator[Callable[["TrainingReport"], None]]:
    """Yield a writer of reports for TensorBoard, which does nothing unless wanted."""
    if not wanted:
        yield lambda _: None
        return
    from ganstyle.train.log import event_files

    with event_files(run) as log:
        yield log


def _stop_between_steps() -> "Callable[[], bool]":
    """Make Ctrl-C and kill stop between two steps. Returns whether either has come.

    A second one stops at once.
    """
    asked = False

    def ask(*_: object) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        say("Stopping after this step; the same command resumes.")

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
    return lambda: asked


def _rehearse(
    content: Path | None, style: Path, run: Path, config: TrainConfig, runtime: "Runtime"
) -> None:
    """Print on stdout what a training would do."""
    from ganstyle.train.plan import with_limit
    from ganstyle.train.run import rehearse

    config = with_limit(config, run)
    lines, speed = rehearse(content, style, run, config, runtime)
    images = config.images or round((config.minutes or 0) * 60 * speed)
    lines.append(
        f"{images} crops at {speed:.1f} per second on {runtime.device} in {runtime.precision} "
        f"take {images / speed / 60:.1f} minutes."
    )
    print("\n".join(lines))
    print(json.dumps(asdict(config), indent=2))
