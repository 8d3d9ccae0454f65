"""The plan of a run: which file is stylized into which, before any work."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ganstyle.config import FORMATS, OutputConfig
from ganstyle.errors import ConfigError, DataError, ImageError
from ganstyle.files import HEIF_SUFFIXES, is_folder, list_folder
from ganstyle.images.write import format_of
from ganstyle.stylize.jobs import Destination, Job, is_video, refuse_missing
from ganstyle.videos.formats import VIDEO_REMEDY, container_of, videos_readable


@dataclass(frozen=True)
class Plan:
    """Jobs of a run.

    passed_over: files in its folders that are not read, and what they are. hints: lines for the
    user on how they could be.
    """

    jobs: Sequence[Job] = ()
    passed_over: Sequence[tuple[Path, str]] = ()
    hints: Sequence[str] = ()


def plan_jobs(
    inputs: Sequence[Path],
    destination: Destination | None,
    config: OutputConfig,
    *,
    listed: bool = False,
    pictures_only: str = "",
) -> Plan:
    """Pair every input with its output.

    destination: None to write every image in its place. One folder's tree is mirrored below it;
    one image goes to it, or into it when it is a folder; of several inputs, folders keep
    their names below it. listed: the inputs come from a list, and relative ones keep their path
    below the destination; one that does not exist fails when its turn comes. pictures_only: an
    option that videos do not take: those in folders are passed over, as they are where there is
    no reader for them.
    Raises DataError when an input does not exist, when there is nothing to do, when two inputs
    would give one output, and when an output would fall on an input; ImageError when the
    extension of a single output is not an image format's, or a video's; ConfigError for a video
    that is named beside an option it does not take.
    """
    if not listed:
        refuse_missing(inputs)
    output = destination.path if destination else None
    pictures_only = pictures_only or ("" if destination else "--in-place")
    readable = not pictures_only and videos_readable()
    jobs: list[Job] = []
    passed_over: list[tuple[Path, str]] = []
    for path in inputs:
        if is_folder(path):
            found = list_folder(path, leave_out=output if output != path else None)
            paths = sorted(found.images + found.videos) if readable else found.images
            passed_over += found.passed_over
            passed_over += [] if readable else [(video, "video") for video in found.videos]
            root = output / path.name if output and (listed or len(inputs) > 1) else output
            jobs += (_mirrored(each, path, root, config) for each in paths)
        elif pictures_only and is_video(path):
            raise ConfigError(f"{path}: a video, and {pictures_only} is for pictures only.")
        else:
            jobs.append(_single(path, destination, config, listed=listed))
    left_out = any(is_video(path) for path, _ in passed_over)
    way_out = f"leave {pictures_only} out" if pictures_only else VIDEO_REMEDY
    hints = [f"To paint videos: {way_out}"] if left_out else []
    _refuse_collisions(jobs, hints, in_place=destination is None)
    return Plan(jobs, passed_over, hints)


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
    if is_video(path):
        return Job(path, destination.path, container_of(destination.path))
    asked = FORMATS.get(config.format)
    return Job(path, destination.path, asked or format_of(destination.path))


def _renamed(target: Path, config: OutputConfig) -> Path:
    kept = ".jpg" if target.suffix.lower() in HEIF_SUFFIXES else target.suffix
    keeps = config.format == "keep" or is_video(target)
    extension = kept if keeps else f".{config.format}"
    return target.with_name(f"{target.stem}{config.suffix}{extension}")


def _job(source: Path, target: Path) -> Job:
    try:
        return Job(source, target, (container_of if is_video(source) else format_of)(target))
    except ImageError:
        return Job(source, target, "")


def _refuse_collisions(jobs: Iterable[Job], hints: Sequence[str], *, in_place: bool) -> None:
    """Two inputs for one output, and an output on an input, before any work.

    Names that differ in case only are one file on most Macs and Windows machines.
    """
    jobs = list(jobs)
    if not jobs:
        raise DataError("\n".join(["there are no pictures to stylize.", *hints]))
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
