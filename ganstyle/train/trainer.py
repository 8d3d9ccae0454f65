"""One process's part of a training run: stepping, reporting, saving, validating, going back."""

import time
from collections.abc import Callable
from pathlib import Path

from torch import Tensor

from ganstyle.config import EvaluateConfig
from ganstyle.distributed import Ranks
from ganstyle.errors import GanstyleError
from ganstyle.metrics.comparison import Scores
from ganstyle.models.pretrained import load_generator
from ganstyle.runtime import Runtime
from ganstyle.styles import find_style
from ganstyle.train.balance import SETBACKS, find_divergence
from ganstyle.train.config import TrainConfig
from ganstyle.train.dataset import Folders
from ganstyle.train.gan import Gan
from ganstyle.train.log import TrainingReport
from ganstyle.train.run_folder import BEST, LAST, METRICS, SCORES, RunFolder
from ganstyle.train.state import TrainingState
from ganstyle.train.validation import Validator

REPORT_STEPS = 20
"""Steps between two reports; their losses are averaged."""

SAVES = 10
"""Saved states and preview sheets a run, evenly spread."""

QUICK, FULL = EvaluateConfig(grid=2), EvaluateConfig()
"""Crops by which the generators of a run are compared, and by which the last one is scored."""

FEWEST_JUDGES = 4
"""Held-out style images that scores need to send a run back."""

VALIDATION_FRACTION = 0.05
"""Largest part of the time that choosing the best generator may take."""

PALETTE_CROPS = 256
"""Crops of each folder from which its palette is measured."""


