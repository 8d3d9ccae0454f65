"""`ganstyle train`: a new style from folders of pictures."""

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ganstyle.cli.display import in_words, say, training_display
from ganstyle.cli.options import Device, Precision, read_options, set_up_runtime, with_options
from ganstyle.errors import ConfigError
from ganstyle.train.config import TASK_DEFAULTS, TASKS, TrainConfig

if TYPE_CHECKING:
    from ganstyle.runtime import Runtime
    from ganstyle.train.log import TrainingReport


def _take_defaults_from(context: typer.Context, path: Path | None) -> Path | None:
    """Let the options in a file stand in for the defaults: the command line wins over both."""
    if path:
        options = read_options(path, TrainConfig)
        _take_defaults(context, TASK_DEFAULTS.get(str(options.get("task")), {}) | options)
    return path


def _take_defaults_of_drafts(context: typer.Context, draft: bool) -> bool:
    """Let the defaults of drafts stand in for those of other tasks."""
    if draft:
        _take_defaults(context, {**TASK_DEFAULTS["draft"], **(context.default_map or {})})
    return draft


def _take_defaults(context: typer.Context, options: dict[str, Any]) -> None:
    context.default_map = {**(context.default_map or {}), **options}


def _as_flags(options: dict[str, Any]) -> str:
    return ", ".join(f"--{name.replace('_', '-')} {value:g}" for name, value in options.items())


Paired = Annotated[
    bool, typer.Option("--paired", help="Each source has its target, a file of equal name.")
]
Sketch = Annotated[bool, typer.Option("--sketch", help="Learn to turn sketches into such photos.")]
Draft = Annotated[
    bool,
    typer.Option(
        "--draft",
        callback=_take_defaults_of_drafts,
        is_eager=True,
        help="Learn to turn drafts into such paintings. Its defaults: "
        f"{_as_flags(TASK_DEFAULTS['draft'])}.",
    ),
]


@with_options
def train(
    context: typer.Context,
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="[CONTENT] STYLE RUN",
            help="Folders of photos, if you have some, and of style pictures, or a single one, and "
            "of the run; an interrupted run goes on. With --paired: SOURCE TARGET RUN. With "
            "--sketch: PHOTOS RUN. With --draft: STYLE RUN.",
        ),
    ],
    *,
    paired: Paired = False,
    sketch: Sketch = False,
    draft: Draft = False,
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
    """Train a style: on style pictures, with or without photos, on pairs, sketches or drafts."""
    in_file = (context.default_map or {}).get("task", config.task)
    asked = [name for name, on in (("paired", paired), ("sketch", sketch), ("draft", draft)) if on]
    task = asked[0] if asked else in_file
    config = replace(config, task=task)
    folders = _folders_to_train_on(paths, task, asked=asked)
    runtime = set_up_runtime(device, precision)
    if dry_run:
        _rehearse(*folders[:2], config, runtime)
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
    say(f"Done: {run / 'checkpoint.safetensors'}")
    if scores:
        say(f"On pictures held out from training: {in_words(scores.as_dict())}")
    say(f"How it went: {run / 'report.html'}")
    content_name = f"{TASKS[config.task].upper()}S"
    say(f"Try it: ganstyle stylize {content_name} OUT --style {run / 'checkpoint.safetensors'}")


def _folders_to_train_on(
    paths: list[Path], task: str, *, asked: list[str]
) -> tuple[Path | None, Path, Path]:
    """CONTENT, STYLE and RUN out of the arguments; for sketches CONTENT is STYLE.

    asked: tasks that the command line names.
    """
    if len(asked) > 1:
        raise ConfigError(
            f"{' and '.join(f'--{name}' for name in asked)}: --paired has sources of its own, "
            "--sketch and --draft make them: give one."
        )
    names = {"paired": "SOURCE TARGET RUN", "sketch": "PHOTOS RUN", "draft": "STYLE RUN"}
    takes = names.get(task, "CONTENT STYLE RUN")
    if task == "unpaired" and len(paths) == 2:
        return None, paths[0], paths[1]
    if len(paths) != len(takes.split()):
        optional = ", or STYLE RUN" if task == "unpaired" else ""
        raise ConfigError(f"{len(paths)} folders are named; it takes {takes}{optional}.")
    return None if task == "draft" else paths[0], paths[-2], paths[-1]


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


def _rehearse(content: Path | None, style: Path, config: TrainConfig, runtime: "Runtime") -> None:
    """Print what a training would do, on stdout."""
    from ganstyle.train.run import rehearse, with_limit

    config = with_limit(config, None)
    lines, speed = rehearse(content, style, config, runtime)
    images = config.images or round((config.minutes or 0) * 60 * speed)
    lines.append(
        f"{images} crops at {speed:.1f} a second on {runtime.device} in {runtime.precision}: "
        f"{images / speed / 60:.1f} minutes."
    )
    print("\n".join(lines))
    print(json.dumps(asdict(config), indent=2))
