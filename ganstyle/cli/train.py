"""`ganstyle train`: a new style from folders of pictures."""

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ganstyle.cli.display import in_words, say, training_display
from ganstyle.cli.options import Device, Precision, set_up_runtime
from ganstyle.errors import ConfigError
from ganstyle.train.config import TrainConfig, read_train_options

if TYPE_CHECKING:
    from ganstyle.runtime import Runtime
    from ganstyle.train.log import TrainingReport


def train(
    context: typer.Context,
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="CONTENT STYLE RUN",
            help="Folders of photos and of style pictures, and of the run; an interrupted run "
            "goes on. With --paired: SOURCE TARGET RUN. With --sketch: PHOTOS RUN.",
        ),
    ],
    paired: Annotated[
        bool, typer.Option("--paired", help="Each source has its target, a file of equal name.")
    ] = False,
    sketch: Annotated[
        bool, typer.Option("--sketch", help="Learn to turn sketches into such photos.")
    ] = False,
    minutes: Annotated[float | None, typer.Option(help="Train for so long, all in all.")] = None,
    images: Annotated[int | None, typer.Option(help="Train for so many generated crops.")] = None,
    preset: Annotated[
        str, typer.Option(help="Generator: fast, standard, large, deep, or auto.")
    ] = TrainConfig.preset,
    simplify: Annotated[
        int, typer.Option(help="Radius of the filter that leaves out fine detail, px; 0: none.")
    ] = TrainConfig.simplify,
    crop: Annotated[int, typer.Option(help="Side of the training crops, px.")] = TrainConfig.crop,
    batch: Annotated[
        int, typer.Option(help="Crops of each folder a step; 0: what a GPU holds.")
    ] = TrainConfig.batch,
    content_size: Annotated[
        int, typer.Option(help="Shorter side to which larger photos are reduced, px.")
    ] = TrainConfig.content_size,
    style_size: Annotated[
        int, typer.Option(help="The same for style pictures; larger makes strokes larger.")
    ] = TrainConfig.style_size,
    style_zoom: Annotated[
        float, typer.Option(help="Enlarge style pictures by so much, for broader strokes.")
    ] = TrainConfig.style_zoom,
    style_smooth: Annotated[
        int, typer.Option(help="Median filter against grain in style pictures, px; 1 is none.")
    ] = TrainConfig.style_smooth,
    detail: Annotated[
        float, typer.Option(help="How much of the photo's structure is kept; 1 is usual.")
    ] = TrainConfig.detail,
    texture: Annotated[
        float, typer.Option(help="How strong fine grain may be; 1 is usual.")
    ] = TrainConfig.texture,
    style_weight: Annotated[
        float, typer.Option(help="How much palette and texture must match the style's.")
    ] = TrainConfig.style_weight,
    content_weight: Annotated[
        float, typer.Option(help="How much of the photo's structure is kept.")
    ] = TrainConfig.content_weight,
    color_weight: Annotated[
        float, typer.Option(help="How much of the photo's colour is kept.")
    ] = TrainConfig.color_weight,
    palette: Annotated[
        float, typer.Option(help="How far to the style's palette; 0 keeps the photo's colours.")
    ] = TrainConfig.palette,
    flat_weight: Annotated[
        float, typer.Option(help="How clean flat areas are kept.")
    ] = TrainConfig.flat_weight,
    lr: Annotated[float, typer.Option(help="Learning rate.")] = TrainConfig.lr,
    muon_lr: Annotated[
        float, typer.Option(help="Learning rate of the generator's convolutions.")
    ] = TrainConfig.muon_lr,
    discriminator_lr: Annotated[
        float, typer.Option(help="Learning rate of the discriminators.")
    ] = TrainConfig.discriminator_lr,
    init: Annotated[
        str, typer.Option(help="Style or checkpoint file to start from.")
    ] = TrainConfig.init,
    warmup: Annotated[int, typer.Option(help="Steps until the full rate.")] = TrainConfig.warmup,
    patience: Annotated[
        int, typer.Option(help="End after so many scorings without a better one; 0: never.")
    ] = TrainConfig.patience,
    pilot: Annotated[
        bool, typer.Option(help="Let the pilot keep the game balanced.")
    ] = TrainConfig.pilot,
    hold_out: Annotated[
        int, typer.Option(help="Pictures of each folder kept for previews and scores.")
    ] = TrainConfig.hold_out,
    memory_gib: Annotated[
        float, typer.Option(help="Memory for decoded pictures, GiB.")
    ] = TrainConfig.memory_gib,
    seed: Annotated[int, typer.Option(help="Seed of all chance.")] = TrainConfig.seed,
    name: Annotated[str, typer.Option(help="Name of the style; the run's when empty.")] = "",
    title: Annotated[str, typer.Option(help="The style in a few words.")] = "",
    licence: Annotated[str, typer.Option(help="Licence of the training pictures.")] = "",
    attribution: Annotated[str, typer.Option(help="Makers and origin of the pictures.")] = "",
    config_file: Annotated[
        Path | None, typer.Option("--config", help="TOML file with any of these options.")
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
    """Train a style: on photos and unrelated style pictures, on pairs, or on sketches of photos."""
    options = dict(locals())
    asked = {f.name: options[f.name] for f in fields(TrainConfig) if f.name != "task"}
    if config_file:
        # What is given on the command line wins over the file, the file over the defaults.
        for name, value in read_train_options(config_file).items():
            source = context.get_parameter_source(name)
            if source is None or source.name == "DEFAULT":
                asked[name] = value
    if paired or sketch:
        asked["task"] = "paired" if paired else "sketch"
    config = TrainConfig(**asked)
    content, style, run = _folders_to_train_on(paths, config.task, both=paired and sketch)
    from ganstyle.distributed import join_ranks
    from ganstyle.train.run import train as run_training

    runtime = set_up_runtime(device, precision)
    if dry_run:
        _rehearse(content, style, config, runtime)
        return
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
    say(f"Try it: ganstyle stylize PHOTOS OUT --style {run / 'checkpoint.safetensors'}")


def _folders_to_train_on(paths: list[Path], task: str, *, both: bool) -> tuple[Path, Path, Path]:
    """CONTENT, STYLE and RUN out of the arguments; for sketches CONTENT is STYLE."""
    if both:
        raise ConfigError("--paired has sketches of its own, --sketch draws them: give one.")
    names = {"paired": "SOURCE TARGET RUN", "sketch": "PHOTOS RUN"}.get(task, "CONTENT STYLE RUN")
    if len(paths) != len(names.split()):
        raise ConfigError(f"{len(paths)} folders are named; it takes {names}.")
    return paths[0], paths[-2], paths[-1]


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


def _rehearse(content: Path, style: Path, config: TrainConfig, runtime: "Runtime") -> None:
    """Print what a training would do, on stdout."""
    from ganstyle.train.run import rehearse

    lines, speed = rehearse(content, style, config, runtime)
    images = config.images or round((config.minutes or 0) * 60 * speed)
    lines.append(
        f"{images} crops at {speed:.1f} a second on {runtime.device} in {runtime.precision}: "
        f"{images / speed / 60:.1f} minutes."
    )
    print("\n".join(lines))
    print(json.dumps(asdict(config), indent=2))