class Trainer:
    """One process's part of a run; rank 0 alone writes."""

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
        self.gan = Gan(config, runtime, self.ranks)
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

    def begin(self) -> None:
        """Prepare a fresh run: take over the weights of config.init, measure the palettes."""
        if self.config.init:
            self.gan.load_matching_weights(load_generator(find_style(self.config.init)))
        if not self.gan.paired:
            self.gan.fit_palette(*self.folders.crops.sample(PALETTE_CROPS, self.state.rng))
        self.state.save(self.seconds)

    def resume(self) -> bool:
        """Go on from the run's last state, if it has one that is whole."""
        seconds = self.state.restore()
        if seconds is None:
            return False
        self.started -= seconds
        self.say(f"going on after {self.images_seen} images.")
        return True

    def fit(
        self, on_report: Callable[[TrainingReport], None], should_stop: Callable[[], bool]
    ) -> None:
        """Step until the budget is used up, reporting, previewing and saving on the way.

        Stops between two steps when it should: within one, half of the players would have moved.
        """
        self._agree(should_stop)
        next_save, since, steps = int(self.progress * SAVES) + 1, self.seconds, 0
        while self.progress < 1 and not self.stopping:
            self.state.averager.add(self.gan.step(*self._batch(), self.progress))
            steps += 1
            self._agree(should_stop)
            problem = ""
            if self.gan.steps % REPORT_STEPS == 0 or self.progress == 1:
                speed = steps * self.config.batch / (self.seconds - since)
                problem = self._report(speed, on_report)
                since, steps = self.seconds, 0
            if not problem and self.progress * SAVES >= next_save:
                next_save += 1
                problem = self.save()
                waited = self.state.best.scorings_without_improvement
                if waited >= self.config.patience > 0:
                    self.say(f"no better for {waited} scorings; done.")
                    return
            if problem:
                if not self._go_back(problem):
                    return
                self._agree(should_stop)
                next_save = int(self.progress * SAVES) + 1

    def _agree(self, should_stop: Callable[[], bool]) -> None:
        """Ask rank 0 how much of the run is over, and whether it should stop."""
        if self.config.images is not None:
            progress = self.images_seen / self.config.images
        else:
            assert self.config.minutes is not None
            progress = self.seconds / (self.config.minutes * 60)
        agreed, stop = self.ranks.first([min(1.0, progress), float(should_stop())])
        self.progress, self.stopping = agreed, bool(stop)

    def _batch(self) -> tuple[Tensor, Tensor]:
        """This rank's part of the next batch; all ranks draw the same crops."""
        return self._part(self.folders.crops.sample(self.config.batch, self.state.rng))

    def _part(self, batch: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        content, style = (self.ranks.part(i).to(self.gan.runtime.device) for i in batch)
        return content, style

    def _report(self, speed: float, on_report: Callable[[TrainingReport], None]) -> str:
        """Log the means since the last report and let the pilot act; returns what went wrong."""
        averager = self.state.averager
        if held_out := self.folders.held_out.crops:
            batch = held_out.sample(self.config.batch, self.state.rng)
            averager.add(self.gan.held_out_rates(*self._part(batch)))
        values = averager.flush(self.ranks)
        problem = find_divergence(values, self.progress, self.gan.steps, paired=self.gan.paired)
        if problem:
            return problem
        actions = self.gan.balance.update(values) if self.config.pilot else []
        report = TrainingReport(
            self.progress, self.seconds, self.images_seen, speed, values, actions
        )
        if self.ranks.rank == 0:
            self.run.log(METRICS, report.as_record())
        for action in actions:
            self.say(action)
        on_report(report)
        return ""

    def save(self) -> str:
        """Write checkpoint, state, previews and report; validate now and then.

        Returns what went wrong, if the generator has become far worse than the best.
        """
        if not all(bool(weight.isfinite().all()) for weight in self.gan.generator.parameters()):
            return "weights are no longer finite"
        for problem in set(self.folders.problems) - self.reported_problems:
            self.reported_problems.add(problem)
            self.say(problem)
        self.state.save_checkpoint(LAST, None)
        if self._validation_is_due() and (problem := self._validate()):
            return problem  # and leave the state of before
        # Last: killed before it, the run goes on from the state before and scores again.
        self.state.save(self.seconds)
        if self.ranks.rank == 0:
            best = self.state.best.images_seen
            self.validator.show(self.run, self.state.name, self.images_seen, best)
        return ""

    def _validation_is_due(self) -> bool:
        due = self.seconds >= self.next_validation or self.config.images is not None
        return bool(self.ranks.first([float(due)])[0])

    def _validate(self) -> str:
        """Score the generator, and keep it if it is the best; returns what went wrong."""
        started, best = self.seconds, self.state.best
        scores, self.validated_steps = self.validator.score(QUICK), self.gan.steps
        self.next_validation = self.seconds + (self.seconds - started) / VALIDATION_FRACTION
        if not scores:
            return ""
        if best.update(scores, self.images_seen):
            self.state.save_checkpoint(BEST, scores)
        if self.ranks.rank == 0:
            when = {"images_seen": self.images_seen, "seconds": self.seconds}
            self.run.log(SCORES, {**when, **scores.as_dict(), "merit": scores.selection_score})
        # With fewer images to judge by, scores jump like that by chance.
        enough = len(self.folders.held_out.styles) >= FEWEST_JUDGES
        return best.collapse(scores) if enough else ""

    def pause(self) -> None:
        """Write what going on needs, and no more: somebody may be waiting."""
        self.state.save_checkpoint(LAST, None)
        self.state.save(self.seconds)

    def finish(self) -> Scores | None:
        """Save, score the last generator, and say which one to take."""
        if self.validated_steps != self.gan.steps:
            self.next_validation = 0.0
            self.save()
        scores = self.validator.score(FULL)
        self.state.save_checkpoint(LAST, scores)
        self.say(self.state.best.choice(self.images_seen))
        return scores

    def say(self, message: str) -> None:
        """Tell the user something about this run, once."""
        if self.ranks.rank == 0:
            self.on_message(f"{self.run.path}: {message}")

    def _go_back(self, problem: str) -> bool:
        """Return to the last good state with half the learning rates.

        False when that was done often enough, and the run should end with what it has. Raises
        GanstyleError when there is nothing yet that it could end with.
        """
        seen = self.images_seen
        # What shows only now may be in the newest state already, but for numbers that are none.
        setbacks = self.state.go_back(newest_first="finite" in problem)
        self.ranks.gather(None)  # none may be reading what is written now
        self.state.save(self.seconds, keep_previous=False)
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
