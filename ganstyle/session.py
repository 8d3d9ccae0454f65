"""One process's part of a training run: playing, reporting, saving, resuming, scoring."""

import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from PIL import Image

from ganstyle import __version__
from ganstyle.checkpoint import load_generator, load_state, save_generator, save_state
from ganstyle.config import EvaluateConfig, TrainConfig
from ganstyle.data.crops import CropSet
from ganstyle.data.imageio import read_image, to_batch, to_images, write_image
from ganstyle.data.sheet import contact_sheet
from ganstyle.errors import CheckpointError, GanstyleError
from ganstyle.files import atomic_path
from ganstyle.game import Game
from ganstyle.metrics.scores import Judge, Scores
from ganstyle.models.generator import receptive_field
from ganstyle.runtime import Runtime
from ganstyle.styles import StyleInfo, find_style

REPORT_STEPS = 20
"""Steps between two reports; their losses are averaged."""

PREVIEWS = 10
"""Preview sheets and saved states a run, evenly spread."""

PREVIEW_PHOTOS = 4

QUICK = EvaluateConfig(grid=2)
"""How the generators of a run are compared; the last is scored in full."""

SCORING_SHARE = 0.05
"""Largest part of the time that choosing the best generator may take."""

PALETTE_CROPS = 256
"""Crops of each folder from which its palette is measured."""

LAST, BEST = "checkpoint.safetensors", "best.safetensors"
"""The averaged generator as it stands, and as it was when it scored best."""

STATES = ("state.safetensors", "state.previous.safetensors")
"""The newest state, and the one before, should the newest be damaged."""

CHANCES = "random"
"""Prefix of the states of the random generators."""


@dataclass
class Best:
    """Which generator of a run scored best on held-out pictures."""

    merit: float = -1.0
    """Its style progress times its content; below every possible one before the first scoring."""
    images_seen: int = 0
    """Crops after which it did."""
    misses: int = 0
    """Scorings since then."""

    def consider(self, scores: Scores, images_seen: int) -> bool:
        """Take in a scoring; whether it is the best so far."""
        better = scores.merit > self.merit
        if better:
            self.merit, self.images_seen = scores.merit, images_seen
        self.misses = 0 if better else self.misses + 1
        return better


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
    """Losses (`loss/...`) and fooled rates (`fooled/...`), means since the last report."""

    @property
    def seconds_left(self) -> float:
        """Estimate from the share used up."""
        return self.seconds * (1 - self.share) / max(self.share, 1e-6)


