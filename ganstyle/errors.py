"""Errors that the user can fix, and words for messages: what was found and what to do."""

from collections.abc import Iterable
from difflib import get_close_matches


class GanstyleError(Exception):
    """Base of all errors that ganstyle reports in one line instead of a traceback."""


class ImageError(GanstyleError):
    """A picture cannot be read or written."""


class MissingReaderError(ImageError):
    """A picture is of a format that needs another package to be installed.

    remedy: the command that installs it.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


class CheckpointError(GanstyleError):
    """A checkpoint is damaged, was made by another program, or contradicts its own description."""


class DataError(GanstyleError):
    """A folder or file is missing, or does not hold enough for the command."""


class NoPicturesError(DataError):
    """A folder holds no picture at all."""


class DeviceError(GanstyleError):
    """The requested device or precision is not available on this machine."""


class ConfigError(GanstyleError):
    """An option is unknown or out of its range, or two options contradict each other."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """End of a message on an unknown name: the nearest known one, or all if none is near."""
    by_case = {each.lower(): each for each in known}
    near = get_close_matches(name.lower(), by_case, n=1)
    if near:
        return f"did you mean {by_case[near[0]]}?"
    return f"known are {', '.join(by_case.values()) or 'none'}."


def counted(count: int, noun: str) -> str:
    """A number with its noun: "1 picture", "2 pictures"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def are(count: int) -> str:
    """The verb after that many things."""
    return "is" if count == 1 else "are"
