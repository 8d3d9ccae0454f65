"""`ganstyle stylize` between pipes: one picture, or the raw frames of a video."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ganstyle.cli.display import progress_bar, say
from ganstyle.cli.options import SOME_FAILED
from ganstyle.config import FORMATS, OutputConfig, check
from ganstyle.errors import ConfigError, ImageError
from ganstyle.files import is_folder
from ganstyle.stylize.manifest import refuse_foreign

if TYPE_CHECKING:
    from ganstyle.painting.painter import Painter

STREAM = Path("-")
"""What stands for stdin among the inputs, and for stdout as the output."""


def parse_size(text: str) -> tuple[int, int]:
    """Width and height of "WIDTHxHEIGHT", px. Raises ConfigError for anything else."""
    width, _, height = text.lower().partition("x")
    numbers = width.isdecimal() and height.isdecimal()
    check(numbers and int(width) * int(height) > 0, "raw", text, "WIDTHxHEIGHT, say 1280x720")
    return int(width), int(height)


def stylize_video(
    inputs: list[Path],
    target: Path | None,
    size: tuple[int, int],
    painter: "Callable[[], Painter]",
) -> None:
    """Raw frames from stdin to stdout."""
    if inputs != [STREAM] or target != STREAM:
        raise ConfigError("--raw reads from stdin and writes to stdout: give - and -.")
    ready = painter()  # first, as it loads torch
    from ganstyle.stylize.video import stylize_frames

    started = time.monotonic()
    frames = 0
    with progress_bar("Stylizing", None) as advance:
        for written in stylize_frames(sys.stdin.buffer, sys.stdout.buffer, size, ready):
            frames = written
            advance()
    say(f"{frames} frames done, {frames / (time.monotonic() - started):.1f} frames/s")


def stylize_stream(
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

    if output.format != "keep":
        kind = FORMATS[output.format]
    else:
        kind = format_within(data) if target == STREAM else format_of(target)
    stream = sys.stdout.buffer if target == STREAM else target
    ready = painter()  # first, as it loads torch
    from ganstyle.stylize.pipeline import Pipeline

    pipeline = Pipeline(ready, output, style)
    try:
        notes = pipeline.run_one(data, stream, kind)
    except (ImageError, RuntimeError, MemoryError) as error:
        say(str(error).splitlines()[0] if str(error) else "out of memory")
        raise typer.Exit(SOME_FAILED) from error
    for note in notes:
        say(f"{inputs[0]}: {note}.")
