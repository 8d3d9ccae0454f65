"""Inputs and output of `ganstyle stylize`, out of its arguments."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ganstyle.cli.streams import STREAM
from ganstyle.config import OutputConfig, check_ranges, option
from ganstyle.errors import ConfigError, DataError
from ganstyle.painting.style_mix import StyleMix
from ganstyle.stylize.jobs import Destination, parse_destination, parse_path, refuse_missing

IN_AND_OUT = "Input and output"
"""Heading of their options in the help."""


@dataclass(frozen=True, kw_only=True)
class FileOptions:
    """Inputs and results: where they are, and what happens to files that exist."""

    output_path: str = option(
        "",
        "Folder or file for the results, in place of the last argument.",
        spelled="--output",
        short="-o",
        metavar="PATH",
        group=IN_AND_OUT,
    )
    files_from: str = option(
        "",
        "File that lists the inputs, one name per line or each ending in NUL; - is stdin.",
        metavar="FILE",
        group=IN_AND_OUT,
    )
    in_place: bool = option(False, "Replace the inputs by the results.", group=IN_AND_OUT)
    overwrite: bool = option(
        False, "Replace results that exist, whatever made them.", group=IN_AND_OUT
    )
    watch: bool = option(
        False, "Keep running, and stylize what appears in the folders.", group=IN_AND_OUT
    )
    variations: int = option(
        1,
        "Number of results per picture, named FILE-1, FILE-2 and so on, with successive seeds and "
        "a sheet of all.",
        min=1,
        max=100,
        group=IN_AND_OUT,
    )

    all_styles: str = option(
        "",
        "Paint one photo in all shipped styles, onto one sheet.",
        metavar="SHEET",
        group=IN_AND_OUT,
    )

    def __post_init__(self) -> None:
        check_ranges(self)


def inputs_and_output(
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


def refuse_variations(files: FileOptions, *, raw: bool, stream: bool) -> None:
    """Raise ConfigError if options that allow one result per picture meet --variations."""
    given = {"--raw": raw, "-": stream, "--in-place": files.in_place, "--watch": files.watch}
    for name in (name for name, there in given.items() if there and files.variations > 1):
        raise ConfigError(f"--variations writes several results per picture: leave {name} out.")


def refuse_several(styles: Sequence[StyleMix], *, allowed: bool) -> None:
    """Raise ConfigError if there is more than one style, unless that is allowed."""
    if len(styles) > 1 and not allowed:
        raise ConfigError("several styles write into folders: leave -, --raw and --watch out.")


def places_of(
    destination: Destination | None, styles: Sequence[StyleMix]
) -> list[Destination | None]:
    """Destination of each style: of several, a subfolder. Raises ConfigError if there is none."""
    if len(styles) == 1:
        return [destination]
    if destination is None or not destination.is_folder:
        raise ConfigError("several styles write into folders: name a folder for the results.")
    names = [style.folder_name for style in styles]
    if len(set(names)) < len(names):
        raise ConfigError(f"--style: {', '.join(names)} share a subfolder; give each once.")
    return [Destination(destination.path / name, is_folder=True) for name in names]
