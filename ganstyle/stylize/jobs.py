"""Jobs: which image is stylized into which file, planned before any work."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ganstyle.config import FORMATS, OutputConfig
from ganstyle.errors import ConfigError, DataError, ImageError
from ganstyle.files import HEIF_SUFFIXES, IMAGE_SUFFIXES, is_file, is_folder, list_folder
from ganstyle.images.write import format_of


@dataclass(frozen=True)
class Job:
    """An image to stylize.

    kind: Pillow's name of the output's format, "" when its extension stands for none.
    """

    source: Path
    target: Path
    kind: str


@dataclass(frozen=True)
class Outcome:
    """End of a job.

    status: done, skipped or failed. reason: why it was not done. seconds: spent on decoding,
    painting and encoding it. size: of the output, px. notes: what was lost on the way.
    remedy: the command that installs what would read it; "" unless that is why it failed.
    """

    job: Job
    status: str
    reason: str = ""
    size: tuple[int, int] | None = None
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    remedy: str = ""


@dataclass(frozen=True)
class Destination:
    """Where results go: into a folder, which may not exist yet, or to a single file."""

    path: Path
    is_folder: bool


@dataclass(frozen=True)
class Plan:
    """Jobs of a run. passed_over: files in its folders that are not read, and what they are."""

    jobs: Sequence[Job] = ()
    passed_over: Sequence[tuple[Path, str]] = ()


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
        if path.suffix.lower() in IMAGE_SUFFIXES:
            raise ConfigError(
                f"{path}: looks like a picture, but the output of several pictures is a folder; "
                f"write {path}{os.sep} if that is what you mean."
            )
        return Destination(path, is_folder=True)
    if not path.suffix and config.format == "keep":
        raise ConfigError(
            f"{path}: the output has no extension; add one such as .jpg, or write "
            f"{path}{os.sep} for a folder."
        )
    return Destination(path, is_folder=False)


def plan_jobs(
    inputs: Sequence[Path],
    destination: Destination | None,
    config: OutputConfig,
    *,
    listed: bool = False,
) -> Plan:
    """Pair every input with its output.

    destination: None to write every image in its place. One folder's tree is mirrored below it;
    one image goes to it, or into it when it is a folder; of several inputs, folders keep
    their names below it. listed: the inputs come from a list, and relative ones keep their path
    below the destination; one that does not exist fails when its turn comes.
    Raises DataError when an input does not exist, when there is nothing to do, when two inputs
    would give one output, and when an output would fall on an input; ImageError when the
    extension of a single output is not an image format's.
    """
    if not listed:
        refuse_missing(inputs)
    output = destination.path if destination else None
    jobs: list[Job] = []
    passed_over: list[tuple[Path, str]] = []
    for path in inputs:
        if is_folder(path):
            contents = list_folder(path, leave_out=output if output != path else None)
            passed_over += contents.passed_over
            root = output / path.name if output and (listed or len(inputs) > 1) else output
            jobs += (_mirrored(image, path, root, config) for image in contents.images)
        else:
            jobs.append(_single(path, destination, config, listed=listed))
    _refuse_collisions(jobs, in_place=destination is None)
    return Plan(jobs, passed_over)


def failure_message(job: Job, error: Exception) -> str:
    """Why an image failed, naming it."""
    if isinstance(error, ImageError):
        return str(error)
    reason = "does not fit into memory" if isinstance(error, MemoryError) else repr(error)
    return f"{job.source}: {reason}."


def _ends_with_slash(argument: str) -> bool:
    return argument.endswith(tuple(filter(None, (os.sep, os.altsep))))


def _mirrored(image: Path, folder: Path, root: Path | None, config: OutputConfig) -> Job:
    """Job of an image in a folder, whose tree is mirrored below root; None: in place."""
    if root is None:
        return _job(image, image)
    return _job(image, _renamed(root / image.relative_to(folder), config))


def _single(
    path: Path, destination: Destination | None, config: OutputConfig, *, listed: bool
) -> Job:
    if destination is None:
        return _job(path, path)
    if destination.is_folder:
        keeps_path = listed and not path.is_absolute() and ".." not in path.parts
        name = path if keeps_path else Path(path.name)
        return _job(path, _renamed(destination.path / name, config))
    # Named by the user: a wrong extension is an error before any work.
    asked = FORMATS.get(config.format)
    return Job(path, destination.path, asked or format_of(destination.path))


def _renamed(target: Path, config: OutputConfig) -> Path:
    kept = ".jpg" if target.suffix.lower() in HEIF_SUFFIXES else target.suffix
    extension = kept if config.format == "keep" else f".{config.format}"
    return target.with_name(f"{target.stem}{config.suffix}{extension}")


def _job(source: Path, target: Path) -> Job:
    try:
        return Job(source, target, format_of(target))
    except ImageError:
        return Job(source, target, "")


def _refuse_collisions(jobs: Iterable[Job], *, in_place: bool) -> None:
    """Two inputs for one output, and an output on an input, before any work.

    Names that differ in case only are one file on most Macs and Windows machines.
    """
    jobs = list(jobs)
    if not jobs:
        raise DataError("there are no pictures to stylize.")
    if in_place:
        return
    sources = {job.source.resolve(): job.source for job in jobs}
    targets: dict[str, Job] = {}
    for job in jobs:
        target = job.target.resolve()
        if target in sources:
            raise DataError(
                f"{sources[target]}: would be overwritten; name another output, or use --in-place."
            )
        other = targets.setdefault(str(target).casefold(), job)
        if other is not job:
            same = "" if other.target == job.target else f" and {other.target.name}, one file on"
            same += " many systems" if same else ""
            raise DataError(
                f"{other.source} and {job.source}: both would be written to {job.target}{same}; "
                "rename one of them, or stylize them into different folders."
            )
