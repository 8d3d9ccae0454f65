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
from ganstyle.errors import ConfigError, ImageError, counted
from ganstyle.files import file_signature, is_folder
from ganstyle.stylize.jobs import Destination, Job, is_video
from ganstyle.stylize.manifest import Manifest, signature_of_bytes

if TYPE_CHECKING:
    from ganstyle.painting.painter import Painter

STREAM = Path("-")
"""Argument for stdin as the input, and for stdout as the output."""


def parse_size(text: str) -> tuple[int, int]:
    """Width and height of "WIDTHxHEIGHT", px. Raises ConfigError for anything else."""
    width, _, height = text.lower().partition("x")
    numbers = width.isdecimal() and height.isdecimal()
    check(numbers and int(width) * int(height) > 0, "raw", text, "WIDTHxHEIGHT, such as 1280x720")
    return int(width), int(height)


def stylize_video(
    inputs: list[Path],
    destination: Destination | None,
    size: tuple[int, int],
    load: "Callable[[], Painter]",
    *,
    quiet: bool,
) -> None:
    """Raw frames from stdin to stdout."""
    if inputs != [STREAM] or destination is None or destination.path != STREAM:
        raise ConfigError("--raw reads from stdin and writes to stdout: give - and -.")
    painter = load()  # first, as it loads torch
    from ganstyle.stylize.video import stylize_frames

    started = time.monotonic()
    frames = 0
    with progress_bar("Stylizing", None, shown=not quiet) as advance:
        for written in stylize_frames(sys.stdin.buffer, sys.stdout.buffer, size, painter):
            frames = written
            advance()
    if not quiet:
        rate = frames / (time.monotonic() - started)
        say(f"{counted(frames, 'frame')} done, {rate:.1f} frames/s")


def stylize_stream(
    inputs: list[Path],
    destination: Destination | None,
    output: OutputConfig,
    manifest: Manifest,
    load: "Callable[[], Painter]",
    *,
    overwrite: bool,
    quiet: bool,
) -> None:
    """One picture from stdin or to stdout."""
    several = len(inputs) != 1 or destination is None or destination.is_folder
    if several or is_folder(inputs[0]):
        raise ConfigError("- stands for one picture: give one input and one output, no folder.")
    if is_video(inputs[0]):
        raise ConfigError(f"{inputs[0]}: a video is written to a file; name one in place of -.")
    assert destination is not None
    target = destination.path
    data = sys.stdin.buffer.read() if inputs[0] == STREAM else inputs[0]
    if isinstance(data, bytes) and not data:
        raise ImageError("stdin: no data; pipe a picture into it.")
    kind = _format(data, target, output)
    job = Job(inputs[0], target, kind)
    signature = signature_of_bytes(data) if isinstance(data, bytes) else file_signature(data)
    settled = manifest.settled(job, signature) if target != STREAM and not overwrite else None
    if settled and settled.status == "failed":
        raise ConfigError(settled.reason)
    if settled:
        return

    def record(temporary: Path) -> None:
        manifest.record(job, signature, file_signature(temporary))

    painter = load()  # first, as it loads torch
    from ganstyle.stylize.pipeline import Pipeline

    pipeline = Pipeline(painter, output, manifest.recipe.style)
    stream = sys.stdout.buffer if target == STREAM else target
    try:
        notes = pipeline.run_one(data, stream, kind, record)
    except (ImageError, RuntimeError, MemoryError) as error:
        say(str(error).splitlines()[0] if str(error) else "out of memory")
        raise typer.Exit(SOME_FAILED) from error
    for note in () if quiet else notes:
        say(f"{inputs[0]}: {note}.")


def _format(data: bytes | Path, target: Path, output: OutputConfig) -> str:
    """Pillow's name of the format of a result. Raises ImageError."""
    from ganstyle.images.read import format_within
    from ganstyle.images.write import format_of

    if output.format != "keep":
        return FORMATS[output.format]
    return format_within(data) if target == STREAM else format_of(target)
