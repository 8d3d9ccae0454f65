"""The command line: the only file that knows typer, and exits."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ganstyle import __version__
from ganstyle.config import (
    DEFAULT_STYLE,
    FORMATS,
    Dials,
    EvaluateConfig,
    OutputConfig,
    TrainConfig,
    parse_size,
    parse_tile,
    read_train_options,
)
from ganstyle.errors import ConfigError, DataError, GanstyleError, ImageError
from ganstyle.files import find_images, is_folder, make_folder, remove_leftovers
from ganstyle.jobs import Job, Manifest, output_folder, plan_jobs, recipe, refuse_foreign
from ganstyle.requirements import parse_requirement
from ganstyle.styles import common_held_out, find_style, read_info, shipped_styles
from ganstyle.terminal import (
    Tally,
    in_words,
    print_evaluation,
    progress_bar,
    say,
    show_outcome,
    training_display,
)

if TYPE_CHECKING:
    from ganstyle.redraw import Redrawer
    from ganstyle.rundir import Report
    from ganstyle.runtime import Runtime

STREAM = Path("-")
"""What stands for stdin among the inputs, and for stdout as the output."""

DONE, SOME_FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130

app = typer.Typer(
    name="ganstyle",
    help="Redraw pictures in a style, and train new styles from two folders of pictures.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # with it --help takes twice as long to appear
    context_settings={"help_option_names": ["-h", "--help"]},
)

Style = Annotated[str, typer.Option(help="Name of a shipped style, or a checkpoint file.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")]
Precision = Annotated[str, typer.Option(help="auto, float32 or bfloat16.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on stdout instead of text.")]


def main() -> None:
    """Run the command line and exit with a code of design.md: 0, 1, 2 or 130."""
    # `kill` and a shutting-down machine end a run as Ctrl-C does: with its state saved.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    code = _run()
    if "torch" in sys.modules:
        # Everything is written and closed; taking torch apart would take a third of a second.
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _run() -> int:
    try:
        app(standalone_mode=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else DONE
    except (GanstyleError, OSError) as error:  # also a disk that is full, a read-only folder
        say(f"ganstyle: {error}")
        return WRONG_USAGE
    except KeyboardInterrupt:
        say("ganstyle: interrupted.")
        return INTERRUPTED
    return DONE


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if version:
        print(f"ganstyle {__version__}")
        raise typer.Exit


@app.command()
def stylize(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="INPUT... OUTPUT",
            help="Folders or pictures, then a folder or a file; - is stdin and stdout.",
        ),
    ] = None,
    style: Style = DEFAULT_STYLE,
    files_from: Annotated[
        str, typer.Option(help="File with the inputs, a line or a NUL-ended name each; - is stdin.")
    ] = "",
    in_place: Annotated[bool, typer.Option("--in-place", help="Replace the inputs.")] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Redo what is done, replace what is there.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Keep running; take what appears in the folder.")
    ] = False,
    strength: Annotated[float, typer.Option(help="0 is the photo, 1 the style.")] = Dials.strength,
    keep_color: Annotated[
        bool, typer.Option("--keep-color", help="Keep the photo's colours.")
    ] = Dials.keep_color,
    scale: Annotated[
        float, typer.Option(help="Size at which the photo is redrawn; below 1 strokes get larger.")
    ] = Dials.scale,
    max_size: Annotated[
        int | None, typer.Option(help="Longer side of the output at most, px.")
    ] = OutputConfig.max_size,
    format: Annotated[  # noqa: A002, the option's name
        str, typer.Option(help="keep, jpg, png, webp or tiff.")
    ] = OutputConfig.format,
    quality: Annotated[int, typer.Option(help="Of JPEG and WebP.")] = OutputConfig.quality,
    suffix: Annotated[str, typer.Option(help="Added to the names.")] = OutputConfig.suffix,
    strip: Annotated[
        bool, typer.Option("--strip", help="Leave out EXIF and XMP.")
    ] = OutputConfig.strip,
    provenance: Annotated[
        bool, typer.Option(help="Say in the metadata what made the picture.")
    ] = OutputConfig.provenance,
    tile: Annotated[str, typer.Option(help="Side of tiles in px, auto or off.")] = "auto",
    raw: Annotated[
        str, typer.Option(help="Video: WIDTHxHEIGHT of raw RGB frames from stdin to stdout.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON line a picture.")] = False,
    device: Device = "auto",
    precision: Precision = "auto",
) -> None:
    """Redraw pictures, or all pictures of folders and their subfolders, in a style."""
    options = dict(locals())
    dials = Dials(**{f.name: options[f.name] for f in fields(Dials)})
    output = OutputConfig(**{f.name: options[f.name] for f in fields(OutputConfig)})
    side = parse_tile(tile)
    checkpoint = find_style(style)
    info = read_info(checkpoint)  # a bad file should be named before torch takes its second
    listed = bool(files_from)
    inputs, target = _inputs_and_output(paths or [], files_from, output, in_place=in_place)

    def redrawer() -> "Redrawer":
        from ganstyle.checkpoint import load_generator
        from ganstyle.redraw import Redrawer

        runtime = _pick_runtime(device, precision)
        return Redrawer(load_generator(checkpoint), runtime, dials, side)

    if raw:
        _stylize_video(inputs, target, parse_size(raw), redrawer)
        return
    if STREAM in (*inputs, target):
        _stylize_stream(inputs, target, output, info.style, redrawer, overwrite=overwrite)
        return

    def plan() -> list[Job]:
        return plan_jobs(inputs, target, output, listed=listed)

    if watch and not all(is_folder(path) for path in inputs):
        raise ConfigError("--watch needs folders as its inputs.")
    jobs = [] if watch else plan()
    from ganstyle.runtime import join_ranks
    from ganstyle.stylize import Pipeline
    from ganstyle.watch import watch as watch_folder

    ready = redrawer()
    folder = output_folder(inputs, target)
    manifest = None
    for parent in {job.target.parent for job in jobs}:
        remove_leftovers(parent)
    if folder:
        make_folder(folder)
        manifest = Manifest(folder, recipe(checkpoint, __version__, dials, output))
    ranks = join_ranks()
    if watch and ranks.count > 1:
        raise ConfigError("--watch works with one process; leave torchrun out.")
    pipeline = Pipeline(ready, output, info.style, manifest, overwrite=overwrite)
    tally = Tally(style, ready.runtime)
    rounds = watch_folder(plan, say) if watch else [ranks.share(jobs)]
    try:
        for part in rounds:
            with progress_bar("Stylizing", len(part)) as advance:
                for outcome in pipeline.run(part):
                    advance()
                    show_outcome(outcome, as_json=as_json)
                    tally.count(outcome)
    except KeyboardInterrupt:
        say(str(tally))
        raise
    tally.merge(ranks.gather(tally.counts))
    ranks.leave()
    if ranks.rank == 0:
        say(str(tally))
        if tally.counts["failed"]:
            raise typer.Exit(SOME_FAILED)


@app.command()
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
    crop: Annotated[int, typer.Option(help="Side of the training crops, px.")] = TrainConfig.crop,
    batch: Annotated[int, typer.Option(help="Crops of each folder a step.")] = TrainConfig.batch,
    content_size: Annotated[
        int, typer.Option(help="Shorter side to which larger photos are reduced, px.")
    ] = TrainConfig.content_size,
    style_size: Annotated[
        int, typer.Option(help="The same for style pictures; larger makes strokes larger.")
    ] = TrainConfig.style_size,
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
    from ganstyle.runtime import join_ranks
    from ganstyle.train import train as run_training

    runtime = _pick_runtime(device, precision)
    if dry_run:
        _rehearse(content, style, config, runtime)
        return
    ranks = join_ranks()
    first = ranks.rank == 0
    with (
        training_display(shown=first) as show,
        _event_files(run, wanted=tensorboard and first) as log,
    ):

        def on_report(report: "Report") -> None:
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


@app.command()
def evaluate(
    content: Annotated[Path, typer.Argument(help="Folder of photos.")],
    style_folder: Annotated[
        Path, typer.Argument(metavar="STYLE", help="Folder of pictures in the style.")
    ],
    style: Annotated[
        list[str] | None,
        typer.Option(help="Shipped style or checkpoint file to score; may be given repeatedly."),
    ] = None,
    results: Annotated[
        list[Path] | None,
        typer.Option(help="Folder of results to score, files named as their photos; repeatable."),
    ] = None,
    held_out: Annotated[
        bool, typer.Option("--held-out", help="Use only style pictures not trained on.")
    ] = False,
    features: Annotated[
        Path | None,
        typer.Option(help="TorchScript extractor to see the style through, say an Inception."),
    ] = None,
    size: Annotated[
        int, typer.Option(help="Shorter side to which all pictures are brought, px.")
    ] = EvaluateConfig.size,
    crop: Annotated[int, typer.Option(help="Side of the scored crops, px.")] = EvaluateConfig.crop,
    grid: Annotated[int, typer.Option(help="Crops along each side.")] = EvaluateConfig.grid,
    crops: Annotated[
        int, typer.Option(help="Crops of a picture; 0: all, and fewer in sets of over 100.")
    ] = EvaluateConfig.crops,
    require: Annotated[
        list[str] | None,
        typer.Option(help="What must hold, say 'kid<20', else the exit code is 1; repeatable."),
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Page to write, for a browser.")] = None,
    as_json: AsJson = False,
    device: Device = "auto",
    precision: Precision = "auto",
) -> None:
    """Score styles, or folders of results, against the pictures of a style, and rank them."""
    required = [parse_requirement(text) for text in require or ()]
    config = EvaluateConfig(size=size, crop=crop, grid=grid, crops=crops)
    given = style or ([] if results else [DEFAULT_STYLE])
    checkpoints = [find_style(name) for name in given]
    only = common_held_out(checkpoints) if held_out else None
    shorts = [read_info(path).style for path in checkpoints] + [path.name for path in results or ()]
    longs = [*given, *map(str, results or ())]
    names = [a if shorts.count(a) == 1 else b for a, b in zip(shorts, longs, strict=True)]
    photos = find_images(content)
    from ganstyle.candidates import Candidate, results_in, stylizer
    from ganstyle.evaluate import evaluate as run_evaluation
    from ganstyle.evaluation_report import write_evaluation
    from ganstyle.eyes import Eyes

    runtime = _pick_runtime(device, precision)
    eyes = Eyes(runtime, config, features)
    candidates: list[Candidate] = [
        stylizer(name, path, runtime) for name, path in zip(names, checkpoints, strict=False)
    ]
    for name, folder in zip(names[len(candidates) :], results or (), strict=True):
        candidates.append(results_in(folder, name, photos, say))
    with progress_bar("Scoring", None) as advance:
        evaluation = run_evaluation(
            content,
            style_folder,
            candidates,
            eyes,
            only=only,
            on_message=say,
            on_picture=advance,
        )
    for warning in evaluation.warnings:
        say(f"Warning: {warning}")
    if report:
        write_evaluation(report, evaluation, candidates)
        say(f"Report: {report}")
    if as_json:
        print(json.dumps(evaluation.as_dict()))
    else:
        print_evaluation(evaluation)
    missed = [
        f"{standing.name}: {problem}."
        for standing in evaluation.standings
        for requirement in required
        if (problem := requirement.miss(standing.flat()))
    ]
    for line in missed:
        say(line)
    if missed:
        raise typer.Exit(SOME_FAILED)


@app.command()
def styles(as_json: AsJson = False) -> None:
    """List the styles that can be named after --style."""
    infos = [read_info(path) for path in shipped_styles().values()]
    if as_json:
        print(json.dumps([json.loads(info.to_json()) for info in infos], ensure_ascii=False))
        return
    for info in infos:
        default = " (default)" if info.style == DEFAULT_STYLE else ""
        print(f"{info.style}{default}: {info.title}")
        print(f"    licence: {info.licence}")
        print(f"    origin:  {info.attribution}")


def _folders_to_train_on(paths: list[Path], task: str, *, both: bool) -> tuple[Path, Path, Path]:
    """CONTENT, STYLE and RUN out of the arguments; for sketches CONTENT is STYLE."""
    if both:
        raise ConfigError("--paired has sketches of its own, --sketch draws them: give one.")
    names = {"paired": "SOURCE TARGET RUN", "sketch": "PHOTOS RUN"}.get(task, "CONTENT STYLE RUN")
    if len(paths) != len(names.split()):
        raise ConfigError(f"{len(paths)} folders are named; it takes {names}.")
    return paths[0], paths[-2], paths[-1]


@contextmanager
def _event_files(run: Path, *, wanted: bool) -> Iterator[Callable[["Report"], None]]:
    """What takes reports for TensorBoard, or nothing."""
    if not wanted:
        yield lambda _: None
        return
    from ganstyle.board import event_files

    with event_files(run) as log:
        yield log


def _inputs_and_output(
    paths: list[Path], files_from: str, output: OutputConfig, *, in_place: bool
) -> tuple[list[Path], Path | None]:
    """Part the arguments; the output is None when the inputs are to be replaced."""
    if files_from:
        data = sys.stdin.buffer.read() if files_from == "-" else _read_list(Path(files_from))
        names = data.split(b"\0") if b"\0" in data else data.splitlines()
        paths = [Path(os.fsdecode(name)) for name in names if name] + paths
    if in_place and (output.format != "keep" or output.suffix):
        raise ConfigError("--in-place keeps names and formats; leave --format and --suffix out.")
    if in_place:
        if not paths:
            raise ConfigError("There are no pictures to redraw: name them, or --files-from a list.")
        return paths, None
    if len(paths) < 2:
        raise ConfigError("Name the inputs and then the output, or say --in-place.")
    return paths[:-1], paths[-1]


def _read_list(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}).") from error


def _stylize_video(
    inputs: list[Path],
    target: Path | None,
    size: tuple[int, int],
    redrawer: "Callable[[], Redrawer]",
) -> None:
    """Raw frames from stdin to stdout."""
    if inputs != [STREAM] or target != STREAM:
        raise ConfigError("--raw reads from stdin and writes to stdout: give - and -.")
    from ganstyle.video import stylize_frames

    started = time.monotonic()
    frames = 0
    with progress_bar("Stylizing", None) as advance:
        for written in stylize_frames(sys.stdin.buffer, sys.stdout.buffer, size, redrawer()):
            frames = written
            advance()
    say(f"{frames} frames done, {frames / (time.monotonic() - started):.1f} frames/s")


def _stylize_stream(
    inputs: list[Path],
    target: Path | None,
    output: OutputConfig,
    style: str,
    redrawer: "Callable[[], Redrawer]",
    *,
    overwrite: bool,
) -> None:
    """One picture from stdin or to stdout."""
    if len(inputs) != 1 or target is None or is_folder(target) or is_folder(inputs[0]):
        raise ConfigError("With - there is one picture: one input, one output, no folder.")
    refuse_foreign(target, overwrite=overwrite or target == STREAM)
    data = sys.stdin.buffer.read() if inputs[0] == STREAM else inputs[0]
    from ganstyle.data.picture import format_within
    from ganstyle.data.writing import format_of
    from ganstyle.stylize import Pipeline

    if output.format != "keep":
        kind = FORMATS[output.format]
    else:
        kind = format_within(data) if target == STREAM else format_of(target)
    stream = sys.stdout.buffer if target == STREAM else target
    pipeline = Pipeline(redrawer(), output, style)
    try:
        notes = pipeline.run_one(data, stream, kind)
    except (ImageError, RuntimeError, MemoryError) as error:
        say(str(error).splitlines()[0] if str(error) else "out of memory")
        raise typer.Exit(SOME_FAILED) from error
    for note in notes:
        say(f"{inputs[0]}: {note}.")


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
    from ganstyle.train import rehearse

    lines, speed = rehearse(content, style, config, runtime)
    images = config.images or round((config.minutes or 0) * 60 * speed)
    lines.append(
        f"{images} crops at {speed:.1f} a second on {runtime.device} in {runtime.precision}: "
        f"{images / speed / 60:.1f} minutes."
    )
    print("\n".join(lines))
    print(json.dumps(asdict(config), indent=2))


def _pick_runtime(device: str, precision: str) -> "Runtime":
    """The runtime asked for, with torch set up for it."""
    from ganstyle.runtime import pick_runtime, tune_cpu

    tune_cpu()
    return pick_runtime(device, precision)
