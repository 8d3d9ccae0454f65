"""The folder of a training run: its logs, its states, and what is in them."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import Tensor

from ganstyle.checkpoint import load_state, save_state
from ganstyle.errors import CheckpointError
from ganstyle.files import atomic_path
from ganstyle.metrics.crops import Scores

LAST, BEST = "checkpoint.safetensors", "best.safetensors"
"""The averaged generator as it stands, and as it was when it scored best."""

STATES = ("state.safetensors", "state.previous.safetensors")
"""The newest state, and the one before, should the newest be damaged."""

_KNOWN = 0.3
"""Style progress from which on a generator has learnt something that it could lose."""

METRICS, SCORES = "metrics.jsonl", "scores.jsonl"
"""A line a report; a line for each scoring on held-out pictures."""


@dataclass(frozen=True)
class Report:
    """Where a training stands."""

    share: float
    """How much of the budget is used up, in [0, 1]."""
    seconds: float
    """Seconds of training so far, earlier sessions included."""
    images_seen: int
    """Generated crops so far."""
    images_per_second: float
    """Generated crops a second since the last report."""
    values: dict[str, float]
    """Losses (`loss/...`), shares of patches taken for real, of generated pictures (`fooled/...`)
    and of style pictures (`real/...`), both also on pictures held out (`held_out/...`), and facts
    on the results (`picture/...`): means since the last report."""
    actions: list[str] = field(default_factory=list)
    """What the pilot has done, a line each."""

    @property
    def seconds_left(self) -> float:
        """Estimate from the share used up."""
        return self.seconds * (1 - self.share) / max(self.share, 1e-6)


@dataclass
class Best:
    """Which generator of a run scored best on held-out pictures."""

    merit: float = -1.0
    """Its style progress times its content; below every possible one before the first scoring."""
    style_progress: float = 0.0
    images_seen: int = 0
    """Crops after which it did."""
    misses: int = 0
    """Scorings since then."""
    falls: int = 0
    """The last of them, in a row, whose style progress was less than half of the best's."""

    def consider(self, scores: Scores, images_seen: int) -> bool:
        """Take in a scoring; whether it is the best so far."""
        better = scores.merit > self.merit
        far_worse = scores.style_progress < self.style_progress / 2 and self.style_progress > _KNOWN
        self.falls = self.falls + 1 if far_worse else 0
        if better:
            self.merit, self.images_seen = scores.merit, images_seen
            self.style_progress = scores.style_progress
        self.misses = 0 if better else self.misses + 1
        return better


class RunFolder:
    """The files of a run."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    def log(self, name: str, record: Mapping[str, Any]) -> None:
        """Add a line to a log."""
        with (self / name).open("a") as log:
            log.write(json.dumps(record) + "\n")

    def records(self, name: str) -> list[dict[str, Any]]:
        """The lines of a log; half a line, from a process that was killed, is left out."""
        path = self / name
        lines = path.read_text().splitlines() if path.is_file() else []
        return [record for line in lines if (record := _parsed(line))]

    def forget_after(self, images_seen: float) -> None:
        """Drop the lines of both logs that came after the state that a run goes on from."""
        for name in (METRICS, SCORES):
            if not (self / name).is_file():
                continue
            kept = [r for r in self.records(name) if r.get("images_seen", math.inf) <= images_seen]
            with atomic_path(self / name) as temporary:
                temporary.write_text("".join(f"{json.dumps(record)}\n" for record in kept))

    def save_state(
        self, tensors: Mapping[str, Tensor], facts: Mapping[str, Any], *, keep_previous: bool
    ) -> None:
        """Write a state in place of the newest, which becomes the one before if it is kept."""
        newest, before = (self / name for name in STATES)
        if newest.is_file() and keep_previous:
            newest.replace(before)
        save_state(newest, tensors, facts)

    def states(self) -> Iterator[tuple[Path, dict[str, Tensor], dict[str, Any]] | CheckpointError]:
        """The states that there are, newest first; an error in place of a damaged one."""
        for name in STATES:
            if (self / name).is_file():
                try:
                    yield self / name, *load_state(self / name)
                except CheckpointError as error:
                    yield error


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None
