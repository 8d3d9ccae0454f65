"""`ganstyle stylize`: pictures, streams and video in a style."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ganstyle import __version__
from ganstyle.cli.display import Tally, progress_bar, say, show_outcome
from ganstyle.cli.options import (
    SOME_FAILED,
    Device,
    Precision,
    parse_size,
    parse_tile,
    set_up_runtime,
    with_options,
)
from ganstyle.config import DEFAULT_STYLE, FORMATS, Dials, OutputConfig
from ganstyle.errors import ConfigError, DataError, ImageError
from ganstyle.files import is_file, is_folder, make_folder, remove_leftovers
from ganstyle.styles import find_style, read_checkpoint, shipped_styles
from ganstyle.stylize.jobs import Job, output_folder, plan_jobs
from ganstyle.stylize.manifest import Manifest, recipe, refuse_foreign

if TYPE_CHECKING:
    from ganstyle.painting.painter import Painter

STREAM = Path("-")
"""What stands for stdin among the inputs, and for stdout as the output."""


@with_options
def stylize(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="INPUT... OUTPUT",
            help="Folders or pictures, then a folder or a file; - is stdin and stdout.",
        ),
    ] = None,
    *,
    style: Annotated[
        str, typer.Option(help="Name of a shipped style, or a checkpoint file.")
    ] = DEFAULT_STYLE,
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
    dials: Dials,
    output: OutputConfig,
    all_styles: Annotated[
        Path | None,
        typer.Option(metavar="SHEET", help="Draw one photo in all shipped styles, on one sheet."),
    ] = None,
    tile: Annotated[str, typer.Option(help="Side of tiles in px, auto or off.")] = "auto",
    raw: Annotated[
        str, typer.Option(help="Video: WIDTHxHEIGHT of raw RGB frames from stdin to stdout.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON line a picture.")] = False,
    device: Device = "auto",
    precision: Precision = "auto",
) -> None:
    """Redraw pictures, or all pictures of folders and their subfolders, in a style."""
    side = parse_tile(tile)
    if all_styles:
        _draw_all_styles(paths or [], all_styles, device, precision, dials, overwrite=overwrite)
        return
    checkpoint = read_checkpoint(find_style(style))  # a bad file is named before torch is loaded
    name = checkpoint.info.style
    listed = bool(files_from)
    inputs, target = _inputs_and_output(paths or [], files_from, output, in_place=in_place)

    def painter() -> "Painter":
        from ganstyle.models.pretrained import load_generator
        from ganstyle.painting.painter import Painter

        runtime = set_up_runtime(device, precision)
        return Painter(load_generator(checkpoint), runtime, dials, side)

    if raw:
        _stylize_video(inputs, target, parse_size(raw), painter)
        return
    if STREAM in (*inputs, target):
        _stylize_stream(inputs, target, output, name, painter, overwrite=overwrite)
        return

    def plan() -> list[Job]:
        return plan_jobs(inputs, target, output, listed=listed)

    if watch and not all(is_folder(path) for path in inputs):
        raise ConfigError("--watch needs folders as its inputs.")
    jobs = [] if watch else plan()
    from ganstyle.distributed import join_ranks
    from ganstyle.stylize.pipeline import Pipeline
    from ganstyle.stylize.watch import watch as watch_folder

    ready = painter()
    folder = output_folder(inputs, target)
    manifest = None
    for parent in {job.target.parent for job in jobs}:
        remove_leftovers(parent)
    if folder:
        make_folder(folder)
        manifest = Manifest(folder, recipe(checkpoint.digest, __version__, dials, output))
    ranks = join_ranks()
    if watch and ranks.count > 1:
        raise ConfigError("--watch works with one process; leave torchrun out.")
    pipeline = Pipeline(ready, output, name, manifest, overwrite=overwrite)
    tally = Tally(style, ready.runtime)
    rounds = watch_folder(plan, say) if watch else [ranks.share(jobs)]
    try:
        for part in rounds:
            with progress_bar("Stylizing", len(part)) as advance:
                for outcome in pipeline.run(part):
                    advance()
                    tally.count(outcome)  # first: whoever has read the line may interrupt
                    show_outcome(outcome, as_json=as_json)
    except KeyboardInterrupt:
        say(str(tally))
        raise
    tally.merge(ranks.gather(tally.counts))
    ranks.leave()
    if ranks.rank == 0:
        say(str(tally))
        if tally.counts["failed"]:
            raise typer.Exit(SOME_FAILED)


def _draw_all_styles(
    paths: list[Path], sheet: Path, device: str, precision: str, dials: Dials, *, overwrite: bool
) -> None:
    """One photo in all shipped styles."""
    if len(paths) != 1 or not is_file(paths[0]):
        raise ConfigError("--all-styles draws one photo: stylize PHOTO --all-styles SHEET.jpg.")
    refuse_foreign(sheet, overwrite=overwrite)
    from ganstyle.stylize.style_sheet import draw_style_sheet

    runtime = set_up_runtime(device, precision)
    draw_style_sheet(paths[0], sheet, shipped_styles(), runtime, dials)
    say(f"Done: {sheet}")


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
    painter: "Callable[[], Painter]",
) -> None:
    """Raw frames from stdin to stdout."""
    if inputs != [STREAM] or target != STREAM:
        raise ConfigError("--raw reads from stdin and writes to stdout: give - and -.")
    from ganstyle.stylize.video import stylize_frames

    started = time.monotonic()
    frames = 0
    with progress_bar("Stylizing", None) as advance:
        for written in stylize_frames(sys.stdin.buffer, sys.stdout.buffer, size, painter()):
            frames = written
            advance()
    say(f"{frames} frames done, {frames / (time.monotonic() - started):.1f} frames/s")


def _stylize_stream(
    inputs: list[Path],
    target: Path | None,
    output: OutputConfig,
    style: str,
    painter: "Callable[[], Painter]",
    *,
    overwrite: bool,
) -> None:
    """One picture from stdin or to stdout."""
    if len(inputs) != 1 or target is None or is_folder(target) or is_folder(inputs[0]):
        raise ConfigError("With - there is one picture: one input, one output, no folder.")
    refuse_foreign(target, overwrite=overwrite or target == STREAM)
    data = sys.stdin.buffer.read() if inputs[0] == STREAM else inputs[0]
    from ganstyle.images.read import format_within
    from ganstyle.images.write import format_of
    from ganstyle.stylize.pipeline import Pipeline

    if output.format != "keep":
        kind = FORMATS[output.format]
    else:
        kind = format_within(data) if target == STREAM else format_of(target)
    stream = sys.stdout.buffer if target == STREAM else target
    pipeline = Pipeline(painter(), output, style)
    try:
        notes = pipeline.run_one(data, stream, kind)
    except (ImageError, RuntimeError, MemoryError) as error:
        say(str(error).splitlines()[0] if str(error) else "out of memory")
        raise typer.Exit(SOME_FAILED) from error
    for note in notes:
        say(f"{inputs[0]}: {note}.")
