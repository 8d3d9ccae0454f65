"""What a training looks at: crops to train on and pictures held out, for every kind of task."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from PIL import Image
from torch import Tensor

from ganstyle.config import MARGIN, TrainConfig
from ganstyle.data.crops import CropSet, load_crops, split_held_out
from ganstyle.data.folder_check import inspect
from ganstyle.data.pairs import match_pairs, pair_loader, read_pair
from ganstyle.data.pyramids import image_loader
from ganstyle.errors import DataError, ImageError
from ganstyle.files import find_images
from ganstyle.images.tensors import read_image
from ganstyle.models.blocks import cut_border
from ganstyle.sources.sketch import random_sketch, sketch_of

_PHOTOS_SHARE = 0.75
"""Part of the memory that photos may take beside style pictures, which usually are fewer."""


class Crops(Protocol):
    """Where the batches of a training come from."""

    def sample(self, count: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """What the generator gets, and what the discriminators take for real.

        Both (count, 3, side, side) in [0, 1], with a side of crop + 2 * MARGIN and of crop. In
        paired tasks the second shows the middle of the first.
        """

    def sets(self) -> Sequence[CropSet]:
        """The pictures that are in memory."""


@dataclass(frozen=True)
class Unpaired:
    """Photos, and style pictures that have nothing to do with them."""

    photos: CropSet
    styles: CropSet

    def sample(self, count: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        return self.photos.sample(count, rng), self.styles.sample(count, rng)

    def sets(self) -> Sequence[CropSet]:
        return self.photos, self.styles


@dataclass(frozen=True)
class Paired:
    """Sources with their targets, as pictures of six channels."""

    pairs: CropSet

    def sample(self, count: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        both = self.pairs.sample(count, rng)  # (count, 6, side, side)
        return both[:, :3], cut_border(both[:, 3:], MARGIN)

    def sets(self) -> Sequence[CropSet]:
        return (self.pairs,)


@dataclass(frozen=True)
class Sketched:
    """Photos whose sketches are drawn afresh for each crop."""

    photos: CropSet

    def sample(self, count: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        photos = self.photos.sample(count, rng)
        return random_sketch(photos, rng), cut_border(photos, MARGIN)

    def sets(self) -> Sequence[CropSet]:
        return (self.photos,)


@dataclass(frozen=True)
class HeldOut:
    """Pictures kept out of training. Both lists may be empty."""

    inputs: tuple[Path, ...] = ()
    """What the generator gets, or, for sketches, what it should draw."""
    styles: tuple[Path, ...] = ()
    """What results should look like; in paired tasks the partners of inputs, in order."""
    crops: Crops | None = None
    """Crops of both; None when either is empty."""


@dataclass(frozen=True)
class Folders:
    """All pictures of a training."""

    task: str
    crops: Crops
    held_out: HeldOut
    content_size: int
    report: tuple[str, ...]
    """What a look at the folders has shown, a line each."""

    @property
    def problems(self) -> tuple[str, ...]:
        """A line for each file left out."""
        return tuple(line for crops in self.crops.sets() for line in crops.problems)

    @property
    def nbytes(self) -> int:
        """Memory that the decoded pictures take, bytes."""
        return sum(crops.nbytes for crops in self.crops.sets())

    def move(self, device: torch.device) -> None:
        """Keep the pictures on a device from now on, so that no batch has to travel."""
        for crops in self.crops.sets():
            crops.move(device)

    def go_to(self, samples: int) -> None:
        """Bring the pictures into memory that are there after so many calls of crops.sample()."""
        for crops in self.crops.sets():
            crops.go_to(samples)

    def examples(self, count: int | None = None) -> Iterator[tuple[Image.Image, Image.Image]]:
        """The first `count` held-out inputs, all if None, each with what its result must keep.

        That is the input itself, and in paired tasks its partner.
        """
        for index, path in enumerate(self.held_out.inputs[:count]):
            if self.task == "paired":
                yield read_pair(path, self.held_out.styles[index], self.content_size)
                continue
            photo = read_image(path, short_side=self.content_size)
            yield (sketch_of(photo) if self.task == "sketch" else photo), photo


def load_folders(content: Path, style: Path, config: TrainConfig) -> Folders:
    """Find, look at and decode the pictures of both folders; for sketches they are the same.

    Raises DataError for folders without pictures, for photos and style pictures that are the same,
    and for pairs without partners.
    """
    load = {"unpaired": _load_unpaired, "paired": _load_paired, "sketch": _load_sketched}
    return load[config.task](content, style, config)


def _load_unpaired(content: Path, style: Path, config: TrainConfig) -> Folders:
    if content.resolve() == style.resolve():
        raise DataError(
            f"{content}: named as photos and as style pictures, so there is no style to learn. "
            "Name two folders."
        )
    photos = _part(find_images(content), config, "photos", _wide(config))
    styles = _part(find_images(style), config, "style pictures", config.crop)
    load_photos = image_loader(short_side=config.content_size, crop=_wide(config))
    load_styles = image_loader(
        short_side=config.style_size,
        crop=config.crop,
        smooth=config.style_smooth,
        zoom=config.style_zoom,
    )

    def crops(photo_paths: Sequence[Path], style_paths: Sequence[Path]) -> Unpaired:
        gib = config.memory_gib
        return Unpaired(
            load_crops(photo_paths, load_photos, _wide(config), gib * _PHOTOS_SHARE),
            load_crops(style_paths, load_styles, config.crop, gib * (1 - _PHOTOS_SHARE)),
        )

    both = bool(photos.held_out and styles.held_out)
    held_out = HeldOut(
        inputs=photos.held_out,
        styles=styles.held_out,
        crops=crops(photos.held_out, styles.held_out) if both else None,
    )
    report = (*photos.report, *styles.report)
    training = crops(photos.training, styles.training)
    return Folders(config.task, training, held_out, config.content_size, report)


def _load_paired(source: Path, target: Path, config: TrainConfig) -> Folders:
    partners, alone = match_pairs(find_images(source), find_images(target))
    sources = _part(sorted(partners), config, "pairs", _wide(config), partners)
    load = pair_loader(partners, short_side=config.content_size, crop=_wide(config))

    def crops(paths: Sequence[Path]) -> Paired:
        return Paired(load_crops(paths, load, _wide(config), config.memory_gib))

    held_out = HeldOut(
        inputs=sources.held_out,
        styles=tuple(partners[path] for path in sources.held_out),
        crops=crops(sources.held_out) if sources.held_out else None,
    )
    report = (*sources.report, *alone)
    return Folders(config.task, crops(sources.training), held_out, config.content_size, report)


def _load_sketched(content: Path, _: Path, config: TrainConfig) -> Folders:
    photos = _part(find_images(content), config, "photos", _wide(config))
    load = image_loader(short_side=config.content_size, crop=_wide(config))

    def crops(paths: Sequence[Path]) -> Sketched:
        return Sketched(load_crops(paths, load, _wide(config), config.memory_gib))

    held_out = HeldOut(
        inputs=photos.held_out,
        styles=photos.held_out,
        crops=crops(photos.held_out) if photos.held_out else None,
    )
    return Folders(
        config.task, crops(photos.training), held_out, config.content_size, photos.report
    )


@dataclass(frozen=True)
class _Part:
    """The pictures of one folder, parted, and what a look at them has shown."""

    training: list[Path]
    held_out: tuple[Path, ...]
    report: tuple[str, ...]


def _part(
    paths: list[Path],
    config: TrainConfig,
    name: str,
    crop: int,
    partners: Mapping[Path, Path] | None = None,
) -> _Part:
    """Hold pictures out, and leave those out of them that cannot be read."""
    training, held_out = split_held_out(paths, config.hold_out)
    lines = inspect(training, held_out, crop).lines(name, crop)
    readable = []
    for path in held_out:
        try:
            if partners:
                read_pair(path, partners[path], 64)
            else:
                read_image(path, short_side=64)
        except ImageError as error:
            lines.append(str(error))
        else:
            readable.append(path)
    return _Part(training, tuple(readable), tuple(lines))


def _wide(config: TrainConfig) -> int:
    """Side of the crops that the generator gets, surroundings included."""
    return config.crop + 2 * MARGIN
