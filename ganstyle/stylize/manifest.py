"""Records of earlier results: a run resumes, and replaces nothing that anybody could miss."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from ganstyle.config import CLASSIC, Dials, OutputConfig
from ganstyle.errors import DataError
from ganstyle.files import file_signature
from ganstyle.sources.looks import brush_of
from ganstyle.stylize.config import VideoConfig
from ganstyle.stylize.jobs import Job, Outcome

MANIFEST = ".ganstyle-manifest.jsonl"
"""File beside the results that records how each was made."""

Signature = list[int]
"""Size and time of the last change of a file; length and hash of other inputs."""


@dataclass(frozen=True)
class Recipe:
    """All that decides how an image comes out, except for its own pixels and the device.

    style: its name, for messages. digest: hash of all the rest.
    """

    style: str
    digest: str


def recipe(
    style: str,
    checkpoint: str,
    dials: Dials,
    config: OutputConfig,
    precision: str,
    video: VideoConfig | None = None,
) -> Recipe:
    """Recipe of a run. checkpoint: hash of the style's file; precision: as it was asked for;
    video: for videos, how they are painted."""
    parts = {"style": checkpoint, "precision": precision, **_asked(dials), **asdict(config)}
    parts |= asdict(video) if video else {}
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
    return Recipe(style, digest)


def _asked(dials: Dials) -> dict[str, Any]:
    """Values of dials by which paintings differ.

    The classic look and its brush are not told from the time before there were looks; a palette is
    known by its bytes, whatever its name. Raises DataError if that picture cannot be read.
    """
    asked = {**asdict(dials), "brush": brush_of(dials)}
    if dials.look == CLASSIC:
        del asked["look"]
    if isinstance(dials.palette, Path):
        try:
            asked["palette"] = hashlib.sha256(dials.palette.read_bytes()).hexdigest()
        except OSError as error:
            raise DataError(
                f"--palette {dials.palette}: cannot be read ({error.strerror}); "
                "name a picture, or a number from 0 to 1."
            ) from error
    return asked


class Manifest:
    """Records of the results in folders: made from which input, by which recipe.

    Each folder has a file of its own, to which lines are only ever added, one per image, so that
    several processes can write, and a killed one leaves at worst half a line, which is not read,
    or a line on a file that never came to be.
    """

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.written = 0
        """Results that this process has recorded."""
        self._lock = Lock()
        self._folders: dict[Path, dict[str, list[dict[str, object]]]] = {}

    def settled(self, job: Job, source: Signature | None = None) -> Outcome | None:
        """Outcome of a job that must not be done: it is done, or its target would be lost.

        source: signature of the input, if it is not a file.
        """
        result = file_signature(job.target)
        if result is None:
            return None
        made, own = self._makers(job, result)
        if not made:
            # In place, a file that no run has made is an original, still to be stylized.
            return (
                None
                if job.source == job.target
                else _failed(job, "is not an unchanged result of ganstyle")
            )
        source = source or file_signature(job.source)
        if any(job.source == job.target or entry.get("source") == source for entry in own):
            return Outcome(job, "skipped", "done before")
        if not own:
            return _failed(job, f"was made {self._difference(made)}")
        if all(entry.get("input") not in (None, _input_name(job)) for entry in own):
            return _failed(job, f"was made from {own[-1].get('input')}")
        return None  # the input has changed since

    def check(self, jobs: Sequence[Job]) -> None:
        """Raise DataError, in one line, if results of another recipe are in the way of jobs."""
        others = {job: made for job in jobs if (made := self._made_by_others(job))}
        for job, made in others.items():
            difference, ways_out = self._difference(made), _ways_out(job, len(others))
            if len(jobs) == 1:
                raise DataError(f"{job.target}: exists and was made {difference}; {ways_out}.")
            exist = f"{len(others)} of {len(jobs)} results exist"
            verb = "was" if len(others) == 1 else "were"
            raise DataError(
                f"{job.target.parent}: {exist} and {verb} made {difference}; {ways_out}."
            )

    def record(self, job: Job, source: Signature | None, result: Signature | None) -> None:
        """Record a result, a moment before it is put in its place.

        source: the input's signature from before it was read; result: that of the written file.
        """
        entry: dict[str, object] = {
            "target": job.target.name,
            "input": _input_name(job),
            "source": source,
            "result": result,
            "style": self.recipe.style,
            "recipe": self.recipe.digest,
        }
        with (job.target.parent / MANIFEST).open("a", encoding="ascii") as file:
            file.write(
                "\n" + json.dumps(entry) + "\n"
            )  # on a line of its own, also after one that a kill cut off
        with self._lock:
            self._entries(job).append(entry)
            self.written += 1

    def _made_by_others(self, job: Job) -> list[dict[str, object]]:
        """Entries of the result at a job's target, if none of them is of this recipe."""
        result = file_signature(job.target)
        made, own = self._makers(job, result) if result else ([], [])
        return [] if own else made

    def _makers(
        self, job: Job, result: Signature
    ) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
        """Entries of the result that stands at a job's target, and those of this recipe."""
        made = [entry for entry in self._entries(job) if entry.get("result") == result]
        return made, [entry for entry in made if entry.get("recipe") == self.recipe.digest]

    def _difference(self, made: Sequence[dict[str, object]]) -> str:
        """How the last of some entries was made, in words that can stand after "made"."""
        style = made[-1].get("style")
        if style is None or style == self.recipe.style:
            return "with other options"
        return f"in the style {style}"

    def _entries(self, job: Job) -> list[dict[str, object]]:
        """Entries on a job's target; the folder's are read when the first of them is asked for."""
        folder = job.target.parent
        if folder not in self._folders:
            self._folders[folder] = _read_entries(folder / MANIFEST)
        return self._folders[folder].setdefault(job.target.name, [])


def signature_of_bytes(data: bytes) -> Signature:
    """Signature of an input that is not a file."""
    return [len(data), int(hashlib.sha256(data).hexdigest()[:12], 16)]


def _failed(job: Job, reason: str) -> Outcome:
    return Outcome(job, "failed", f"{job.target}: exists and {reason}; {_ways_out(job)}.")


def _ways_out(job: Job, count: int = 1) -> str:
    """Advice on results that are in the way; count: how many there are."""
    them = "it" if count == 1 else "them"
    if job.source == job.target:
        return f"--overwrite paints over {them}"
    return f"--overwrite replaces {them}, --suffix or another folder keeps both"


def _input_name(job: Job) -> str:
    return str(job.source.absolute())


def _read_entries(path: Path) -> dict[str, list[dict[str, object]]]:
    """Entries of a manifest by the name of their target; none if there is no manifest."""
    try:
        lines = path.read_text(encoding="ascii", errors="replace").splitlines()
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
