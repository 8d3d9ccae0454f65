"""One process's part of a training run: playing, reporting, saving, resuming, scoring."""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ganstyle import __version__
from ganstyle.checkpoint import taken_from, under
from ganstyle.config import TASKS, EvaluateConfig, TrainConfig
from ganstyle.distributed import Ranks
from ganstyle.errors import CheckpointError, GanstyleError
from ganstyle.metrics.crops import Scores
from ganstyle.models.geometry import receptive_field
from ganstyle.models.pretrained import load_generator, save_generator
from ganstyle.runtime import Runtime
from ganstyle.styles import StyleInfo, find_style
from ganstyle.train.balance import SETBACKS, BalanceController, find_divergence
from ganstyle.train.dataset import Folders
from ganstyle.train.gan import Gan
from ganstyle.train.log import Window
from ganstyle.train.run_folder import BEST, LAST, METRICS, SCORES, Best, Report, RunFolder
from ganstyle.train.validation import Validator

REPORT_STEPS = 20
"""Steps between two reports; their losses are averaged."""

SAVES = 10
"""Saved states and preview sheets a run, evenly spread."""

QUICK, FULL = EvaluateConfig(grid=2), EvaluateConfig()
"""How the generators of a run are compared, and how the last one is scored."""

FALLS, FEWEST_JUDGES = 2, 4
"""Scorings in a row that must be far below the best, and held-out style pictures that they need,
before a run goes back; one such scoring may be chance."""

SCORING_SHARE = 0.05
"""Largest part of the time that choosing the best generator may take."""

PALETTE_CROPS = 256
"""Crops of each folder from which its palette is measured."""

