"""Images of one folder, split: those to train on, and those held out for previews and scores."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ganstyle.data.crops import evenly_spread, split_held_out
from ganstyle.data.folder_check import inspect
from ganstyle.data.pairs import read_pair
from ganstyle.errors import ImageError
from ganstyle.files import find_images
from ganstyle.images.formats import readable
from ganstyle.images.tensors import read_image
from ganstyle.train.config import TrainConfig


@dataclass(frozen=True)
class Split:
    """Images of one folder to train on and held out, and the findings of their inspection."""

    training: list[Path]
    held_out: tuple[Path, ...]
    report: tuple[str, ...]


def split_images(
    paths: list[Path],
    config: TrainConfig,
    name: str,
    crop: int,
    partners: Mapping[Path, Path] | None = None,
) -> Split:
    """Split images into training and held-out ones, and drop held-out ones that cannot be read."""
    lines: list[str] = []
    paths = readable(paths, name, lines.append)
    training, held_out = split_held_out(paths, config.hold_out)
    lines += inspect(training, held_out, crop).lines(name, crop)
    whole = tuple(
        path
        for path in held_out
        if is_readable(path, lines.append, partners[path] if partners else None)
    )
    return Split(training, whole, tuple(lines))


def photos_to_show(paths: list[Path], count: int) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """At most `count` readable photos, evenly spread, for previews and scores; lines on them."""
    lines: list[str] = []
    paths = readable(paths, "photos", lines.append)
    chosen = (paths[i] for i in evenly_spread(len(paths), min(count, len(paths))))
    shown = tuple(path for path in chosen if is_readable(path, lines.append))
    lines.append(
        f"photos: {len(shown)} of {len(paths)} used for previews and scores, none for training."
    )
    return shown, tuple(lines)


def style_paths(style: Path) -> list[Path]:
    """Images below a folder, or a single one."""
    return [style] if style.is_file() else find_images(style)


def is_readable(
    path: Path, tell: Callable[[str], None] = lambda _: None, partner: Path | None = None
) -> bool:
    """Whether a file, and its partner if any, can be decoded; tell gets the reason if not."""
    try:
        if partner:
            read_pair(path, partner, 64)
        else:
            read_image(path, short_side=64)
    except ImageError as error:
        tell(str(error))
        return False
    return True
