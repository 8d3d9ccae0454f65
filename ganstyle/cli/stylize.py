"""`ganstyle stylize`: pictures, streams and video in a style."""

import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ganstyle.cli.display import Tally, say
from ganstyle.cli.files import Files, refuse_variations, stylize_files
from ganstyle.cli.options import (
    Device,
    TrainedPrecision,
    parse_tile,
    set_up_runtime,
    with_options,
)
from ganstyle.cli.streams import STREAM, parse_size, stylize_stream, stylize_video
from ganstyle.config import DEFAULT_STYLE, Dials, OutputConfig
from ganstyle.errors import ConfigError, DataError
from ganstyle.files import is_file
from ganstyle.styles import CheckpointFile, find_style, read_checkpoint, shipped_styles
from ganstyle.stylize.manifest import refuse_foreign
from ganstyle.stylize.variations import plan_variations

if TYPE_CHECKING:
    from ganstyle.painting.painter import Painter


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
    precision: TrainedPrecision = "auto",
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
    refuse_variations(files, raw=bool(raw), stream=STREAM in (*inputs, target))
    if raw:
        stylize_video(inputs, target, parse_size(raw), painter)
    elif STREAM in (*inputs, target):
        name = checkpoint.info.style
        stylize_stream(inputs, target, output, name, painter, overwrite=files.overwrite)
    else:
        tally = partial(Tally, style)
        variations = plan_variations(files.variations, dials, output, inputs, target)
        stylize_files(inputs, variations, files, checkpoint, painter, tally, as_json=as_json)


def _load_painter(
    checkpoint: CheckpointFile, dials: Dials, side: int | None, device: str, precision: str
) -> "Painter":
    """The style ready to paint; takes a second or more, as torch is loaded."""
    runtime = set_up_runtime(device, precision, trained=True)
    from ganstyle.models.pretrained import load_generator
    from ganstyle.painting.faces import INSTALL, faces_available
    from ganstyle.painting.painter import Painter

    painter = Painter(load_generator(checkpoint), runtime, dials, side)
    if precision == "int8" and not painter.runtime.int8:
        raise ConfigError(f"{checkpoint.path}: has not been measured for int8; use auto.")
    looks = dials.faces and dials.treat_as != "draft" and painter.generator.config.easel
    if looks and not faces_available():
        say(
            f"No face detector is installed, so small faces may be lost: {INSTALL} (or --no-faces)."
        )
    return painter


def _draw_all_styles(
    paths: list[Path], sheet: Path, device: str, precision: str, dials: Dials, *, overwrite: bool
) -> None:
    """One photo in all shipped styles."""
    if len(paths) != 1 or not is_file(paths[0]):
        raise ConfigError("--all-styles draws one photo: stylize PHOTO --all-styles SHEET.jpg.")
    refuse_foreign(sheet, overwrite=overwrite)
    runtime = set_up_runtime(device, precision, trained=True)
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
