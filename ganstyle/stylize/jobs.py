"""Jobs: an image or a video, the file that it is stylized into, and what came of it."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ganstyle.config import OutputConfig
from ganstyle.errors import ConfigError, DataError, ImageError
from ganstyle.files import IMAGE_SUFFIXES, VIDEO_SUFFIXES, is_file, is_folder
from ganstyle.videos.formats import demuxer_of


@dataclass(frozen=True)
class Job:
    """An image or a video to stylize.

    kind: Pillow's name of the output's format, FFmpeg's of a video's container; "" when its
    extension stands for none.
    """

    source: Path
    target: Path
    kind: str

    @property
    def is_video(self) -> bool:
        """Whether it is a video, by the input's extension."""
        return is_video(self.source)


@dataclass(frozen=True)
class Outcome:
    """End of a job.

    status: done, skipped or failed. reason: why it was not done. seconds: spent on decoding,
    painting and encoding it. size: of the output, px. notes: what was lost on the way.
    remedy: the command that installs what would read it; "" unless that is why it failed.
    frames: of a video, 0 of a picture.
    """

    job: Job
    status: str
    reason: str = ""
    size: tuple[int, int] | None = None
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    remedy: str = ""
    frames: int = 0


OnFrame = Callable[[Job, int, int], None]
"""Function that gets the job of a video, how many of its frames are done, and how many it has."""


@dataclass(frozen=True)
class Destination:
    """Where results go: into a folder, which may not exist yet, or to a single file."""

    path: Path
    is_folder: bool


def parse_path(argument: str) -> Path:
    """Path of an input. Raises ConfigError for an empty argument and for a file named as a folder.

    Path drops a slash at the end, which says that a folder is meant.
    """
    if not argument:
        raise ConfigError("a path is empty; is a variable of your shell not set?")
    path = Path(argument)
    if _ends_with_slash(argument) and is_file(path):
        raise ConfigError(f"{argument}: a file, not a folder; leave out the slash at the end.")
    return path


def is_video(path: Path) -> bool:
    """Whether a path's extension is one of the videos that are read."""
    return path.suffix.lower() in VIDEO_SUFFIXES


def refuse_missing(inputs: Iterable[Path]) -> None:
    """Raise DataError for the first input that does not exist."""
    for path in inputs:
        if not (is_file(path) or is_folder(path)):
            raise DataError(f"{path}: no such file or folder.")


def parse_destination(
    argument: str, inputs: Sequence[Path], config: OutputConfig, *, listed: bool = False
) -> Destination:
    """Destination that an output argument stands for.

    It is a folder when it exists as one or ends with a slash, and otherwise when there are several
    inputs or a folder among them. Raises ConfigError where that contradicts what exists or what
    the extension says.
    """
    path = parse_path(argument)
    if is_folder(path) or _ends_with_slash(argument):
        return Destination(path, is_folder=True)
    if listed or len(inputs) > 1 or any(map(is_folder, inputs)):
        if is_file(path):
            raise ConfigError(f"{path}: a file; the output of several pictures must be a folder.")
        if path.suffix.lower() in IMAGE_SUFFIXES | VIDEO_SUFFIXES:
            raise ConfigError(
                f"{path}: looks like a {'video' if is_video(path) else 'picture'}, but the output "
                f"of several pictures is a folder; write {path}{os.sep} if that is what you mean."
            )
        return Destination(path, is_folder=True)
    if not path.suffix and config.format == "keep":
        raise ConfigError(
            f"{path}: the output has no extension; add one such as .jpg, or write "
            f"{path}{os.sep} for a folder."
        )
    return Destination(path, is_folder=False)


def failure_message(job: Job, error: Exception) -> str:
    """Why an image or a video failed, naming it."""
    if not job.is_video and demuxer_of(job.source):
        return f"{job.source}: a video, by its contents; rename it so that it ends in .mp4 or .mkv."
    if isinstance(error, ImageError):
        return str(error)
    reason = "does not fit into memory" if isinstance(error, MemoryError) else repr(error)
    return f"{job.source}: {reason}."


def _ends_with_slash(argument: str) -> bool:
    return argument.endswith(tuple(filter(None, (os.sep, os.altsep))))
