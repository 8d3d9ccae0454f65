"""Images of a training: crops to train on and held-out images, for every kind of task."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import torch
from PIL import Image

from ganstyle.data.crop_sources import CropSource, PairedCrops, StyleCrops
from ganstyle.data.crops import load_crops
from ganstyle.data.pairs import match_pairs, pair_loader, read_pair
from ganstyle.data.pyramids import Load, image_loader
from ganstyle.errors import DataError
from ganstyle.files import find_images
from ganstyle.images.tensors import from_pixels, read_image
from ganstyle.sources.draft import draft_of
from ganstyle.sources.tones import Tones
from ganstyle.train.config import TrainConfig
from ganstyle.train.held_out import is_readable, photos_to_show, split_images, style_paths

_REFINED = 2
"""Size of style images for refining, and of photos for previews and scores, in multiples of that of
other style images."""

_HELD_OUT_GIB = math.inf
"""Memory for the few held-out images: all are kept, because no state records a selection."""

_SHOWN = 4
"""Style images that are shown if none are held out."""


@dataclass(frozen=True)
class HeldOut:
    """Images kept out of training. Both lists may be empty."""

    inputs: tuple[Path, ...] = ()
    """Photos, or style images that are drafted; in paired tasks the sources."""
    styles: tuple[Path, ...] = ()
    """Images that results should look like; in paired tasks the partners of inputs, in order."""
    crops: CropSource | None = None
    """Crops of the style images or pairs; None if there are none."""


@dataclass(frozen=True)
class Folders:
    """All images of a training."""

    inputs_are: str
    """Kind of the images held out as inputs and to be shown: photos, drafts or pairs."""
    crops: CropSource
    held_out: HeldOut
    content_size: int
    report: tuple[str, ...]
    """Findings of the inspection of the folders, a line each."""
    shown: tuple[Path, ...]
    """Images for previews."""
    trained_on: tuple[Path, ...]
    """Style images that are trained on; in paired tasks the targets."""

    @property
    def shown_are(self) -> str:
        """Kind of the images for previews, one of those that train/report has words for."""
        if self.inputs_are == "photos":
            return "photos"
        return f"{'held-out' if self.held_out.styles else 'training'} {self.inputs_are}"

    @property
    def problems(self) -> tuple[str, ...]:
        """A line for each file that was left out."""
        return tuple(line for crops in self.crops.sets() for line in crops.problems)

    @property
    def nbytes(self) -> int:
        """Memory that the decoded images take, bytes."""
        return sum(crops.nbytes for crops in self.crops.sets())

    def move(self, device: torch.device) -> None:
        """Move the images to a device, so that batches need no transfer."""
        for crops in self.crops.sets():
            crops.move(device)

    def go_to(self, samples: int) -> None:
        """Load the images that are in memory after `samples` calls of crops.sample()."""
        for crops in self.crops.sets():
            crops.go_to(samples)

    def examples(self, count: int | None = None) -> Iterator[tuple[Image.Image, Image.Image]]:
        """Yield the first `count` images to be shown, all if None, each with its content target.

        That is the image itself, and in paired tasks its partner.
        """
        for index, path in enumerate(self.shown[:count]):
            if self.inputs_are == "pairs":
                yield read_pair(path, self.held_out.styles[index], self.content_size)
                continue
            content = read_image(path, short_side=self.content_size)
            yield self._input(content, index), content

    def held_out_inputs(self, count: int) -> Iterator[Image.Image]:
        """Yield the first `count` held-out images as painters get them; photos if any."""
        if self.held_out.inputs or self.held_out.styles:
            for content, _ in self.examples(count):
                yield content

    def training_inputs(self, count: int) -> Iterator[Image.Image]:
        """Yield at most `count` of the images in memory, evenly spread, as painters get them."""
        pyramids = self.crops.sets()[-1].pyramids
        count = min(count, len(pyramids))
        for index in range(count):
            pixels = pyramids[index * len(pyramids) // count][0]
            source = pixels[..., :3].cpu()  # of a pair the source has the first three channels
            yield self._input(from_pixels(source[None])[0], index)

    def tones(self) -> Tones:
        """Tones of the style images that are in memory."""
        return Tones.of([pyramid[-1][..., :3].cpu() for pyramid in self.crops.sets()[0].pyramids])

    def _input(self, content: Image.Image, index: int) -> Image.Image:
        if self.inputs_are == "drafts":
            return draft_of(content, index, self.content_size // _REFINED)
        return content


def load_folders(content: Path | None, style: Path, config: TrainConfig) -> Folders:
    """Find, inspect and decode the images of a training.

    content: photos for previews and scores, if any; in paired tasks the sources. style: a folder of
    style images, or a single one; in paired tasks the targets.

    Raises DataError for folders without images, for one folder as both, and if there are no pairs.
    """
    if config.is_paired:
        assert content is not None
        return _load_pairs(content, style, config)
    if content and content.resolve() == style.resolve():
        raise DataError(
            f"{content}: given as photos and as style pictures, too. "
            "Name two different folders, or the style pictures alone."
        )
    folders = _load_style(style, config)
    if content is None:
        return folders
    photos, lines = photos_to_show(find_images(content), config.hold_out)
    return replace(
        folders,
        inputs_are="photos",
        held_out=replace(folders.held_out, inputs=photos),
        report=(*lines, *folders.report),
        shown=photos,
    )


def _load_style(style: Path, config: TrainConfig) -> Folders:
    large = _REFINED * config.style_size
    load, load_large = _style_loader(config), _style_loader(config, large)

    def crops(paths: Sequence[Path], memory_gib: float) -> StyleCrops:
        small_gib = memory_gib / (1 + _REFINED**2)
        return StyleCrops(
            load_crops(paths, load, config.crop, small_gib),
            load_crops(paths, load_large, config.crop, _REFINED**2 * small_gib),
        )

    styles = split_images(style_paths(style), config, "style pictures", config.crop)
    kept = styles.held_out
    held_out = HeldOut(inputs=kept, styles=kept, crops=crops(kept, _HELD_OUT_GIB) if kept else None)
    shown = kept or tuple(islice(filter(is_readable, styles.training), _SHOWN))
    training = crops(styles.training, config.memory_gib)
    trained_on = tuple(styles.training)
    return Folders("drafts", training, held_out, large, styles.report, shown, trained_on)


def _style_loader(config: TrainConfig, short_side: int = 0) -> Load:
    return image_loader(
        short_side=short_side or config.style_size,
        crop=config.crop,
        smooth=config.style_smooth,
        zoom=config.style_zoom,
    )


def _load_pairs(source: Path, target: Path, config: TrainConfig) -> Folders:
    partners, alone = match_pairs(find_images(source), find_images(target), roots=(source, target))
    sources = split_images(sorted(partners), config, "pairs", config.crop, partners)
    load = pair_loader(partners, short_side=config.content_size, crop=config.crop)

    def crops(paths: Sequence[Path], memory_gib: float) -> PairedCrops:
        return PairedCrops(load_crops(paths, load, config.crop, memory_gib))

    held_out = HeldOut(
        inputs=sources.held_out,
        styles=tuple(partners[path] for path in sources.held_out),
        crops=crops(sources.held_out, _HELD_OUT_GIB) if sources.held_out else None,
    )
    report = (*sources.report, *alone)
    training = crops(sources.training, config.memory_gib)
    shown, trained_on = held_out.inputs, tuple(partners[path] for path in sources.training)
    return Folders("pairs", training, held_out, config.content_size, report, shown, trained_on)
