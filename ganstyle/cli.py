"""The command line: the only file that knows typer and rich, prints, and exits."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ganstyle import __version__
from ganstyle.config import DEFAULT_STYLE, EvaluateConfig, TrainConfig
from ganstyle.errors import CheckpointError, GanstyleError
from ganstyle.styles import find_style, read_info, shipped_styles

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from ganstyle.runtime import Runtime
    from ganstyle.train import Report

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
    try:
        app(standalone_mode=True)
    except GanstyleError as error:
        _say(f"ganstyle: {error}")
        sys.exit(WRONG_USAGE)
    except KeyboardInterrupt:
        _say("ganstyle: interrupted.")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output has gone (`| head`); Python would complain while closing stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(DONE)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if version:
        print(f"ganstyle {__version__}")
        raise typer.Exit


@app.command()
def stylize(
    source: Annotated[Path, typer.Argument(metavar="INPUT", help="A folder or one picture.")],
    target: Annotated[Path, typer.Argument(metavar="OUTPUT", help="A folder or a file.")],
    style: Style = DEFAULT_STYLE,
    device: Device = "auto",
    precision: Precision = "auto",
) -> None:
    """Redraw a picture, or all pictures of a folder and its subfolders, in a style."""
    checkpoint = find_style(style)
    read_info(checkpoint)  # a bad file should be named before torch takes its second
    from ganstyle.checkpoint import load_generator
    from ganstyle.stylize import plan_jobs, stylize_files

    jobs = plan_jobs(source, target)
    runtime = _pick_runtime(device, precision)
    generator = load_generator(checkpoint)
    failed = 0
    started = time.monotonic()
    with _progress("Stylizing", len(jobs)) as advance:
        for outcome in stylize_files(jobs, generator, runtime):
            advance()
            if outcome.error:
                failed += 1
                _say(outcome.error)
    done = len(jobs) - failed
    _say(
        f"{done} done, {failed} failed, {done / (time.monotonic() - started):.1f} images/s "
        f"({style}, {runtime.device}, {runtime.precision}): {target}"
    )
    if failed:
        raise typer.Exit(SOME_FAILED)


@app.command()
def train(
    content: Annotated[Path, typer.Argument(help="Folder of photos.")],
    style: Annotated[Path, typer.Argument(help="Folder of pictures in the style.")],
    run: Annotated[Path, typer.Argument(help="Folder of the run; an interrupted run goes on.")],
    minutes: Annotated[float | None, typer.Option(help="Train for so long, all in all.")] = None,
    images: Annotated[int | None, typer.Option(help="Train for so many generated crops.")] = None,
    preset: Annotated[str, typer.Option(help="Generator: standard or large.")] = TrainConfig.preset,
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
    device: Device = "auto",
    precision: Precision = "auto",
) -> None:
    """Train a style on a folder of photos and an unrelated folder of pictures in the style."""
    options = dict(locals())
    config = TrainConfig(**{f.name: options[f.name] for f in fields(TrainConfig)})
    from ganstyle.train import train as run_training

    runtime = _pick_runtime(device, precision)
    with _training_display() as show:
        scores = run_training(content, style, run, config, runtime, on_report=show, on_message=_say)
    _say(f"Done: {run / 'checkpoint.safetensors'}")
    if scores:
        _say(f"On pictures held out from training: {_in_words(scores.as_dict())}")
    _say(f"Try it: ganstyle stylize PHOTOS OUT --style {run / 'checkpoint.safetensors'}")


@app.command()
def evaluate(
    content: Annotated[Path, typer.Argument(help="Folder of photos.")],
    style_folder: Annotated[
        Path, typer.Argument(metavar="STYLE", help="Folder of pictures in the style.")
    ],
    style: Style = DEFAULT_STYLE,
    held_out: Annotated[
        bool, typer.Option("--held-out", help="Use only style pictures not trained on.")
    ] = False,
    size: Annotated[
        int, typer.Option(help="Shorter side to which all pictures are brought, px.")
    ] = EvaluateConfig.size,
    crop: Annotated[int, typer.Option(help="Side of the scored crops, px.")] = EvaluateConfig.crop,
    grid: Annotated[int, typer.Option(help="Crops along each side.")] = EvaluateConfig.grid,
    as_json: AsJson = False,
    device: Device = "auto",
    precision: Precision = "auto",
) -> None:
    """Score a style: stylize the photos and compare them with the style's pictures."""
    checkpoint = find_style(style)
    info = read_info(checkpoint)
    if held_out and not info.held_out:
        raise CheckpointError(f"{checkpoint}: names no held-out pictures; leave --held-out out.")
    config = EvaluateConfig(size=size, crop=crop, grid=grid)
    from ganstyle.checkpoint import load_generator
    from ganstyle.evaluate import evaluate as run_evaluation

    runtime = _pick_runtime(device, precision)
    with _progress("Scoring", None) as advance:
        scores = run_evaluation(
            content,
            style_folder,
            load_generator(checkpoint),
            runtime,
            config,
            only=info.held_out if held_out else (),
            on_message=_say,
            on_picture=advance,
        )
    if as_json:
        print(json.dumps(scores.as_dict()))
    else:
        _print_scores(scores.as_dict())


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


