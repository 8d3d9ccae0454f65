"""The folder of a training run: logs, states, and the best generator so far."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from ganstyle.checkpoint import load_state, save_state
from ganstyle.errors import CheckpointError
from ganstyle.files import atomic_path
from ganstyle.metrics.scores import Scores
from ganstyle.train.balance import TrainingDiverged

LAST, BEST = "checkpoint.safetensors", "best.safetensors"
"""The averaged generator as it stands, and as it was when it scored best."""

STATES = ("state.safetensors", "state.previous.safetensors")
"""The newest state, and the previous one in case the newest is damaged."""

_KNOWN = 0.3
"""Style progress above which a generator has learnt something that it could lose."""

COLLAPSES = 2
"""Scorings in a row far below the best before a run returns; a single one may be chance."""

METRICS, SCORES = "metrics.jsonl", "scores.jsonl"
"""Logs: a line per report, and a line per scoring on held-out images."""


@dataclass
class Best:
    """The generator of a run that scored best on held-out images."""

    selection_score: float = -1.0
    """Its style progress times its content; before the first scoring, below any possible one."""
    style_progress: float = 0.0
    images_seen: int = 0
    """Generated crops until then."""
    scorings_without_improvement: int = 0
    """Scorings since then."""
    collapses: int = 0
    """How many of the latest, in a row, had less than half of the best style progress."""

    def update(self, scores: Scores, images_seen: int) -> bool:
        """Add a scoring; returns whether it is the best so far."""
        better = scores.selection_score > self.selection_score
        far_worse = scores.style_progress < self.style_progress / 2 and self.style_progress > _KNOWN
        self.collapses = self.collapses + 1 if far_worse else 0
        if better:
            self.selection_score, self.images_seen = scores.selection_score, images_seen
            self.style_progress = scores.style_progress
        waited = self.scorings_without_improvement
        self.scorings_without_improvement = 0 if better else waited + 1
        return better

    def check_collapse(self, scores: Scores) -> None:
        """Raise TrainingDiverged if COLLAPSES scorings in a row were far below the best."""
        if self.collapses >= COLLAPSES:
            raise TrainingDiverged(
                f"style progress has fallen from {self.style_progress:.0%} to "
                f"{scores.style_progress:.0%}"
            )

    def choice(self, images_seen: int) -> str:
        """A sentence that tells the user which file to take, after that many images."""
        if not self.images_seen:
            return f"{LAST} holds the last generator; too few pictures are held out to score it."
        if self.images_seen == images_seen:
            return f"{LAST} holds the last generator, which scored best."
        return (
            f"{LAST} holds the last generator; {BEST} scored better, after "
            f"{self.images_seen} of {images_seen} images. "
            "Compare their previews before you choose."
        )

    def state(self) -> dict[str, Any]:
        """All fields for JSON, under the keys of a state file."""
        return {key: getattr(self, name) for key, name in _KEYS_OF_BEST.items()}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Best":
        """Inverse of state(); fields that an older state lacks get their defaults."""
        return cls(**{name: state[key] for key, name in _KEYS_OF_BEST.items() if key in state})


_KEYS_OF_BEST = {
    "merit": "selection_score",
    "style_progress": "style_progress",
    "images_seen": "images_seen",
    "misses": "scorings_without_improvement",
    "falls": "collapses",
}
"""Fields of Best by their keys in a state file."""


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
        """The lines of a log, without an incomplete one that a killed process has left."""
        path = self / name
        lines = path.read_text().splitlines() if path.is_file() else []
        return [record for line in lines if (record := _parsed(line))]

    def forget_after(self, images_seen: float) -> None:
        """Drop the lines of both logs that are newer than the state that a run resumes from."""
        for name in (METRICS, SCORES):
            if not (self / name).is_file():
                continue
            kept = [r for r in self.records(name) if r.get("images_seen", math.inf) <= images_seen]
            with atomic_path(self / name) as temporary:
                temporary.write_text("".join(f"{json.dumps(record)}\n" for record in kept))

    def save_state(
        self, tensors: Mapping[str, Tensor], facts: Mapping[str, Any], *, keep_previous: bool
    ) -> None:
        """Write the newest state; if keep_previous, keep the previous one beside it."""
        newest, before = (self / name for name in STATES)
        if newest.is_file() and keep_previous:
            newest.replace(before)
        save_state(newest, tensors, facts)

    @property
    def has_begun(self) -> bool:
        """Whether there is a state, whole or not."""
        return any((self / name).is_file() for name in STATES)

    def states(self) -> Iterator[tuple[Path, dict[str, Tensor], dict[str, Any]] | CheckpointError]:
        """Yield the states, newest first, with an error in place of a damaged one."""
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
