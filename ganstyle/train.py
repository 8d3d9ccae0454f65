"""Training a style from two unrelated folders of pictures."""

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
from ganstyle.config import MARGIN, EvaluateConfig, TrainConfig
from ganstyle.data.crops import CropSet, load_crops, split_held_out
from ganstyle.data.imageio import read_image, to_batch, to_images, write_image
from ganstyle.data.sheet import contact_sheet
from ganstyle.errors import DataError, GanstyleError
from ganstyle.files import atomic_path, find_images
from ganstyle.game import Game
from ganstyle.metrics.scores import Scores, score
from ganstyle.models.generator import preset, receptive_field
from ganstyle.runtime import Runtime
from ganstyle.styles import StyleInfo, find_style

REPORT_STEPS = 20
"""Steps between two reports; their losses are averaged."""

PREVIEWS = 10
"""Preview sheets and saved states a run, evenly spread."""

PREVIEW_PHOTOS = 4

PALETTE_CROPS = 256
"""Crops of each folder from which its palette is measured."""


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

    @property
    def problems(self) -> tuple[str, ...]:
        """A line for each file left out."""
        return self.photos.problems + self.styles.problems


def train(
    content: Path,
    style: Path,
    run: Path,
    config: TrainConfig,
    runtime: Runtime,
    *,
    on_report: Callable[[Report], None] = lambda _: None,
    on_message: Callable[[str], None] = lambda _: None,
) -> Scores | None:
    """Play the game on photos below content and pictures below style; keep everything in run.

    A run that was interrupted goes on from its last state; one that is over goes on when its
    budget is raised. run/checkpoint.safetensors is usable at any moment. Returns the scores on
    held-out pictures, None when the folders are too small to hold any out.
    Raises DataError for folders without pictures or options that differ from the run's.
    """
    started = time.monotonic()
    preset(config.preset)  # a name that is wrong should be told before any work
    content_paths, style_paths = find_images(content), find_images(style)
    _claim(run, config, content, style)
    folders = _load_folders(content_paths, style_paths, config)
    for problem in folders.problems:
        on_message(problem)
    session = _Session(run, config, runtime, folders, started)
    if session.resume():
        on_message(f"{run}: going on after {session.images_seen} images.")
    else:
        session.begin()
    try:
        session.play(on_report)
    except KeyboardInterrupt:
        session.save()
        raise
    scores = session.score()
    session.save(scores)
    return scores


class _Session:
    """One process's part of a run."""

    def __init__(
        self, run: Path, config: TrainConfig, runtime: Runtime, folders: Folders, started: float
    ) -> None:
        self.run = run
        self.config = config
        self.runtime = runtime
        self.folders = folders
        self.started = started
        self.game = Game(config, runtime)
        self.chance = torch.Generator().manual_seed(config.seed)
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
        samples = (
            folder.sample(PALETTE_CROPS, self.chance)
            for folder in (self.folders.photos, self.folders.styles)
        )
        self.game.palette.fit(*samples)
        if self.config.init:
            self.game.adopt(load_generator(find_style(self.config.init)))

    def play(self, on_report: Callable[[Report], None]) -> None:
        """Step until the budget is used up, reporting, previewing and saving on the way."""
        batch, device = self.config.batch, self.runtime.device
        next_save = math.floor(self.share * PREVIEWS) + 1
        sums: dict[str, torch.Tensor] = {}
        steps, since = 0, self.seconds
        while (share := self.share) < 1:
            photo = self.folders.photos.sample(batch, self.chance).to(device)
            style = self.folders.styles.sample(batch, self.chance).to(device)
            for name, value in self.game.step(photo, style, share).items():
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

    def _report(
        self, values: dict[str, float], speed: float, on_report: Callable[[Report], None]
    ) -> None:
        if not all(math.isfinite(value) for value in values.values()):
            raise GanstyleError(
                f"{self.run}: the losses are no longer finite after {self.images_seen} images; "
                "the last checkpoint is kept. Start again with a lower --lr."
            )
        report = Report(self.share, self.seconds, self.images_seen, speed, values)
        with (self.run / "metrics.jsonl").open("a") as log:
            log.write(json.dumps(asdict(report)) + "\n")
        on_report(report)

    def save(self, scores: Scores | None = None) -> None:
        """Write checkpoint, state and a preview sheet."""
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
        save_generator(self.run / "checkpoint.safetensors", self.game.ema, info)
        facts = {"steps": self.game.steps, "seconds": self.seconds}
        tensors = self.game.state() | {"chance": self.chance.get_state()}
        save_state(self.run / "state.safetensors", tensors, facts)
        if self.preview_photos:
            results = [self._stylized(photo) for photo in self.preview_photos]
            sheet = contact_sheet([self.preview_photos, results])
            write_image(sheet, self.run / "previews" / f"{self.images_seen:08d}.jpg")

    def resume(self) -> bool:
        """Go back to the run's last state, if it has one."""
        path = self.run / "state.safetensors"
        if not path.is_file():
            return False
        tensors, facts = load_state(path)
        self.chance.set_state(tensors.pop("chance"))
        self.game.restore(tensors, facts["steps"])
        self.started -= facts["seconds"]
        return True

    def score(self) -> Scores | None:
        """Scores of the averaged generator on the held-out pictures."""
        photos, styles = self.folders.held_out_photos, self.folders.held_out_styles
        if not photos or len(styles) < 2:
            return None
        originals = (read_image(path, short_side=self.config.content_size) for path in photos)
        pairs = ((photo, self._stylized(photo)) for photo in originals)
        pictures = (read_image(path) for path in styles)
        return score(self.game.eyes, pairs, pictures, EvaluateConfig())

    @torch.inference_mode()
    def _stylized(self, photo: Image.Image) -> Image.Image:
        with self.runtime.autocast():
            return to_images(self.game.ema(to_batch([photo], self.runtime.device)))[0]


def _claim(run: Path, config: TrainConfig, content: Path, style: Path) -> None:
    """Write the run's config.json, or check that it asks for the same training."""
    path = run / "config.json"
    asked = {"content": str(content.resolve()), "style": str(style.resolve()), **asdict(config)}
    if path.is_file():
        try:
            before = json.loads(path.read_text())
        except ValueError as error:
            raise DataError(f"{path}: damaged ({error}); train into a new folder.") from error
        free = {"minutes", "images", "name", "title", "licence", "attribution", "memory_gib"}
        changed = [key for key in asked if key not in free and asked[key] != before.get(key)]
        if changed:
            pairs = ", ".join(f"{key} {before.get(key)} -> {asked[key]}" for key in changed)
            raise DataError(f"{run}: was trained with other options ({pairs}); use a new folder.")
    elif run.is_dir() and any(run.iterdir()):
        raise DataError(f"{run}: neither empty nor a run of ganstyle; use a new folder.")
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(asked, indent=2, sort_keys=True) + "\n")


def _load_folders(content: list[Path], style: list[Path], config: TrainConfig) -> Folders:
    photos, held_out_photos = split_held_out(content, config.hold_out)
    styles, held_out_styles = split_held_out(style, config.hold_out)
    return Folders(
        photos=load_crops(
            photos,
            short_side=config.content_size,
            crop=config.crop + 2 * MARGIN,
            memory_gib=config.memory_gib * 0.75,  # photos are usually many more
        ),
        styles=load_crops(
            styles,
            short_side=config.style_size,
            crop=config.crop,
            memory_gib=config.memory_gib * 0.25,
            smooth=config.style_smooth,
        ),
        held_out_photos=held_out_photos,
        held_out_styles=held_out_styles,
    )
