"""`ganstyle stylize`: pictures, streams and videos in a style."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ganstyle.cli.display import say
from ganstyle.cli.engine import Engine, load_painter
from ganstyle.cli.inputs import (
    IN_AND_OUT,
    FileOptions,
    inputs_and_output,
    places_of,
    refuse_several,
    refuse_variations,
)
from ganstyle.cli.options import (
    SOME_FAILED,
    options_file,
    parse_tile,
    set_up_runtime,
    with_options,
)
from ganstyle.cli.outcomes import Messages, Tally, show_outcome, show_passed_over
from ganstyle.cli.progress import stylizing_display
from ganstyle.cli.streams import STREAM, parse_size, stylize_stream, stylize_video
from ganstyle.config import DEFAULT_STYLE, Dials, OutputConfig
from ganstyle.errors import ConfigError
from ganstyle.files import is_file, is_folder
from ganstyle.painting.style_mix import StyleMix, read_styles
from ganstyle.styles import shipped_styles
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


_Paths = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="INPUT... OUTPUT",
        help="Pictures, videos or folders, and as the last argument the folder or file for the "
        "results; - is stdin or stdout.",
    ),
]
_ConfigFile = Annotated[
    Path | None,
    options_file(IN_AND_OUT, FileOptions, OutputConfig, Engine, Dials, VideoConfig, Messages),
]


@with_options
def stylize(
    paths: _Paths = None,
    *,
    files: FileOptions,
    output: OutputConfig,
    engine: Engine,
    dials: Dials,
    video: VideoConfig,
    messages: Messages,
    config_file: _ConfigFile = None,  # noqa: ARG001, its callback has read it
) -> None:
    """Redraw pictures, videos or whole folders of them in a style."""
    side = parse_tile(engine.tile)
    if files.all_styles:
        sheet = Path(files.all_styles)
        _paint_all_styles(paths or [], sheet, engine, dials, overwrite=files.overwrite)
        return
    styles = [read_styles(name) for name in engine.style or [DEFAULT_STYLE]]
    inputs, destination = inputs_and_output(paths or [], files, output)
    loads = [partial(load_painter, one, dials, side, engine, messages) for one in styles]
    streams = STREAM in inputs or (destination is not None and destination.path == STREAM)
    refuse_variations(files, raw=bool(messages.raw), stream=streams)
    refuse_several(styles, allowed=not (messages.raw or streams or files.watch))
    if messages.raw:
        stylize_video(inputs, destination, parse_size(messages.raw), *loads, quiet=messages.quiet)
        return
    if streams:
        manifest = _manifest(styles[0], dials, output, engine)
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
        for place, one in zip(places_of(destination, styles), styles, strict=True)
    ]
    _stylize_files(runs, loads, messages, watching=files.watch)


def _manifest(style: StyleMix, dials: Dials, output: OutputConfig, engine: Engine) -> Manifest:
    """Records of results in a style."""
    return Manifest(recipe(style.name, style.digest, dials, output, engine.precision))


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
