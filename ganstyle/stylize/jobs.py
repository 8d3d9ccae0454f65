"""Jobs: where the result of each input goes, planned before any work."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ganstyle.config import FORMATS, OutputConfig
from ganstyle.errors import DataError, ImageError
from ganstyle.files import HEIF_SUFFIXES, find_images, is_file, is_folder
from ganstyle.images.write import format_of


@dataclass(frozen=True)
class Job:
    """An image to stylize.

    kind: Pillow's name of the output's format, "" when its ending stands for none.
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


def plan_jobs(
    inputs: Sequence[Path], output: Path | None, config: OutputConfig, *, listed: bool = False
) -> list[Job]:
    """Pair every input with its output.

    output: None to write every image in its place. One folder's tree is mirrored below output;
    one image goes to output, or into it when it is a folder; of several inputs, folders keep
    their names below output. listed: the inputs come from a list, and relative ones keep their
    path below output.
    Raises DataError when there is nothing to do, when two inputs would give one output, and when
    an output would fall on an input; ImageError when one output's ending is no image format.
    """
    if output is None:
        pairs = [(path, path) for path in _in_place(inputs)]
    else:
        pairs = list(_pairs(inputs, output, config, listed))
    jobs = [_job(source, target, config, output) for source, target in pairs]
    _refuse_collisions(jobs, in_place=output is None)
    return jobs


def output_folder(inputs: Sequence[Path], output: Path | None) -> Path | None:
    """Folder whose manifest tells what is done; None when a single file is written."""
    if output is None:
        return inputs[0] if is_folder(inputs[0]) else inputs[0].parent
    single = len(inputs) == 1 and not is_folder(inputs[0]) and not is_folder(output)
    return None if single else output


def failure_message(job: Job, error: Exception) -> str:
    """Why an image failed, naming it."""
    if isinstance(error, ImageError):
        return str(error)
    reason = "does not fit into memory" if isinstance(error, MemoryError) else repr(error)
    return f"{job.source}: {reason}."


def _in_place(inputs: Sequence[Path]) -> Iterable[Path]:
    for path in inputs:
        if is_folder(path):
            yield from find_images(path)
        else:
            yield path if len(inputs) > 1 else _existing(path)


def _pairs(
    inputs: Sequence[Path], output: Path, config: OutputConfig, listed: bool
) -> Iterable[tuple[Path, Path]]:
    several = len(inputs) > 1 or listed
    if is_file(output) and (several or is_folder(inputs[0])):
        raise DataError(f"{output}: a file; the output of several pictures must be a folder.")
    for path in inputs:
        if is_folder(path):
            root = output / path.name if several else output
            for found in find_images(path, leave_out=output if output != path else None):
                yield found, _renamed(root / found.relative_to(path), config)
        elif several or is_folder(output):
            keeps_path = listed and not path.is_absolute() and ".." not in path.parts
            name = path if keeps_path else Path(path.name)
            # Of several, one that is not there fails when its turn comes, and the rest is done.
            yield path if several else _existing(path), _renamed(output / name, config)
        else:
            yield _existing(path), output


def _existing(path: Path) -> Path:
    if not is_file(path):
        raise DataError(f"{path}: no such file or folder.")
    return path


def _renamed(target: Path, config: OutputConfig) -> Path:
    kept = ".jpg" if target.suffix.lower() in HEIF_SUFFIXES else target.suffix
    ending = kept if config.format == "keep" else f".{config.format}"
    return target.with_name(f"{target.stem}{config.suffix}{ending}")


def _job(source: Path, target: Path, config: OutputConfig, output: Path | None) -> Job:
    if target == output and config.format != "keep":
        return Job(source, target, FORMATS[config.format])
    if target == output:
        return Job(source, target, format_of(target))  # named by the user: an error before any work
    try:
        return Job(source, target, format_of(target))
    except ImageError:
        return Job(source, target, "")


def _refuse_collisions(jobs: Sequence[Job], *, in_place: bool) -> None:
    """Two inputs for one output, and an output on an input, before any work."""
    if not jobs:
        raise DataError("There are no pictures to redraw.")
    if in_place:
        return
    sources = {job.source.resolve(): job.source for job in jobs}
    targets: dict[Path, Path] = {}
    for job in jobs:
        target = job.target.resolve()
        if target in sources:
            raise DataError(
                f"{sources[target]}: would be overwritten; name another output, or say --in-place."
            )
        if target in targets:
            raise DataError(
                f"{targets[target]} and {job.source}: both would be written to {job.target}; "
                "give them different names, or redraw them one by one."
            )
        targets[target] = job.source
