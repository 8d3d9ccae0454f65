"""What came of each picture, and of all of them."""

import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ganstyle.cli.display import say
from ganstyle.config import option
from ganstyle.errors import counted
from ganstyle.images.formats import missing_line
from ganstyle.videos.formats import VIDEO_REMEDY

if TYPE_CHECKING:
    from pathlib import Path

    from ganstyle.distributed import Ranks
    from ganstyle.runtime import Runtime
    from ganstyle.stylize.jobs import Outcome


PROGRAMS = "Output to programs"
"""Heading of such options in the help."""


@dataclass(frozen=True, kw_only=True)
class Messages:
    """Amount and kind of output."""

    as_json: bool = option(
        False, "Print one line of JSON per picture on stdout.", spelled="--json", group=PROGRAMS
    )
    quiet: bool = option(False, "Print errors only.", short="-q", group=PROGRAMS)
    verbose: bool = option(
        False, "Print each result, and how it is computed.", short="-v", group=PROGRAMS
    )
    raw: str = option(
        "",
        "Stylize raw RGB frames of that size from stdin to stdout.",
        metavar="WIDTHxHEIGHT",
        group=PROGRAMS,
    )


@dataclass
class Tally:
    """Number of images done, skipped and failed, and how fast they were.

    missing: failed images by the command that installs what would read them. videos, frames: how
    many videos are among those done, and their frames.
    """

    style: str
    runtime: "Runtime"
    started: float = field(default_factory=time.monotonic)
    counts: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    videos: int = 0
    frames: int = 0

    def count(self, outcome: "Outcome") -> None:
        """Add an outcome."""
        self.counts[outcome.status] += 1
        self.videos += outcome.frames > 0
        self.frames += outcome.frames
        if outcome.remedy:
            self.missing[outcome.remedy] += 1

    def merge(self, ranks: "Ranks") -> None:
        """Take the sum of all ranks' counts."""
        parts = ranks.gather((self.counts, self.missing, self.videos, self.frames))
        self.counts = sum((counts for counts, *_ in parts), Counter())
        self.missing = sum((missing for _, missing, *_ in parts), Counter())
        self.videos = sum(videos for *_, videos, _ in parts)
        self.frames = sum(frames for *_, frames in parts)

    def __str__(self) -> str:
        done, skipped, failed = (self.counts[status] for status in ("done", "skipped", "failed"))
        images = done - self.videos + self.frames
        rate = f", {images / (time.monotonic() - self.started):.1f} images/s" if images else ""
        lines = [_missing_line(count, remedy) for remedy, count in self.missing.items()]
        frames = f" ({counted(self.frames, 'frame')} of video)" if self.frames else ""
        lines.append(
            f"{done} done{frames}, {skipped} skipped, {failed} failed{rate} "
            f"({self.style}, {self.runtime.device}, {self.runtime.precision})"
        )
        return "\n".join(lines)


def show_outcome(
    outcome: "Outcome", *, as_json: bool, quiet: bool = False, verbose: bool = False
) -> None:
    """Print errors on stderr and, as_json, every outcome as a line of JSON on stdout.

    Pictures that need another package are counted by the tally instead. quiet: no notes; verbose: a
    line on stderr for each result.
    """
    job = outcome.job
    if outcome.status == "failed" and not outcome.remedy:
        say(outcome.reason)
    if verbose and outcome.status != "failed":
        width, height = outcome.size or (0, 0)
        size = f"{width}x{height} px, {outcome.seconds:.2f} s" if width else outcome.reason
        say(f"{job.source} -> {job.target} ({size})")
    for note in () if quiet else outcome.notes:
        say(f"{job.source}: {note}.")
    if as_json:
        _print_json(
            input=str(job.source),
            output=str(job.target),
            size=outcome.size,
            seconds=round(outcome.seconds, 3),
            status=outcome.status,
            reason=outcome.reason,
            notes=outcome.notes,
            **({"frames": outcome.frames} if outcome.frames else {}),
        )


def show_passed_over(
    files: Sequence[tuple["Path", str]], hints: Sequence[str], *, as_json: bool
) -> None:
    """Print how many files of each kind were passed over, and hints on what would read them.

    as_json: print a line for each file, too.
    """
    for kind, count in Counter(kind for _, kind in files).items():
        say(f"{counted(count, kind)} passed over.")
    for hint in hints:
        say(hint)
    for path, kind in files if as_json else ():
        _print_json(
            input=str(path),
            output=None,
            size=None,
            seconds=0,
            status="passed over",
            reason=kind,
            notes=(),
        )


def _missing_line(count: int, remedy: str) -> str:
    """Line on pictures, or videos, that cannot be read before a remedy is taken."""
    return missing_line(count, remedy, "video" if remedy == VIDEO_REMEDY else "picture")


def _print_json(**record: object) -> None:
    # In one write, as other processes may write to the same pipe: print() makes two of it.
    sys.stdout.write(json.dumps(record) + "\n")
    sys.stdout.flush()