def _pick_runtime(device: str, precision: str) -> "Runtime":
    """The runtime asked for, with torch set up for it."""
    from ganstyle.runtime import pick_runtime, tune_cpu

    tune_cpu()
    return pick_runtime(device, precision)


def _say(message: str) -> None:
    """A line on stderr, above the progress display if there is one."""
    _console().print(message, markup=False, highlight=False, soft_wrap=True)


@cache
def _console() -> "Console":
    from rich.console import Console

    return Console(stderr=True)


@contextmanager
def _progress(title: str, total: int | None) -> Iterator[Callable[[], None]]:
    """A progress bar on stderr, on a terminal only; yields what to call after each item."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = _console()
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, total=total)
        yield lambda: progress.advance(task)


@contextmanager
def _training_display() -> Iterator[Callable[["Report"], None]]:
    """Show reports: a live table on a terminal, else a line a minute."""
    from rich.live import Live

    console = _console()
    if not console.is_terminal:
        last = -60.0

        def line(report: "Report") -> None:
            nonlocal last
            if report.seconds - last >= 60 or report.share == 1:
                last = report.seconds
                _say(f"{_standing(report)}, {_in_words(report.values)}")

        yield line
        return
    with Live(console=console, transient=False) as live:
        yield lambda report: live.update(_training_table(report))


def _training_table(report: "Report") -> "Table":
    from rich.table import Table

    table = Table(title=_standing(report), title_justify="left", show_header=False)
    for name, value in report.values.items():
        kind, what = name.split("/")
        what = what.replace("_", " ")
        if kind == "fooled":
            table.add_row(f"fooled, {what}", f"{value:4.0%}", f"{_gauge(value)} balance at 50%")
        else:
            table.add_row(f"loss, {what}", f"{value:.3f}")
    return table


def _standing(report: "Report") -> str:
    left = round(report.seconds_left)
    return (
        f"{report.share:4.0%}, {left // 60}:{left % 60:02d} left, "
        f"{report.images_per_second:.1f} images/s, {report.images_seen} images"
    )


def _gauge(share: float, width: int = 31) -> str:
    """A bar for a share in [0, 1] with the middle marked."""
    filled = round(share * width)
    cells = ["█" if cell < filled else "·" for cell in range(width)]
    cells[width // 2] = "┃"
    return "".join(cells)


def _in_words(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in values.items())


def _print_scores(scores: Mapping[str, float]) -> None:
    """The scores as a table on stdout."""
    from rich.console import Console
    from rich.table import Table

    table = Table("score", "value", "meaning")
    table.add_row("photos, KID x1000", f"{scores['kid_photos']:.1f}", "the untouched photos")
    table.add_row("result, KID x1000", f"{scores['kid']:.1f}", "lower is nearer to the style")
    table.add_row("floor, KID x1000", f"{scores['kid_floor']:.1f}", "half of the style set to half")
    table.add_row("style progress", f"{scores['style_progress']:.0%}", "of the way to the floor")
    table.add_row("content", f"{scores['content']:.2f}", "likeness to the photo, at most 1")
    table.add_row("pictures", f"{scores['pictures']}", "photos scored")
    Console().print(table)