@dataclass(frozen=True)
class Folders:
    """Training crops and held-out pictures of both sides."""

    photos: CropSet
    styles: CropSet
    held_out_photos: list[Path]
    held_out_styles: list[Path]
    broken: tuple[str, ...] = ()
    """A line for each held-out file that cannot be read."""

    @property
    def problems(self) -> tuple[str, ...]:
        """A line for each file left out."""
        return (*self.broken, *self.photos.problems, *self.styles.problems)

    @property
    def nbytes(self) -> int:
        """Memory that the decoded pictures take, bytes."""
        return self.photos.nbytes + self.styles.nbytes

    def sample(self, count: int, chance: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        """Crops of the photos and of the style pictures, `count` each."""
        return self.photos.sample(count, chance), self.styles.sample(count, chance)

    def go_to(self, samples: int) -> None:
        """Bring the pictures into memory that are there after so many calls of sample()."""
        self.photos.go_to(samples)
        self.styles.go_to(samples)


class Session:
    """One process's part of a run."""

    def __init__(
        self,
        run: Path,
        config: TrainConfig,
        runtime: Runtime,
        folders: Folders,
        started: float,
        on_message: Callable[[str], None],
    ) -> None:
        self.run = run
        self.on_message = on_message
        self.config = config
        self.runtime = runtime
        self.folders = folders
        self.started = started
        self.game = Game(config, runtime)
        self.chance = torch.Generator().manual_seed(config.seed)
        self.best = Best()
        self.judges: dict[EvaluateConfig, Judge] = {}
        self.scored_until = 0.0
        photos = folders.held_out_photos[:PREVIEW_PHOTOS]
        self.preview_photos = [read_image(path, short_side=config.content_size) for path in photos]

    @property
    def images_seen(self) -> int:
        return self.game.steps * self.config.batch

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    @property
    def share(self) -> float:
        if self.config.images is not None:
            return min(1.0, self.images_seen / self.config.images)
        assert self.config.minutes is not None
        return min(1.0, self.seconds / (self.config.minutes * 60))

    def begin(self) -> None:
        """Prepare a fresh run: measure the palettes, take over the weights of config.init."""
        self.game.palette.fit(*self.folders.sample(PALETTE_CROPS, self.chance))
        if self.config.init:
            self.game.adopt(load_generator(find_style(self.config.init)))

    def play(self, on_report: Callable[[Report], None], should_stop: Callable[[], bool]) -> None:
        """Step until the budget is used up, reporting, previewing and saving on the way.

        Stops between two steps when it should: within one, half of the players would have moved.
        """
        batch, device = self.config.batch, self.runtime.device
        next_save = math.floor(self.share * PREVIEWS) + 1
        sums: dict[str, torch.Tensor] = {}
        steps, since = 0, self.seconds
        while (share := self.share) < 1 and not should_stop():
            photo, style = self.folders.sample(batch, self.chance)
            for name, value in self.game.step(photo.to(device), style.to(device), share).items():
                sums[name] = sums[name] + value if name in sums else value
            steps += 1
            if self.game.steps % REPORT_STEPS == 0 or self.share == 1:
                values = {name: float(total) / steps for name, total in sums.items()}
                speed = steps * batch / (self.seconds - since)
                self._report(values, speed, on_report)
                sums, steps, since = {}, 0, self.seconds
            if self.share * PREVIEWS >= next_save:
                next_save += 1
                self.save()
                if self.best.misses >= self.config.patience > 0:
                    self.on_message(f"{self.run}: no better for {self.best.misses} scorings; done.")
                    return

    def _report(
        self, values: dict[str, float], speed: float, on_report: Callable[[Report], None]
    ) -> None:
        if not all(math.isfinite(value) for value in values.values()):
            raise self._diverged()
        report = Report(self.share, self.seconds, self.images_seen, speed, values)
        with (self.run / "metrics.jsonl").open("a") as log:
            log.write(json.dumps(asdict(report)) + "\n")
        on_report(report)

    def save(self) -> None:
        """Write checkpoint, state and a preview sheet; score now and then, and keep the best."""
        self._save_checkpoint(LAST, None)
        self._save_state()
        if self.seconds >= self.scored_until or self.config.images is not None:
            started = self.seconds
            if (scores := self._score(QUICK)) and self.best.consider(scores, self.images_seen):
                self._save_checkpoint(BEST, scores)
            self.scored_until = self.seconds + (self.seconds - started) / SCORING_SHARE
            self._save_state(keep_previous=False)  # the same, with what is best
        if self.preview_photos:
            results = [self._stylized(photo) for photo in self.preview_photos]
            sheet = contact_sheet([self.preview_photos, results])
            write_image(sheet, self.run / "previews" / f"{self.images_seen:08d}.jpg")

    def pause(self) -> None:
        """Write what going on needs, and no more: somebody is waiting."""
        self._save_checkpoint(LAST, None)
        self._save_state()

    def finish(self) -> Scores | None:
        """Save, score the last generator, and say whether an earlier one was better."""
        self.scored_until = 0.0
        self.save()
        scores = self._score(EvaluateConfig())
        self._save_checkpoint(LAST, scores)
        if self.best.images_seen not in (0, self.images_seen):
            self.on_message(
                f"{self.run / BEST}: scored better than the last, after {self.best.images_seen} "
                "images. Look at previews/ before you choose."
            )
        return scores

    def _save_checkpoint(self, name: str, scores: Scores | None) -> None:
        if not all(bool(weight.isfinite().all()) for weight in self.game.generator.parameters()):
            raise self._diverged()
        info = StyleInfo(
            style=self.config.name or self.run.name,
            title=self.config.title,
            licence=self.config.licence,
            attribution=self.config.attribution,
            config=asdict(self.game.ema.config),
            receptive_field=receptive_field(self.game.ema.config),
            images_seen=self.images_seen,
            version=__version__,
            held_out=tuple(path.stem for path in self.folders.held_out_styles),
            scores=scores.as_dict() if scores else {},
        )
        save_generator(self.run / name, self.game.ema, info)

    def _diverged(self) -> GanstyleError:
        return GanstyleError(
            f"{self.run}: the losses are no longer finite after {self.images_seen} images; "
            "the last checkpoint is kept. Start again with a lower --lr."
        )

    def _save_state(self, *, keep_previous: bool = True) -> None:
        """Write all that an exact resume needs; the state before is kept beside it."""
        facts = {"steps": self.game.steps, "seconds": self.seconds, "best": asdict(self.best)}
        chances = {"chance": self.chance.get_state(), "torch": torch.get_rng_state()}
        if self.runtime.device.type == "cuda":
            chances["cuda"] = torch.cuda.get_rng_state(self.runtime.device)
        newest, before = (self.run / name for name in STATES)
        if newest.is_file() and keep_previous:
            newest.replace(before)
        tensors = self.game.state() | {f"{CHANCES}.{k}": v for k, v in chances.items()}
        save_state(newest, tensors, facts)

    def resume(self) -> bool:
        """Go back to the run's last state, if it has one that is whole."""
        for name in STATES:
            path = self.run / name
            if not path.is_file():
                continue
            try:
                tensors, facts = load_state(path)
                best, seconds = Best(**facts["best"]), float(facts["seconds"])
                self.game.restore(tensors, facts["steps"])
                self.chance.set_state(tensors[f"{CHANCES}.chance"])
                torch.set_rng_state(tensors[f"{CHANCES}.torch"])
            except (CheckpointError, KeyError, TypeError, RuntimeError) as error:
                self.on_message(f"{path}: cannot be gone on with ({error}).")
                continue
            self.best = best
            self.started -= seconds
            if self.runtime.device.type == "cuda" and f"{CHANCES}.cuda" in tensors:
                torch.cuda.set_rng_state(tensors[f"{CHANCES}.cuda"], self.runtime.device)
            self.folders.go_to(self.game.steps + 1)  # one sample told the palette
            self._forget_reports_after(self.images_seen)
            self.on_message(f"{self.run}: going on after {self.images_seen} images.")
            return True
        if any((self.run / name).is_file() for name in STATES):
            raise CheckpointError(
                f"{self.run}: no state of it can be gone on with; use a new folder."
            )
        return False

    def _forget_reports_after(self, images_seen: int) -> None:
        """Drop the lines of metrics.jsonl that a killed run wrote after its last state."""
        path = self.run / "metrics.jsonl"
        if not path.is_file():
            return
        lines = path.read_text().splitlines()
        with atomic_path(path) as temporary:
            kept = [line for line in lines if _images_seen(line) <= images_seen]
            temporary.write_text("".join(f"{line}\n" for line in kept))

    def _score(self, config: EvaluateConfig) -> Scores | None:
        """Scores of the averaged generator; None when there are too few held-out pictures."""
        photos, styles = self.folders.held_out_photos, self.folders.held_out_styles
        if not photos or len(styles) < 2:
            return None
        if config not in self.judges:
            pictures = (read_image(path) for path in styles)
            self.judges[config] = Judge(self.game.eyes, pictures, config)
        originals = (read_image(path, short_side=self.config.content_size) for path in photos)
        pairs = ((photo, self._stylized(photo)) for photo in originals)
        return self.judges[config].score(pairs)

    @torch.inference_mode()
    def _stylized(self, photo: Image.Image) -> Image.Image:
        with self.runtime.autocast():
            return to_images(self.game.ema(to_batch([photo], self.runtime.device)))[0]


def _images_seen(line: str) -> float:
    try:
        return float(json.loads(line)["images_seen"])
    except (ValueError, KeyError):
        return math.inf  # half a line