CHANCES, WINDOW = "random", "window"
"""Prefixes of the states of the random generators and of the sums since the last report."""


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
        self.runtime = runtime
        self.folders = folders
        self.started = started
        self.ranks = ranks or Ranks()
        self.gan = Gan(config, runtime, self.ranks)
        self.validator = Validator(self.gan, folders)
        self.rng = torch.Generator().manual_seed(config.seed)
        self.window = Window()
        self.best = Best()
        self.told = set(folders.problems)
        self.scored_until = 0.0
        self.scored_steps = -1
        self.share = 0.0
        self.stopping = False

    @property
    def images_seen(self) -> int:
        return self.gan.steps * self.config.batch

    @property
    def name(self) -> str:
        """Name of the style."""
        return self.config.name or self.run.path.name

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    def begin(self) -> None:
        """Prepare a fresh run: take over the weights of config.init, measure the palettes."""
        if self.config.init:
            self.gan.load_matching_weights(load_generator(find_style(self.config.init)))
        if self.config.task == "unpaired":
            self.gan.fit_palette(*self.folders.crops.sample(PALETTE_CROPS, self.rng))
        self._save_state()

    def play(self, on_report: Callable[[Report], None], should_stop: Callable[[], bool]) -> None:
        """Step until the budget is used up, reporting, previewing and saving on the way.

        Stops between two steps when it should: within one, half of the players would have moved.
        """
        self._agree(should_stop)
        next_save, since, steps = int(self.share * SAVES) + 1, self.seconds, 0
        while self.share < 1 and not self.stopping:
            self.window.add(self.gan.step(*self._batch(), self.share))
            steps += 1
            self._agree(should_stop)
            problem = ""
            if self.gan.steps % REPORT_STEPS == 0 or self.share == 1:
                speed = steps * self.config.batch / (self.seconds - since)
                problem = self._report(speed, on_report)
                since, steps = self.seconds, 0
            if not problem and self.share * SAVES >= next_save:
                next_save += 1
                problem = self.save()
                if self.best.misses >= self.config.patience > 0:
                    self.say(f"no better for {self.best.misses} scorings; done.")
                    return
            if problem:
                if not self._go_back(problem):
                    return
                self._agree(should_stop)
                next_save = int(self.share * SAVES) + 1

    def _agree(self, should_stop: Callable[[], bool]) -> None:
        """Ask rank 0 how much of the run is over, and whether it should stop."""
        if self.config.images is not None:
            share = self.images_seen / self.config.images
        else:
            assert self.config.minutes is not None
            share = self.seconds / (self.config.minutes * 60)
        agreed, stop = self.ranks.first([min(1.0, share), float(should_stop())])
        self.share, self.stopping = agreed, bool(stop)

    def _batch(self) -> tuple[Tensor, Tensor]:
        """This rank's part of the next batch; all ranks draw the same crops."""
        return self._part(self.folders.crops.sample(self.config.batch, self.rng))

    def _part(self, batch: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        photo, style = (self.ranks.part(images).to(self.runtime.device) for images in batch)
        return photo, style

    def _report(self, speed: float, on_report: Callable[[Report], None]) -> str:
        """Log the means since the last report and let the pilot act; returns what went wrong."""
        if held_out := self.folders.held_out.crops:
            batch = held_out.sample(self.config.batch, self.rng)
            self.window.add(self.gan.watch(*self._part(batch)))
        values = self.window.close(self.ranks)
        problem = find_divergence(values, self.share, self.gan.steps, paired=self.gan.paired)
        if problem:
            return problem
        actions = self.gan.pilot.watch(values) if self.config.pilot else []
        report = Report(self.share, self.seconds, self.images_seen, speed, values, actions)
        if self.ranks.rank == 0:
            self.run.log(METRICS, asdict(report))
        for action in actions:
            self.say(action)
        on_report(report)
        return ""

    def save(self) -> str:
        """Write checkpoint, state, previews and report; score now and then, and keep the best.

        Returns what went wrong, if the generator has become far worse than the best.
        """
        if not self._is_finite():
            return "weights are no longer finite"
        for problem in set(self.folders.problems) - self.told:
            self.told.add(problem)
            self.say(problem)
        self._save_checkpoint(LAST, None)
        if self._scoring_is_due():
            started = self.seconds
            scores, self.scored_steps = self.validator.score(QUICK), self.gan.steps
            self.scored_until = self.seconds + (self.seconds - started) / SCORING_SHARE
            if scores and (fallen := self._consider(scores)):
                return fallen  # and leave the state of before
        # Last: killed before it, the run goes on from the state before and scores again.
        self._save_state()
        if self.ranks.rank == 0:
            self.validator.show(self.run, self.name, self.images_seen, self.best.images_seen)
        return ""

    def _scoring_is_due(self) -> bool:
        due = self.seconds >= self.scored_until or self.config.images is not None
        return bool(self.ranks.first([float(due)])[0])

    def _consider(self, scores: Scores) -> str:
        """Log a scoring and keep the generator if it is the best; returns what went wrong."""
        if self.best.consider(scores, self.images_seen):
            self._save_checkpoint(BEST, scores)
        if self.ranks.rank == 0:
            facts = {"images_seen": self.images_seen, "seconds": self.seconds}
            self.run.log(SCORES, {**facts, **scores.as_dict(), "merit": scores.merit})
        # With fewer pictures to judge by, scores jump like that by chance.
        if self.best.falls < FALLS or len(self.folders.held_out.styles) < FEWEST_JUDGES:
            return ""
        return (
            f"style progress has fallen to {scores.style_progress:.0%} from "
            f"{self.best.style_progress:.0%}"
        )

    def pause(self) -> None:
        """Write what going on needs, and no more: somebody may be waiting."""
        self._save_checkpoint(LAST, None)
        self._save_state()

    def finish(self) -> Scores | None:
        """Save, score the last generator, and say which one to take."""
        if self.scored_steps != self.gan.steps:
            self.scored_until = 0.0
            self.save()
        scores = self.validator.score(FULL)
        self._save_checkpoint(LAST, scores)
        self.say(self._choice())
        return scores

    def _choice(self) -> str:
        """Which of the generators that were kept is which."""
        if not self.best.images_seen:
            return f"{LAST} holds the last generator; too few pictures are held out to score it."
        if self.best.images_seen == self.images_seen:
            return f"{LAST} holds the last generator, which has scored best."
        return (
            f"{LAST} holds the last generator; {BEST} scored better, after "
            f"{self.best.images_seen} of {self.images_seen} images. "
            "Look at previews/ before you choose."
        )

    def say(self, message: str) -> None:
        """Tell the user something about this run, once."""
        if self.ranks.rank == 0:
            self.on_message(f"{self.run.path}: {message}")

    def _is_finite(self) -> bool:
        return all(bool(weight.isfinite().all()) for weight in self.gan.generator.parameters())

    def _go_back(self, problem: str) -> bool:
        """Return to the last good state with half the learning rates.

        False when that was done often enough, and the run should end with what it has. Raises
        GanstyleError when there is nothing yet that it could end with.
        """
        setbacks, seen, best = self.gan.pilot.setbacks + 1, self.images_seen, self.best
        # What shows only now may be in the newest state already, but for numbers that are none.
        self._restore_any(newest_first="finite" in problem)
        self.gan.pilot.setbacks, self.best = setbacks, replace(best, falls=0)
        self.ranks.gather(None)  # none may be reading what is written now
        self._save_state(keep_previous=False)
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

    def _save_checkpoint(self, name: str, scores: Scores | None) -> None:
        if self.ranks.rank:
            return
        info = StyleInfo(
            style=self.name,
            title=self.config.title,
            licence=self.config.licence,
            attribution=self.config.attribution,
            takes=TASKS[self.config.task],
            config=asdict(self.gan.ema.config),
            receptive_field=receptive_field(self.gan.ema.config),
            images_seen=self.images_seen,
            version=__version__,
            held_out=tuple(path.stem for path in self.folders.held_out.styles),
            scores=scores.as_dict() if scores else {},
        )
        save_generator(self.run / name, self.gan.ema, info)

    def _save_state(self, *, keep_previous: bool = True) -> None:
        """Write all that an exact resume needs; the state before is kept beside it."""
        if self.ranks.rank:
            return
        facts = {
            "steps": self.gan.steps,
            "seconds": self.seconds,
            "best": asdict(self.best),
            "pilot": self.gan.pilot.state(),
            "window": self.window.counts,
        }
        chances = {"chance": self.rng.get_state(), "torch": torch.get_rng_state()}
        if self.runtime.device.type == "cuda":
            chances["cuda"] = torch.cuda.get_rng_state(self.runtime.device)
        tensors = self.gan.state() | under(CHANCES, chances) | under(WINDOW, self.window.sums)
        self.run.save_state(tensors, facts, keep_previous=keep_previous)

    def resume(self) -> bool:
        """Go on from the run's last state, if it has one that is whole."""
        seconds = self._restore_any()
        if seconds is None:
            return False
        self.started -= seconds
        self.say(f"going on after {self.images_seen} images.")
        return True

    def _restore_any(self, *, newest_first: bool = True) -> float | None:
        """Go back to a state; returns the seconds trained until it, None when there is none.

        Raises CheckpointError when there are states but none that is whole.
        """
        states = list(self.run.states())
        for state in states if newest_first else reversed(states):
            try:
                if isinstance(state, CheckpointError):
                    raise state
                _, tensors, facts = state
                self._restore(tensors, facts)
            except (CheckpointError, KeyError, TypeError, RuntimeError) as error:
                self.say(f"a state cannot be gone on with ({error}).")
                continue
            return float(facts["seconds"])
        if states:
            raise CheckpointError(
                f"{self.run.path}: no state of it can be gone on with; use a new folder."
            )
        return None

    def _restore(self, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
        best, pilot = Best(**facts["best"]), BalanceController(**facts["pilot"])
        window = Window(taken_from(WINDOW, tensors), dict(facts["window"]))
        chances = taken_from(CHANCES, tensors)
        self.gan.restore(tensors, facts["steps"])
        self.rng.set_state(chances["chance"])
        torch.set_rng_state(chances["torch"])
        if self.runtime.device.type == "cuda" and "cuda" in chances:
            torch.cuda.set_rng_state(chances["cuda"], self.runtime.device)
        self.best, self.gan.pilot, self.window = best, pilot, window.to(self.runtime.device)
        palette = 1 if self.config.task == "unpaired" else 0  # samples that the palette took
        self.folders.go_to(self.gan.steps + palette)
        if self.ranks.rank == 0:
            self.run.forget_after(self.images_seen)
