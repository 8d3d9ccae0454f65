"""Balance between discriminators and generator: neither may run far ahead of the other."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

KINDS = ("projected", "patch")
"""The two kinds of discriminator, each of which is controlled separately."""

FOOLED = (0.3, 0.5)
"""Fooled rates between which a kind is left alone. One half is the balance; somewhat below it, the
discriminators still know more than the generator, so it learns from them."""

MEMORIZED = 0.15
"""Gap between the rates at which training and held-out style images are taken for real, above which
a kind has memorized its training images."""

REPORTS = 5
"""Reports per decision, which is based on their mean."""

STEP = 0.15
"""Change of a level per decision."""

LEVELS = (-1.0, 2.0)
"""Range of a level: see DiscriminatorControl."""

STRONGEST = 0.8
"""Largest probability of augmentation; above it a generator learns to imitate the changes
(Karras et al. 2020, section 2.2)."""

SETBACKS = 3
"""Times that a run returns to its last good state before it ends."""


UNIFORM = 0.1
"""Relative contrast of results (image_statistics) below which they are a single colour."""


@dataclass(frozen=True)
class DiscriminatorControl:
    """Handicap of one kind of discriminator, set by a level from -1 to 2.

    From 0 to 1 it sees images with more and more augmentation, and noisier features. From 1 to 2
    it also learns more slowly, down to a quarter of the rate; below 0 faster, up to twice.
    """

    level: float = 0.0

    @property
    def augmentation(self) -> float:
        """Probability of augmentation, in [0, STRONGEST]."""
        return STRONGEST * min(1.0, max(0.0, self.level))

    @property
    def rate(self) -> float:
        """Factor on its learning rate, from 1/4 to 2."""
        return float(2.0 ** -min(0.0, self.level) / 4.0 ** max(0.0, self.level - 1))

    def __str__(self) -> str:
        return f"augmentation {self.augmentation:.2f}, learning rate x {self.rate:.2f}"


@dataclass
class BalanceController:
    """Controller of the handicap of each kind of discriminator, based on the reports."""

    levels: dict[str, float] = field(default_factory=lambda: dict.fromkeys(KINDS, 0.0))
    sums: dict[str, float] = field(default_factory=dict)
    """Sums of the rates since the last decision."""
    reports: int = 0
    """Reports since the last decision."""
    setbacks: int = 0
    """Times that the run has returned to an earlier state."""

    @property
    def lr_factor(self) -> float:
        """Factor on all learning rates: halved at each setback."""
        return float(0.5**self.setbacks)

    def control(self, kind: str) -> DiscriminatorControl:
        return DiscriminatorControl(self.levels[kind])

    def update(self, values: Mapping[str, float]) -> list[str]:
        """Add a report; returns the actions that follow, a line each.

        values: for each kind, the rates at which patches of generated images (`fooled/KIND`) and of
        training style images (`real/KIND`) are taken for real, and both on held-out images
        (`held_out/...`), if there are any.
        """
        for name, value in values.items():
            if name.split("/")[0] in ("fooled", "real", "held_out"):
                self.sums[name] = self.sums.get(name, 0.0) + value
        self.reports += 1
        if self.reports < REPORTS:
            return []
        means = {name: total / self.reports for name, total in self.sums.items()}
        self.sums, self.reports = {}, 0
        return [line for kind in KINDS for line in self._decide(kind, means)]

    def _decide(self, kind: str, means: Mapping[str, float]) -> list[str]:
        fooled = means.get(f"held_out/fooled_{kind}", means[f"fooled/{kind}"])
        known = means[f"real/{kind}"]
        new = means.get(f"held_out/real_{kind}", known)
        if known - new > MEMORIZED:
            reason = (
                f"take {known:.0%} of the training pictures for real, but {new:.0%} of those held "
                "out: they learn them by heart"
            )
            return self._move(kind, STEP, reason)
        if fooled < FOOLED[0]:
            return self._move(
                kind, STEP, f"take {fooled:.0%} of the results for real: they are too strong"
            )
        if fooled > FOOLED[1]:
            return self._move(
                kind, -STEP, f"take {fooled:.0%} of the results for real: they are too weak"
            )
        return []

    def _move(self, kind: str, step: float, reason: str) -> list[str]:
        before = self.control(kind)
        level = round(min(LEVELS[1], max(LEVELS[0], before.level + step)), 6)
        if level == before.level:
            return []
        self.levels[kind] = level
        return [f"The {kind} discriminators {reason}. Now {self.control(kind)} (was {before})."]

    def state(self) -> dict[str, Any]:
        """Everything that resuming needs, for JSON."""
        return asdict(self)


class TrainingDiverged(Exception):  # noqa: N818, what has happened, not what is wrong with code
    """A run has failed and must return to an earlier state.

    in_newest_state: whether the newest state may have failed too, because this shows late.
    """

    def __init__(self, problem: str, *, in_newest_state: bool = True) -> None:
        super().__init__(problem)
        self.in_newest_state = in_newest_state


def check_convergence(values: Mapping[str, float]) -> None:
    """Raise TrainingDiverged if the values of a report show that a run has failed."""
    if not all(math.isfinite(value) for value in values.values()):
        raise TrainingDiverged("losses are no longer finite", in_newest_state=False)
    if values.get("picture/contrast", 1.0) < UNIFORM:
        raise TrainingDiverged("results have become a single colour")
