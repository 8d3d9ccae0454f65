"""Errors that the user can mend: each says what was found, what was expected and what to do."""


class GanstyleError(Exception):
    """Base of all errors that ganstyle reports in one line instead of a traceback."""


class ImageError(GanstyleError):
    """A picture cannot be read or written."""


class MissingReaderError(ImageError):
    """A picture is of a format that takes something else to be installed.

    remedy: the command that installs it.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


class CheckpointError(GanstyleError):
    """A checkpoint is damaged, of another program, or does not fit its own description."""


class DataError(GanstyleError):
    """A folder holds too little, or not what the command needs."""


class NoPicturesError(DataError):
    """A folder holds no picture at all."""


class DeviceError(GanstyleError):
    """The device or precision asked for is not to be had on this machine."""


class ConfigError(GanstyleError):
    """An option is out of its range, or two options contradict each other."""
