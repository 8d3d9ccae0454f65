"""`ganstyle stylize`: pictures, streams and videos in a style."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ganstyle.cli.display import say, stylizing_display
from ganstyle.cli.options import (
    SOME_FAILED,
    Device,
    TrainedPrecision,
    parse_tile,
    set_up_runtime,
    with_options,
)
from ganstyle.cli.outcomes import Tally, show_outcome, show_passed_over
from ganstyle.cli.streams import STREAM, parse_size, stylize_stream, stylize_video
from ganstyle.config import DEFAULT_STYLE, Dials, OutputConfig, check_ranges, option
from ganstyle.errors import ConfigError, DataError
from ganstyle.files import is_file, is_folder
from ganstyle.styles import CheckpointFile, find_style, read_checkpoint, shipped_styles
from ganstyle.stylize.config import VideoConfig
from ganstyle.stylize.jobs import Destination, parse_destination, parse_path, refuse_missing
from ganstyle.stylize.manifest import Manifest, recipe
from ganstyle.stylize.run import StylizeRun

if TYPE_CHECKING:
    from ganstyle.painting.painter import Painter

_IN_AND_OUT, _PROGRAMS = "Input and output", "Output to programs"

EXAMPLES = """\
ganstyle stylize photos/ painted/
ganstyle stylize portrait.jpg portrait.png --style oil --brush 1.5
ganstyle stylize - - < draft.png > landscape.jpg --style landscape"""


@dataclass(frozen=True, kw_only=True)
class FileOptions:
    """Inputs and results: where they are, and what happens to files that exist."""

    output_path: str = option(
        "",
        "Folder or file for the results, in place of the last argument.",
        spelled="--output",
        short="-o",
        metavar="PATH",
        group=_IN_AND_OUT,
    )
    files_from: str = option(
        "",
        "File that lists the inputs, one name per line or each ending in NUL; - is stdin.",
        metavar="FILE",
        group=_IN_AND_OUT,
    )
    in_place: bool = option(False, "Replace the inputs by the results.", group=_IN_AND_OUT)
    overwrite: bool = option(
        False, "Replace results that exist, whatever made them.", group=_IN_AND_OUT
    )
    watch: bool = option(
        False, "Keep running, and stylize what appears in the folders.", group=_IN_AND_OUT
    )
    variations: int = option(
        1,
        "Number of results per picture, named FILE-1, FILE-2 and so on, with successive seeds and "
        "a sheet of all.",
        min=1,
        max=100,
        group=_IN_AND_OUT,
    )

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True, kw_only=True)
class Messages:
    """Amount and kind of output."""

    as_json: bool = option(
        False, "Print one line of JSON per picture on stdout.", spelled="--json", group=_PROGRAMS
    )
    quiet: bool = option(False, "Print errors only.", short="-q", group=_PROGRAMS)
    verbose: bool = option(
        False, "Print each result, and how it is computed.", short="-v", group=_PROGRAMS
    )


@with_options
def stylize(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="INPUT... OUTPUT",
            help="Pictures, videos or folders, and last the folder or file for the results; "
            "- is stdin or stdout.",
        ),
    ] = None,
    *,
    files: FileOptions,
    output: OutputConfig,
    all_styles: Annotated[
        Path | None,
        typer.Option(
            metavar="SHEET",
            help="Paint one photo in all shipped styles, onto one sheet.",
            rich_help_panel=_IN_AND_OUT,
        ),
    ] = None,
    style: Annotated[
        str,
        typer.Option(
            "--style",
            "-s",
            help="Name of a style (see `ganstyle styles`), a checkpoint file, or the folder of a "
            "training run.",
            rich_help_panel="Look",
        ),
    ] = DEFAULT_STYLE,
    dials: Dials,
    video: VideoConfig,
    device: Device = "auto",
    precision: TrainedPrecision = "auto",
    tile: Annotated[
        str,
        typer.Option(
            help="Side of the tiles that large pictures are cut into, px; auto or off.",
            rich_help_panel="Performance",
        ),
    ] = "auto",
    messages: Messages,
    raw: Annotated[
        str,
        typer.Option(
            metavar="WIDTHxHEIGHT",
            help="Stylize raw RGB frames of that size from stdin to stdout.",
            rich_help_panel=_PROGRAMS,
        ),
    ] = "",
) -> None:
    """Redraw pictures and videos, or all of folders and their subfolders, in a style."""
    side = parse_tile(tile)
    given = paths or []
    if all_styles:
        _paint_all_styles(given, all_styles, device, precision, dials, overwrite=files.overwrite)
        return
    checkpoint = read_checkpoint(find_style(style))  # a bad file is named before torch is loaded
    inputs, destination = _inputs_and_output(given, files, output)
    load = partial(_load_painter, checkpoint, dials, side, device, precision, messages)
    streams = STREAM in inputs or (destination is not None and destination.path == STREAM)
    _refuse_variations(files, raw=bool(raw), stream=streams)
    if raw:
        stylize_video(inputs, destination, parse_size(raw), load, quiet=messages.quiet)
        return
    if streams:
        name = checkpoint.info.style
        manifest = Manifest(recipe(name, checkpoint.digest, dials, output, precision))
        stylize_stream(
            inputs,
            destination,
            output,
            manifest,
            load,
            overwrite=files.overwrite,
            quiet=messages.quiet,
        )
        return
    if files.watch and not all(is_folder(path) for path in inputs):
        raise ConfigError("--watch needs folders as its inputs.")
    run = StylizeRun(
        inputs,
        destination,
        checkpoint,
        dials,
        output,
        precision,
        video=video,
        listed=bool(files.files_from),
        count=files.variations,
        overwrite=files.overwrite,
        watching=files.watch,
    )
    _stylize_files(run, load, style, messages, watching=files.watch)


def _stylize_files(
    run: StylizeRun,
    load: "Callable[[], Painter]",
    style: str,
    messages: Messages,
    *,
    watching: bool,
) -> None:
    """Pictures and folders; of several processes each does its share."""
    painter = load()  # first, as it loads torch
    run.prepare()
    from ganstyle.distributed import join_ranks

    ranks = join_ranks(minutes=7 * 24 * 60)  # one may have hours more to paint than another
    if watching and ranks.count > 1:
        raise ConfigError("--watch works with one process; leave torchrun out.")
    tally = Tally(style, painter.runtime)
    total = sum(len(ranks.share(each.plan.jobs)) for each in run.passes)
    with (
        _tally_if_interrupted(run, tally),
        stylizing_display(total, shown=not (messages.quiet or watching)) as (advance, on_frame),
    ):
        if watching:
            outcomes = run.watched_outcomes(painter, say)
        else:
            outcomes = run.outcomes(painter, ranks, on_frame)
        for outcome in outcomes:
            advance()
            tally.count(outcome)  # first: whoever has read the line may interrupt
            show_outcome(
                outcome,
                as_json=messages.as_json,
                quiet=messages.quiet,
                verbose=messages.verbose,
            )
    tally.merge(ranks)
    ranks.leave()
    if ranks.rank == 0:
        if not messages.quiet:
            show_passed_over(run.passed_over, run.hints, as_json=messages.as_json)
            say(str(tally))
        if tally.counts["failed"]:
            raise typer.Exit(SOME_FAILED)


@contextmanager
def _tally_if_interrupted(run: StylizeRun, tally: Tally) -> Iterator[None]:
    """On Ctrl-C, count every result that has been written, reported or not."""
    try:
        yield
    except KeyboardInterrupt:
        tally.counts["done"] = run.written
        say(str(tally))
        say("The same command resumes.")
        raise


def _load_painter(
    checkpoint: CheckpointFile,
    dials: Dials,
    side: int | None,
    device: str,
    precision: str,
    messages: Messages,
) -> "Painter":
    """The style ready to paint; takes a second or more, as torch is loaded."""
    runtime = set_up_runtime(device, precision, trained=True)
    from ganstyle.painting.faces import INSTALL, faces_available
    from ganstyle.painting.painter import Painter

    painter = Painter(checkpoint, dials, runtime=runtime, tile=side)
    if precision == "int8" and not painter.runtime.int8:
        problem = painter.int8_problem or f"{checkpoint.path}: has not been measured for int8"
        raise ConfigError(f"{problem}; use auto.")
    if messages.verbose:
        say(f"Style {checkpoint.info.style}: {checkpoint.path}")
        say(f"Device {painter.runtime.device}, precision {painter.runtime.precision}")
        if painter.int8_problem:
            say(f"Without 8 bits: {painter.int8_problem}.")
    looks = dials.faces and dials.treat_as != "draft" and painter.generator.config.easel
    if looks and not faces_available() and not messages.quiet:
        say(
            f"No face detector is installed, so small faces may be lost: {INSTALL} (or --no-faces)."
        )
    return painter


def _paint_all_styles(
    arguments: list[str],
    sheet: Path,
    device: str,
    precision: str,
    dials: Dials,
    *,
    overwrite: bool,
) -> None:
    """One photo in all shipped styles."""
    if len(arguments) != 1 or not is_file(parse_path(arguments[0])):
        raise ConfigError("--all-styles takes one photo: stylize PHOTO --all-styles SHEET.jpg.")
    if is_file(sheet) and not overwrite:
        raise ConfigError(f"{sheet}: exists; --overwrite replaces it.")
    runtime = set_up_runtime(device, precision, trained=True)
    from ganstyle.stylize.style_sheet import draw_style_sheet

    draw_style_sheet(Path(arguments[0]), sheet, shipped_styles(), runtime, dials)
    say(f"Done: {sheet}")


def _inputs_and_output(
    arguments: list[str], files: FileOptions, output: OutputConfig
) -> tuple[list[Path], Destination | None]:
    """Inputs and destination out of the arguments; no destination when inputs are replaced."""
    given = list(arguments)
    if files.in_place and (output.format != "keep" or output.suffix or files.output_path):
        raise ConfigError(
            "--in-place keeps names and formats; leave --format, --suffix and --output out."
        )
    listed = _read_list(files.files_from) if files.files_from else []
    if not files.in_place:
        if len(given) + len(listed) + bool(files.output_path) < 2 or not (
            given or files.output_path
        ):
            raise ConfigError(
                "expected INPUT... OUTPUT: name the inputs and then the output, or use --in-place."
            )
        target = files.output_path or given.pop()
    named = [parse_path(argument) for argument in given]
    refuse_missing(path for path in named if path != STREAM)
    inputs = listed + named
    if files.in_place:
        if not inputs:
            raise ConfigError("--in-place: name the pictures to replace, or use --files-from.")
        return inputs, None
    if target == str(STREAM):
        return inputs, Destination(STREAM, is_folder=False)
    return inputs, parse_destination(target, inputs, output, listed=bool(files.files_from))


def _read_list(path: str) -> list[Path]:
    """Inputs that a file, or stdin, lists."""
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}).") from error
    names = data.split(b"\0") if b"\0" in data else data.splitlines()
    return [Path(os.fsdecode(name)) for name in names if name]


def _refuse_variations(files: FileOptions, *, raw: bool, stream: bool) -> None:
    """Raise ConfigError if options that allow one result per picture meet --variations."""
    given = {"--raw": raw, "-": stream, "--in-place": files.in_place, "--watch": files.watch}
    for name in (name for name, there in given.items() if there and files.variations > 1):
        raise ConfigError(f"--variations writes several results per picture: leave {name} out.")
