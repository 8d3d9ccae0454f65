"""Which picture goes where, planned before any work, and what is done already."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ganstyle.config import FORMATS, Dials, OutputConfig
from ganstyle.errors import DataError, ImageError
from ganstyle.files import find_images, is_file, is_folder, stamp
from ganstyle.images.metadata import made_by_ganstyle
from ganstyle.images.write import format_of

MANIFEST = ".ganstyle-manifest.jsonl"
"""File in an output folder that tells what made each of its pictures."""


FOREIGN = "exists, and no run of ganstyle made it as it is; --overwrite replaces it"


@dataclass(frozen=True)
class Job:
    """A picture to redraw.

    kind: Pillow's name of the output's format, "" when its ending stands for none.
    """

    source: Path
    target: Path
    kind: str


def plan_jobs(
    inputs: Sequence[Path], output: Path | None, config: OutputConfig, *, listed: bool = False
) -> list[Job]:
    """Pair every input with its output.

    output: None to write every picture in its place. One folder's tree is mirrored below output;
    one picture goes to output, or into it when it is a folder; of several inputs, folders keep
    their names below output. listed: the inputs come from a list, and relative ones keep their
    path below output.
    Raises DataError when there is nothing to do, when two inputs would give one output, and when
    an output would fall on an input; ImageError when one output's ending is no picture format.
    """
    if output is None:
        pairs = [(path, path) for path in _in_place(inputs)]
    else:
        pairs = list(_pairs(inputs, output, config, listed))
    jobs = [_job(source, target, config, output) for source, target in pairs]
    _refuse_collisions(jobs, in_place=output is None)
    return jobs


def output_folder(inputs: Sequence[Path], output: Path | None) -> Path | None:
    """The folder whose manifest tells what is done; None when a single file is written."""
    if output is None:
        return inputs[0] if is_folder(inputs[0]) else inputs[0].parent
    single = len(inputs) == 1 and not is_folder(inputs[0]) and not is_folder(output)
    return None if single else output


def refuse_foreign(target: Path, *, overwrite: bool) -> None:
    """Raise ImageError when a single output would replace what ganstyle did not make."""
    if not overwrite and target.exists() and not made_by_ganstyle(target):
        raise ImageError(f"{target}: {FOREIGN}.")


class Manifest:
    """What is known of the outputs in a folder: made of which input, by which recipe.

    Lines are only ever added, one a picture, so that several processes can write and a killed one
    leaves at worst half a line, which is not read, or a line on a file that never came to be.
    recipe: stands for style, version and options; another recipe is another picture.
    """

    def __init__(self, folder: Path, recipe: str) -> None:
        self.folder = folder
        self.recipe = recipe
        self._path = folder / MANIFEST
        self._entries = self._load()

    def is_done(self, job: Job) -> bool:
        """Whether the output is there, as it was written, of this input and by this recipe."""
        found, source = stamp(job.target), stamp(job.source)
        return any(
            entry.get("result") == found
            and entry.get("recipe") == self.recipe
            and (entry.get("source") == source or job.source == job.target)
            for entry in self._entries.get(self._name(job), ())
        )

    def is_foreign(self, job: Job) -> bool:
        """Whether something stands at the output that no run of ganstyle left there."""
        found = stamp(job.target)
        if found is None or job.source == job.target:
            return False
        return all(e.get("result") != found for e in self._entries.get(self._name(job), ()))

    def record(self, job: Job, source: list[int] | None, result: list[int] | None) -> None:
        """Note what the output is, a moment before it is put in its place.

        source: the input's stamp from before it was read; result: that of the written file.
        """
        name = self._name(job)
        entry: dict[str, object] = {"target": name, "source": source, "result": result}
        entry["recipe"] = self.recipe
        with self._path.open("a", encoding="ascii") as file:
            file.write("\n" + json.dumps(entry) + "\n")  # apart from what a kill cut off
        self._entries.setdefault(name, []).append(entry)

    def _name(self, job: Job) -> str:
        try:
            return job.target.relative_to(self.folder).as_posix()
        except ValueError:  # in place, inputs may lie anywhere
            return str(job.target.absolute())

    def _load(self) -> dict[str, list[dict[str, object]]]:
        try:
            lines = self._path.read_text(encoding="ascii", errors="replace").splitlines()
        except OSError:
            return {}
        entries: dict[str, list[dict[str, object]]] = {}
        for line in lines:
            try:
                entry = json.loads(line)
                entries.setdefault(entry["target"], []).append(entry)
            except (ValueError, TypeError, KeyError):
                continue  # cut off by a kill
        return entries


def recipe(checkpoint: Path, version: str, dials: Dials, config: OutputConfig) -> str:
    """A hash of all that decides what becomes of a picture, its own pixels and device aside."""
    facts = {
        "style": hashlib.sha256(checkpoint.read_bytes()).hexdigest(),
        "version": version,
        **asdict(dials),
        **asdict(config),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


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
    ending = target.suffix if config.format == "keep" else f".{config.format}"
    return target.with_name(f"{target.stem}{config.suffix}{ending}")


def _job(source: Path, target: Path, config: OutputConfig, output: Path | None) -> Job:
    if target == output and config.format != "keep":
        return Job(source, target, FORMATS[config.format])
    if target == output:
        return Job(source, target, format_of(target))  # named by the user: told before any work
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
