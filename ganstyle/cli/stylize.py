"""`ganstyle stylize`: pictures, streams and video in a style."""

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ganstyle import __version__
from ganstyle.cli.display import Tally, progress_bar, say, show_outcome
from ganstyle.cli.options import (
    SOME_FAILED,
    Device,
    Precision,
    parse_tile,
    set_up_runtime,
    with_options,
)
from ganstyle.cli.streams import STREAM, parse_size, stylize_stream, stylize_video
from ganstyle.config import DEFAULT_STYLE, Dials, OutputConfig, option
from ganstyle.errors import ConfigError, DataError
from ganstyle.files import is_file, is_folder, make_folder, remove_leftovers
from ganstyle.styles import CheckpointFile, find_style, read_checkpoint, shipped_styles
from ganstyle.stylize.jobs import Job, output_folder, plan_jobs
from ganstyle.stylize.manifest import Manifest, recipe, refuse_foreign

if TYPE_CHECKING:
    from ganstyle.painting.painter import Painter
    from ganstyle.runtime import Runtime
    from ganstyle.stylize.pipeline import Pipeline


@dataclass(frozen=True, kw_only=True)
class Files:
    """Where inputs come from, and what becomes of files that are there."""

    files_from: str = option(
        "", "File with the inputs, a line or a NUL-ended name each; - is stdin."
    )
    in_place: bool = option(False, "Replace the inputs.")
    overwrite: bool = option(False, "Redo what is done, replace what is there.")
    watch: bool = option(False, "Keep running; take what appears in the folder.")


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
    files: Files,
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
    given = paths or []
    if all_styles:
        _draw_all_styles(given, all_styles, device, precision, dials, overwrite=files.overwrite)
        return
    checkpoint = read_checkpoint(find_style(style))  # a bad file is named before torch is loaded
    inputs, target = _inputs_and_output(given, files, output)
    painter = partial(_load_painter, checkpoint, dials, side, device, precision)
    if raw:
        stylize_video(inputs, target, parse_size(raw), painter)
    elif STREAM in (*inputs, target):
        name = checkpoint.info.style
        stylize_stream(inputs, target, output, name, painter, overwrite=files.overwrite)
    else:
        tally = partial(Tally, style)
        _stylize_files(inputs, target, files, output, checkpoint, painter, tally, as_json=as_json)


def _load_painter(
    checkpoint: CheckpointFile, dials: Dials, side: int | None, device: str, precision: str
) -> "Painter":
    """The style ready to paint; takes a second or more, as torch is loaded."""
    runtime = set_up_runtime(device, precision)
    from ganstyle.models.pretrained import load_generator
    from ganstyle.painting.painter import Painter

    return Painter(load_generator(checkpoint), runtime, dials, side)


def _stylize_files(
    inputs: list[Path],
    target: Path | None,
    files: Files,
    output: OutputConfig,
    checkpoint: CheckpointFile,
    painter: "Callable[[], Painter]",
    new_tally: "Callable[[Runtime], Tally]",
    *,
    as_json: bool,
) -> None:
    """Pictures and folders; of several processes each takes its part."""

    def plan() -> list[Job]:
        return plan_jobs(inputs, target, output, listed=bool(files.files_from))

    if files.watch and not all(is_folder(path) for path in inputs):
        raise ConfigError("--watch needs folders as its inputs.")
    jobs = [] if files.watch else plan()
    ready = painter()  # first, as it loads torch
    from ganstyle.distributed import join_ranks
    from ganstyle.stylize.pipeline import Pipeline
    from ganstyle.stylize.watch import watch

    made_by = recipe(checkpoint.digest, __version__, ready.dials, output)
    manifest = _prepare(output_folder(inputs, target), jobs, made_by)
    ranks = join_ranks()
    if files.watch and ranks.count > 1:
        raise ConfigError("--watch works with one process; leave torchrun out.")
    pipeline = Pipeline(ready, output, checkpoint.info.style, manifest, overwrite=files.overwrite)
    tally = new_tally(ready.runtime)
    rounds = watch(plan, say) if files.watch else [ranks.share(jobs)]
    _work_through(rounds, pipeline, tally, as_json=as_json)
    tally.merge(ranks)
    ranks.leave()
    if ranks.rank == 0:
        say(str(tally))
        if tally.counts["failed"]:
            raise typer.Exit(SOME_FAILED)


def _prepare(folder: Path | None, jobs: list[Job], made_by: str) -> Manifest | None:
    """Make the output folder, rid of what a killed run left; its manifest if there is a folder."""
    for parent in {job.target.parent for job in jobs}:
        remove_leftovers(parent)
    if not folder:
        return None
    make_folder(folder)
    return Manifest(folder, made_by)


def _work_through(
    rounds: Iterable[Sequence[Job]], pipeline: "Pipeline", tally: Tally, *, as_json: bool
) -> None:
    """Stylize, telling what comes of each picture; Ctrl-C shows the tally."""
    try:
        for jobs in rounds:
            with progress_bar("Stylizing", len(jobs)) as advance:
                for outcome in pipeline.run(jobs):
                    advance()
                    tally.count(outcome)  # first: whoever has read the line may interrupt
                    show_outcome(outcome, as_json=as_json)
    except KeyboardInterrupt:
        say(str(tally))
        raise


def _draw_all_styles(
    paths: list[Path], sheet: Path, device: str, precision: str, dials: Dials, *, overwrite: bool
) -> None:
    """One photo in all shipped styles."""
    if len(paths) != 1 or not is_file(paths[0]):
        raise ConfigError("--all-styles draws one photo: stylize PHOTO --all-styles SHEET.jpg.")
    refuse_foreign(sheet, overwrite=overwrite)
    runtime = set_up_runtime(device, precision)
    from ganstyle.stylize.style_sheet import draw_style_sheet

    draw_style_sheet(paths[0], sheet, shipped_styles(), runtime, dials)
    say(f"Done: {sheet}")


def _inputs_and_output(
    paths: list[Path], files: Files, output: OutputConfig
) -> tuple[list[Path], Path | None]:
    """Part the arguments; the output is None when the inputs are to be replaced."""
    if files.files_from:
        data = _read_list(files.files_from)
        names = data.split(b"\0") if b"\0" in data else data.splitlines()
        paths = [Path(os.fsdecode(name)) for name in names if name] + paths
    if files.in_place and (output.format != "keep" or output.suffix):
        raise ConfigError("--in-place keeps names and formats; leave --format and --suffix out.")
    if files.in_place:
        if not paths:
            raise ConfigError("There are no pictures to redraw: name them, or --files-from a list.")
        return paths, None
    if len(paths) < 2:
        raise ConfigError("Name the inputs and then the output, or say --in-place.")
    return paths[:-1], paths[-1]


def _read_list(path: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}).") from error
