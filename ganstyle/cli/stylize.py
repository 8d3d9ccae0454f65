"""`ganstyle stylize`: pictures, streams and videos in a style."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ganstyle.cli.display import say
from ganstyle.cli.inputs import (
    FileOptions,
    inputs_and_output,
    places_of,
    refuse_several,
    refuse_variations,
)
from ganstyle.cli.options import (
    PERFORMANCE,
    SOME_FAILED,
    parse_tile,
    set_up_runtime,
    with_options,
)
from ganstyle.cli.outcomes import Messages, Tally, show_outcome, show_passed_over
from ganstyle.cli.progress import stylizing_display
from ganstyle.cli.streams import STREAM, parse_size, stylize_stream, stylize_video
from ganstyle.config import DEFAULT_STYLE, Dials, OutputConfig, option
from ganstyle.errors import ConfigError
from ganstyle.files import is_file, is_folder
from ganstyle.styles import CheckpointFile, find_style, read_checkpoint, shipped_styles
from ganstyle.stylize.config import VideoConfig
from ganstyle.stylize.jobs import parse_path
from ganstyle.stylize.manifest import Manifest, recipe
from ganstyle.stylize.run import StylizeRun

if TYPE_CHECKING:
    from ganstyle.distributed import Ranks
    from ganstyle.painting.painter import Painter

EXAMPLES = """\
ganstyle stylize photos/ painted/
ganstyle stylize portrait.jpg portrait.png --style oil --brush 1.5
ganstyle stylize - - < draft.png > landscape.jpg --style landscape"""


@dataclass(frozen=True, kw_only=True)
class Engine:
    """What paints, and how it computes."""

    style: list[str] | None = option(  # noqa: RUF009, option() makes a field
        None,
        "Name of a style (see `ganstyle styles`), a checkpoint file, or the folder of a training "
        f"run; if repeated, each style gets a subfolder. Default: {DEFAULT_STYLE}.",
        short="-s",
        metavar="STYLE",
        group="Look",
    )
    device: str = option("auto", "Device: auto, cpu, cuda or cuda:N.", group=PERFORMANCE)
    precision: str = option(
        "auto", "Precision: auto, float32, bfloat16 or int8.", group=PERFORMANCE
    )
    tile: str = option(
        "auto",
        "Side of the tiles that large pictures are cut into, px; auto or off.",
        group=PERFORMANCE,
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
    engine: Engine,
    dials: Dials,
    video: VideoConfig,
    messages: Messages,
) -> None:
    """Redraw pictures and videos, or all of folders and their subfolders, in a style."""
    side = parse_tile(engine.tile)
    if files.all_styles:
        sheet = Path(files.all_styles)
        _paint_all_styles(paths or [], sheet, engine, dials, overwrite=files.overwrite)
        return
    checkpoints = [read_checkpoint(find_style(name)) for name in engine.style or [DEFAULT_STYLE]]
    inputs, destination = inputs_and_output(paths or [], files, output)
    loads = [partial(_load_painter, one, dials, side, engine, messages) for one in checkpoints]
    streams = STREAM in inputs or (destination is not None and destination.path == STREAM)
    refuse_variations(files, raw=bool(messages.raw), stream=streams)
    refuse_several(checkpoints, allowed=not (messages.raw or streams or files.watch))
    if messages.raw:
        stylize_video(inputs, destination, parse_size(messages.raw), *loads, quiet=messages.quiet)
        return
    if streams:
        manifest = _manifest(checkpoints[0], dials, output, engine)
        what, overwrite = (inputs, destination, output), files.overwrite
        stylize_stream(*what, manifest, loads[0], overwrite=overwrite, quiet=messages.quiet)
        return
    runs = [
        StylizeRun(
            *(inputs, place, one, dials, output, engine.precision),
            video=video,
            listed=bool(files.files_from),
            count=files.variations,
            overwrite=files.overwrite,
            watching=files.watch,
        )
        for place, one in zip(places_of(destination, checkpoints), checkpoints, strict=True)
    ]
    _stylize_files(runs, loads, messages, watching=files.watch)


def _manifest(
    checkpoint: CheckpointFile, dials: Dials, output: OutputConfig, engine: Engine
) -> Manifest:
    """Records of results in a style."""
    digest = checkpoint.digest
    return Manifest(recipe(checkpoint.info.style, digest, dials, output, engine.precision))


def _stylize_files(
    runs: Sequence[StylizeRun],
    loads: "Sequence[Callable[[], Painter]]",
    messages: Messages,
    *,
    watching: bool,
) -> None:
    """Pictures, videos and folders, in each style; of several processes each does its share."""
    if watching and not all(is_folder(path) for path in runs[0].inputs):
        raise ConfigError("--watch needs folders as its inputs.")
    first = loads[0]()  # loads torch
    for run in runs:
        run.prepare()
    from ganstyle.distributed import join_ranks

    ranks = join_ranks(minutes=7 * 24 * 60)  # one may have hours more to paint than another
    if watching and ranks.count > 1:
        raise ConfigError("--watch works with one process; leave torchrun out.")
    failed = 0
    for run, load in zip(runs, loads, strict=True):
        painter = first if run is runs[0] else load()
        failed += _stylize_run(run, painter, ranks, messages, watching=watching)
    ranks.leave()
    if failed and ranks.rank == 0:
        raise typer.Exit(SOME_FAILED)


def _stylize_run(
    run: StylizeRun, painter: "Painter", ranks: "Ranks", messages: Messages, *, watching: bool
) -> int:
    """Work through a run, and show what comes of it; returns how many pictures failed."""
    tally = Tally(run.style, painter.runtime)
    total = sum(len(ranks.share(each.plan.jobs)) for each in run.passes)
    with (
        _tally_if_interrupted(run, tally),
        stylizing_display(total, shown=not (messages.quiet or watching)) as (advance, on_frame),
    ):
        if watching:
            outcomes = run.watched_outcomes(painter, say)
        else:
            outcomes = run.outcomes(painter, ranks, on_frame)
        with closing(outcomes):  # after an interruption, what is being written is waited for
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
    if ranks.rank == 0 and not messages.quiet:
        show_passed_over(run.passed_over, run.hints, as_json=messages.as_json)
        say(str(tally))
    return tally.counts["failed"]


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
    engine: Engine,
    messages: Messages,
) -> "Painter":
    """The style ready to paint; takes a second or more, as torch is loaded."""
    runtime = set_up_runtime(engine.device, engine.precision, trained=True)
    from ganstyle.painting.faces import INSTALL, faces_available
    from ganstyle.painting.painter import Painter

    painter = Painter(checkpoint, dials, runtime=runtime, tile=side)
    if engine.precision == "int8" and not painter.runtime.int8:
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
    arguments: list[str], sheet: Path, engine: Engine, dials: Dials, *, overwrite: bool
) -> None:
    """One photo in all shipped styles."""
    if len(arguments) != 1 or not is_file(parse_path(arguments[0])):
        raise ConfigError("--all-styles takes one photo: stylize PHOTO --all-styles SHEET.jpg.")
    if is_file(sheet) and not overwrite:
        raise ConfigError(f"{sheet}: exists; --overwrite replaces it.")
    runtime = set_up_runtime(engine.device, engine.precision, trained=True)
    from ganstyle.stylize.style_sheet import draw_style_sheet

    draw_style_sheet(Path(arguments[0]), sheet, shipped_styles(), runtime, dials)
    say(f"Done: {sheet}")
