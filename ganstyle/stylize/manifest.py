"""Outputs that are there already: made by an earlier run, or by somebody else."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from ganstyle.config import Dials, OutputConfig
from ganstyle.errors import ImageError
from ganstyle.files import file_signature
from ganstyle.images.metadata import made_by_ganstyle
from ganstyle.stylize.jobs import Job, Outcome

MANIFEST = ".ganstyle-manifest.jsonl"
"""File in an output folder that tells what made each of its images."""

FOREIGN = "exists, and no run of ganstyle made it as it is; --overwrite replaces it"


class Manifest:
    """Record of the outputs in a folder: made of which input, by which recipe.

    Lines are only ever added, one an image, so that several processes can write and a killed one
    leaves at worst half a line, which is not read, or a line on a file that never came to be.
    recipe: stands for style, version and options; another recipe is another image.
    """

    def __init__(self, folder: Path, recipe: str) -> None:
        self.folder = folder
        self.recipe = recipe
        self._path = folder / MANIFEST
        self._entries = self._load()

    def is_done(self, job: Job) -> bool:
        """Whether the output is there, as it was written, of this input and by this recipe."""
        result, source = file_signature(job.target), file_signature(job.source)
        return any(
            entry.get("result") == result
            and entry.get("recipe") == self.recipe
            and (entry.get("source") == source or job.source == job.target)
            for entry in self._entries.get(self._name(job), ())
        )

    def is_foreign(self, job: Job) -> bool:
        """Whether something stands at the output that no run of ganstyle left there."""
        result = file_signature(job.target)
        if result is None or job.source == job.target:
            return False
        return all(e.get("result") != result for e in self._entries.get(self._name(job), ()))

    def settled(self, job: Job) -> Outcome | None:
        """The outcome of a job that is not to be done: done before, or in the way of a file."""
        if self.is_done(job):
            return Outcome(job, "skipped", "done before")
        if self.is_foreign(job):
            return Outcome(job, "failed", f"{job.target}: {FOREIGN}.")
        return None

    def record(self, job: Job, source: list[int] | None, result: list[int] | None) -> None:
        """Note what the output is, a moment before it is put in its place.

        source: the input's signature from before it was read; result: that of the written file.
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


def recipe(digest: str, version: str, dials: Dials, config: OutputConfig) -> str:
    """Hash of all that decides how an image comes out, its own pixels and the device aside.

    digest: of the checkpoint; version: of ganstyle.
    """
    parts = {"style": digest, "version": version, **asdict(dials), **asdict(config)}
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def refuse_foreign(target: Path, *, overwrite: bool) -> None:
    """Raise ImageError when a single output would replace what ganstyle did not make."""
    if not overwrite and target.exists() and not made_by_ganstyle(target):
        raise ImageError(f"{target}: {FOREIGN}.")
