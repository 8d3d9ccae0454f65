"""State of a training, saved and restored for an exact resume."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from functools import cached_property
from typing import Any

from torch import Tensor

from ganstyle import __version__
from ganstyle.checkpoint import taken_from, under
from ganstyle.errors import CheckpointError, GanstyleError
from ganstyle.features.torchscript import file_hash
from ganstyle.metrics.scores import Scores
from ganstyle.models.geometry import receptive_field
from ganstyle.models.pretrained import save_generator
from ganstyle.styles import StyleInfo
from ganstyle.train.balance import SETBACKS, BalanceController, TrainingDiverged
from ganstyle.train.config import TASKS
from ganstyle.train.dataset import Folders
from ganstyle.train.gan import Gan
from ganstyle.train.log import MetricAverager
from ganstyle.train.run_folder import Best, RunFolder

AVERAGER = "window"
"""Prefix of the sums since the last report."""

MOST_HASHES = 5000
"""Hashes of training files in a checkpoint, 80 kB of them: enough to recognize the folder."""


class TrainingState:
    """Networks, optimizers, their balance, the sums since the last report, and the best so far.

    Random numbers are not part of it: they follow from the step number.

    run: the folder of the states, in which only rank 0 writes. folders: the images; which of them
    are in memory follows from the step number. say: tells the user something about the run.
    """

    def __init__(
        self, run: RunFolder, gan: Gan, folders: Folders, say: Callable[[str], None]
    ) -> None:
        self.run = run
        self.gan = gan
        self.folders = folders
        self.say = say
        self.balance = BalanceController()
        self.averager = MetricAverager()
        self.best = Best()

    @property
    def images_seen(self) -> int:
        """Generated crops so far."""
        return self.gan.steps * self.gan.config.batch

    @property
    def name(self) -> str:
        """Name of the style."""
        return self.gan.config.name or self.run.path.name

    @cached_property
    def _trained_on(self) -> tuple[str, ...]:
        """Hashes of the files that are trained on; of very many, the lowest ones."""
        hashes = [file_hash(path) for path in self.folders.trained_on if path.is_file()]
        return tuple(sorted(set(hashes))[:MOST_HASHES])

    def save_checkpoint(self, file: str, scores: Scores | None) -> None:
        """Write the averaged generator and its description into a file of the run."""
        if self.gan.ranks.rank:
            return
        config, generator = self.gan.config, self.gan.ema
        info = StyleInfo(
            style=self.name,
            title=config.title,
            licence=config.licence,
            attribution=config.attribution,
            takes=TASKS[config.task],
            config=asdict(generator.config),
            receptive_field=receptive_field(generator),
            images_seen=self.images_seen,
            version=__version__,
            held_out=tuple(path.stem for path in self.folders.held_out.styles),
            trained_on=self._trained_on,
            scores=scores.as_dict() if scores else {},
        )
        save_generator(self.run / file, generator, info)

    def save(self, seconds: float, *, keep_previous: bool = True) -> None:
        """Write everything that an exact resume needs, after that many seconds of training.

        keep_previous: keep the previous state beside it.
        """
        if self.gan.ranks.rank:
            return
        facts = {
            "steps": self.gan.steps,
            "seconds": seconds,
            "best": self.best.state(),
            "pilot": self.balance.state(),
            "window": self.averager.counts,
        }
        tensors = self.gan.state() | under(AVERAGER, self.averager.sums)
        self.run.save_state(tensors, facts, keep_previous=keep_previous)

    def restore(self, *, newest_first: bool = True) -> float | None:
        """Load a state; returns the seconds of training until then, or None without any state.

        Raises CheckpointError if there are states but none is whole.
        """
        states = list(self.run.states())
        for state in states if newest_first else reversed(states):
            try:
                if isinstance(state, CheckpointError):
                    raise state
                _, tensors, facts = state
                self._restore(tensors, facts)
            except (CheckpointError, KeyError, TypeError, RuntimeError) as error:
                self.say(f"a saved state cannot be used ({error}).")
                continue
            return float(facts["seconds"])
        if states:
            raise CheckpointError(
                f"{self.run.path}: none of its saved states can be used; name a new folder."
            )
        return None

    def go_back(self, problem: TrainingDiverged, seconds: float) -> bool:
        """Return to the last good state with half the learning rates, and save that.

        seconds: of training so far. Returns False after SETBACKS setbacks: the run should end with
        its best generator. Raises GanstyleError if it has none yet.
        """
        setbacks, best, seen = self.balance.setbacks + 1, self.best, self.images_seen
        self.restore(newest_first=not problem.in_newest_state)
        self.balance.setbacks, self.best = setbacks, replace(best, collapses=0)
        self.gan.ranks.gather(None)  # nobody may still be reading the files
        self.save(seconds, keep_previous=False)
        if setbacks <= SETBACKS:
            self.say(
                f"{problem} after {seen} images: back to {self.images_seen} images with half the "
                f"learning rates ({setbacks} of {SETBACKS} times)."
            )
            return True
        if not self.images_seen:
            raise GanstyleError(
                f"{self.run.path}: {problem} after {seen} images, {setbacks} times from the start. "
                "Start again with a lower --lr and --muon-lr."
            )
        self.say(f"{problem} once more, after {seen} images: stopped at {self.images_seen}.")
        return False

    def _restore(self, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
        device = self.gan.runtime.device
        best, balance = Best.from_state(facts["best"]), BalanceController(**facts["pilot"])
        averager = MetricAverager(taken_from(AVERAGER, tensors), dict(facts["window"]))
        self.gan.restore(tensors, facts["steps"])
        self.best, self.balance, self.averager = best, balance, averager.to(device)
        self.folders.go_to(self.gan.steps)
        if self.gan.ranks.rank == 0:
            self.run.forget_after(self.images_seen)
