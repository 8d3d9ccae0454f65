"""A process of a training run: it steps, reports, saves, validates, and returns after a failure."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from torch import Tensor

from ganstyle.config import EvaluateConfig
from ganstyle.data.crop_sources import CropSource
from ganstyle.data.crops import Batch
from ganstyle.distributed import Ranks
from ganstyle.errors import counted
from ganstyle.metrics.scores import Scores
from ganstyle.models.generator import Generator
from ganstyle.runtime import Runtime
from ganstyle.train.balance import TrainingDiverged, check_convergence
from ganstyle.train.config import TrainConfig
from ganstyle.train.dataset import Folders
from ganstyle.train.gan import Gan
from ganstyle.train.log import TrainingReport
from ganstyle.train.precision import note_int8
from ganstyle.train.run_folder import BEST, LAST, METRICS, SCORES, RunFolder
from ganstyle.train.state import TrainingState
from ganstyle.train.step_rng import StepRng
from ganstyle.train.validation import Validator

REPORT_STEPS = 20
"""Steps between two reports; their losses are averaged."""

SAVES = 10
"""Saves per run, evenly spread, each with a sheet of previews."""

QUICK, FULL = EvaluateConfig(grid=2), EvaluateConfig()
"""How the generators of a run are compared, and how the last one is scored."""

FEWEST_JUDGES = 4
"""Least number of held-out style images with which scores may send a run back."""

VALIDATION_FRACTION = 0.05
"""Largest share of the time that choosing the best generator may take."""

_HELD_OUT = 2**31
"""Offset of the step numbers that seed random numbers for held-out images."""


class Trainer:
    """A process of a training run; only rank 0 writes."""

    def __init__(
        self,
        run: Path,
        config: TrainConfig,
        runtime: Runtime,
        folders: Folders,
        started: float,
        on_message: Callable[[str], None],
        ranks: Ranks | None = None,
    ) -> None:
        self.run = RunFolder(run)
        self.on_message = on_message
        self.config = config
        self.folders = folders
        self.started = started
        self.ranks = ranks or Ranks()
        tones = None if config.is_paired else folders.tones()
        self.gan = Gan(config, runtime, self.ranks, tones)
        self.state = TrainingState(self.run, self.gan, folders, self.say)
        self.validator = Validator(self.gan, folders)
        self.reported_problems = set(folders.problems)
        self.next_validation = 0.0
        self.validated_steps = -1
        self.progress = 0.0
        self.stopping = False

    @property
    def images_seen(self) -> int:
        return self.state.images_seen

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    def begin(self, initial: Generator | None) -> None:
        """Prepare a fresh run. initial: a generator whose weights it starts from, if any."""
        if initial:
            self.gan.begin_with(initial)
        self.state.save(self.seconds)

    def resume(self) -> bool:
        """Resume from the newest intact state; returns whether there is one."""
        seconds = self.state.restore()
        if seconds is None:
            return False
        self.started -= seconds
        self.say(f"resumed after {counted(self.images_seen, 'image')}.")
        return True

    def fit(
        self, on_report: Callable[[TrainingReport], None], should_stop: Callable[[], bool]
    ) -> None:
        """Step until the budget is used up, with reports, saves and returns after failures.

        Stops between two steps when should_stop says so: within one, some networks would have been
        updated and others not.
        """
        self._agree(should_stop)
        while self.progress < 1 and not self.stopping:
            try:
                self._fit(on_report, should_stop)
                return
            except TrainingDiverged as problem:
                if not self.state.go_back(problem, self.seconds):
                    return
                self._agree(should_stop)

    def _fit(
        self, on_report: Callable[[TrainingReport], None], should_stop: Callable[[], bool]
    ) -> None:
        next_save, since, steps = int(self.progress * SAVES) + 1, self.seconds, 0
        while self.progress < 1 and not self.stopping:
            self.gan.set_rates(self.progress, self.state.balance)
            self.state.averager.add(self.step())
            steps += 1
            self._agree(should_stop)
            if self.gan.steps % REPORT_STEPS == 0 or self.progress == 1:
                self._report(steps * self.config.batch / (self.seconds - since), on_report)
                since, steps = self.seconds, 0
            if self.progress * SAVES >= next_save:
                next_save += 1
                self.save()
                waited = self.state.best.scorings_without_improvement
                if waited >= self.config.patience > 0:
                    self.say(f"finished: {counted(waited, 'scoring')} without an improvement.")
                    return

    def _agree(self, should_stop: Callable[[], bool]) -> None:
        """Ask rank 0 how much of the run is over, and whether it should stop."""
        if self.config.images is not None:
            progress = self.images_seen / self.config.images
        else:
            assert self.config.minutes is not None
            progress = self.seconds / (self.config.minutes * 60)
        self.progress, self.stopping = self.ranks.first((min(1.0, progress), should_stop()))

    def step(self) -> dict[str, Tensor]:
        """Do a step on the next batch."""
        return self.gan.step(*self._batch(self.folders.crops, self.gan.steps))

    def _batch(self, crops: CropSource, number: int) -> tuple[Batch, StepRng]:
        """This rank's rows of the batch of that number, on its device, and random numbers for it.

        All ranks cut the same crops.
        """
        device = self.gan.runtime.device
        rng = StepRng.of_step(self.config.seed, number, device, self.ranks)
        batch = crops.sample(self.config.batch, rng.generator)
        return batch.map(lambda rows: self.ranks.own_rows(rows).to(device)), rng

    def _report(self, speed: float, on_report: Callable[[TrainingReport], None]) -> None:
        """Log the means since the last report and let the pilot act. Raises TrainingDiverged."""
        averager = self.state.averager
        if held_out := self.folders.held_out.crops:
            batch = self._batch(held_out, _HELD_OUT + self.gan.steps)
            averager.add(self.gan.held_out_rates(*batch))
        values = self.ranks.first(averager.flush(self.ranks))
        check_convergence(values)
        actions = self.state.balance.update(values) if self.config.pilot else []
        report = TrainingReport(
            self.progress, self.seconds, self.images_seen, speed, values, actions
        )
        if self.ranks.rank == 0:
            self.run.log(METRICS, report.as_record())
        for action in actions:
            self.say(action)
        on_report(report)

    def save(self) -> None:
        """Write checkpoint, state, previews and report; validate from time to time.

        Raises TrainingDiverged if the generator has become far worse than the best one.
        """
        if not self.ranks.first(self.gan.is_finite()):
            raise TrainingDiverged("weights are no longer finite", in_newest_state=False)
        for problem in set(self.folders.problems) - self.reported_problems:
            self.reported_problems.add(problem)
            self.say(problem)
        self.state.save_checkpoint(LAST, None)
        if self._validation_is_due():
            self._validate()  # which may raise, and leave the previous state
        # Last: killed before it, the run resumes from the state before and scores again.
        self.state.save(self.seconds)
        self._show()

    def _show(self, final: Scores | None = None) -> None:
        """Write previews and report. final: scores of the last generator, at the end."""
        if self.ranks.rank == 0:
            best = self.state.best.images_seen
            self.validator.show(self.run, self.state.name, self.images_seen, best, final)

    def _validation_is_due(self) -> bool:
        due = self.seconds >= self.next_validation or self.config.images is not None
        return self.ranks.first(due)

    def _score(self, config: EvaluateConfig) -> Scores | None:
        """Rank 0's scores of the generator, on every rank: two would differ in the last digits."""
        return self.ranks.first(self.validator.score(config) if self.ranks.rank == 0 else None)

    def _validate(self) -> None:
        """Score the generator, and keep it if it is the best. Raises TrainingDiverged."""
        started, best = self.seconds, self.state.best
        scores, self.validated_steps = self._score(QUICK), self.gan.steps
        self.next_validation = self.seconds + (self.seconds - started) / VALIDATION_FRACTION
        if not scores:
            return
        if best.update(scores, self.images_seen):
            self.state.save_checkpoint(BEST, scores)
        if self.ranks.rank == 0:
            when = {"images_seen": self.images_seen, "seconds": self.seconds}
            self.run.log(SCORES, {**when, **scores.as_dict(), "merit": scores.selection_score})
        # With fewer images, scores may fall that far by chance.
        if len(self.folders.held_out.styles) >= FEWEST_JUDGES:
            best.check_collapse(scores)

    def pause(self) -> None:
        """Write only what resuming needs, because somebody may be waiting."""
        self.state.save_checkpoint(LAST, None)
        self.state.save(self.seconds)

    def finish(self) -> Scores | None:
        """Save, score the last generator, and tell which checkpoint to take."""
        if self.validated_steps != self.gan.steps:
            self.next_validation = 0.0
            with suppress(TrainingDiverged):  # the run is over, and the best is kept
                self.save()
        scores = self._score(FULL)
        self.state.save_checkpoint(LAST, scores)
        self._show(scores)
        if self.ranks.rank == 0:
            styles = [path for path in (self.run / LAST, self.run / BEST) if path.is_file()]
            for line in note_int8(styles, self.folders):
                self.say(line)
        self.say(self.state.best.choice(self.images_seen))
        return scores

    def say(self, message: str) -> None:
        """Tell the user something about this run; rank 0 alone speaks."""
        if self.ranks.rank == 0:
            self.on_message(f"{self.run.path}: {message}")
