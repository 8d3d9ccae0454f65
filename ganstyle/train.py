"""Training a style from two unrelated folders of pictures."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import torch

from ganstyle.config import MARGIN, TrainConfig
from ganstyle.data.crops import load_crops, split_held_out
from ganstyle.data.imageio import read_image
from ganstyle.data.inspect import inspect
from ganstyle.errors import DataError, ImageError
from ganstyle.files import atomic_path, find_images
from ganstyle.game import Game
from ganstyle.metrics.scores import Scores
from ganstyle.models.generator import preset
from ganstyle.runtime import Runtime
from ganstyle.session import Folders, Report, Session

_REHEARSED_STEPS = 4
"""Steps from which the speed of a training is told; the first ones are slow."""


def train(
    content: Path,
    style: Path,
    run: Path,
    config: TrainConfig,
    runtime: Runtime,
    *,
    on_report: Callable[[Report], None] = lambda _: None,
    on_message: Callable[[str], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Scores | None:
    """Play the game on photos below content and pictures below style; keep everything in run.

    A run that was interrupted goes on from its last state; one that is over goes on when its
    budget is raised. run/checkpoint.safetensors is usable at any moment. Returns the scores on
    held-out pictures, None when the folders are too small to hold any out.
    should_stop is asked between steps; when it says so, all is saved and KeyboardInterrupt raised.
    Raises DataError for folders without pictures or options that differ from the run's.
    """
    started = time.monotonic()
    preset(config.preset)  # a name that is wrong should be told before any work
    content_paths, style_paths = find_images(content), find_images(style)
    _claim(run, config, content, style)
    for line in look_at_folders(content_paths, style_paths, config):
        on_message(line)
    folders = _load_folders(content_paths, style_paths, config)
    for problem in folders.problems:
        on_message(problem)
    session = Session(run, config, runtime, folders, started, on_message)
    if not session.resume():
        session.begin()
    session.play(on_report, should_stop)
    if session.share < 1 and should_stop():
        session.pause()
        raise KeyboardInterrupt
    return session.finish()


def look_at_folders(content: list[Path], style: list[Path], config: TrainConfig) -> list[str]:
    """What should be known of both folders before training, a line each."""
    lines: list[str] = []
    sides = {
        "photos": (content, config.crop + 2 * MARGIN),
        "style pictures": (style, config.crop),
    }
    for name, (paths, crop) in sides.items():
        lines += inspect(*split_held_out(paths, config.hold_out), crop).lines(name, crop)
    return lines


def rehearse(
    content: Path, style: Path, config: TrainConfig, runtime: Runtime
) -> tuple[list[str], float]:
    """Look at everything and write nothing: lines on the folders, and crops a second.

    Raises the errors that train() would raise for these folders.
    """
    preset(config.preset)
    paths = find_images(content), find_images(style)
    lines = look_at_folders(*paths, config)
    folders = _load_folders(*paths, config)
    lines += folders.problems
    chance = torch.Generator().manual_seed(config.seed)
    game = Game(config, runtime)
    seconds = []
    for _ in range(_REHEARSED_STEPS):
        started = time.monotonic()
        photos, styles = folders.sample(config.batch, chance)
        losses = game.step(photos.to(runtime.device), styles.to(runtime.device), share=0.0)
        float(losses["loss/generator"])  # waits for a GPU
        seconds.append(time.monotonic() - started)
    gib = folders.nbytes / 2**30
    lines.append(f"Decoded pictures take {gib:.2f} GiB of {config.memory_gib:g} (--memory-gib).")
    return lines, config.batch / min(seconds)


def _claim(run: Path, config: TrainConfig, content: Path, style: Path) -> None:
    """Write the run's config.json, or check that it asks for the same training."""
    path = run / "config.json"
    asked = {"content": str(content.resolve()), "style": str(style.resolve()), **asdict(config)}
    if path.is_file():
        try:
            before = json.loads(path.read_text())
        except ValueError as error:
            raise DataError(f"{path}: damaged ({error}); train into a new folder.") from error
        free = {
            "minutes",
            "images",
            "name",
            "title",
            "licence",
            "attribution",
            "memory_gib",
            "patience",
        }
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
    broken: list[str] = []
    held_out_photos = [path for path in held_out_photos if _is_readable(path, broken)]
    held_out_styles = [path for path in held_out_styles if _is_readable(path, broken)]
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
        broken=tuple(broken),
    )


def _is_readable(path: Path, broken: list[str]) -> bool:
    try:
        read_image(path, short_side=64)
    except ImageError as error:
        broken.append(str(error))
        return False
    return True
