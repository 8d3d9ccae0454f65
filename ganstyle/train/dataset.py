"""Images of a training: crops to train on and images held out, for every kind of task."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import torch
from PIL import Image

from ganstyle.data.crop_sources import (
    CropSource,
    DraftCrops,
    PairedCrops,
    SketchedCrops,
    StyleCrops,
    UnpairedCrops,
)
from ganstyle.data.crops import load_crops
from ganstyle.data.pairs import match_pairs, pair_loader, read_pair
from ganstyle.data.pyramids import Load, image_loader
from ganstyle.errors import DataError
from ganstyle.files import find_images
from ganstyle.images.tensors import from_pixels, read_image
from ganstyle.sources.draft import draft_of
from ganstyle.sources.sketch import sketch_of
from ganstyle.train.config import TrainConfig
from ganstyle.train.held_out import Part, is_readable, part_images, style_paths

_CONTENT_FRACTION = 0.75
"""Part of the memory that content images may take beside style images, usually fewer."""

_REFINED = 2
"""Times the style's size to which paintings are reduced that are to be refined, and to which drafts
are enlarged for previews and scores."""

_SHOWN = 4
"""Style images shown where none are held out."""


@dataclass(frozen=True)
class HeldOut:
    """Images kept out of training. Both lists may be empty."""

    inputs: tuple[Path, ...] = ()
    """Inputs of the generator, or, for sketches and drafts, images that it should draw."""
    styles: tuple[Path, ...] = ()
    """Images that results should look like; in paired tasks the partners of inputs, in order."""
    crops: CropSource | None = None
    """Crops of both; None when either is empty."""


@dataclass(frozen=True)
class Folders:
    """All images of a training."""

    task: str
    crops: CropSource
    held_out: HeldOut
    content_size: int
    report: tuple[str, ...]
    """Findings of a look at the folders, a line each."""
    shown: tuple[Path, ...]
    """Images for previews."""

    @property
    def problems(self) -> tuple[str, ...]:
        """A line for each file left out."""
        return tuple(line for crops in self.crops.sets() for line in crops.problems)

    @property
    def nbytes(self) -> int:
        """Memory that the decoded images take, bytes."""
        return sum(crops.nbytes for crops in self.crops.sets())

    def move(self, device: torch.device) -> None:
        """Keep the images on a device from now on, so that no batch has to travel."""
        for crops in self.crops.sets():
            crops.move(device)

    def go_to(self, samples: int) -> None:
        """Bring the images into memory that are there after so many calls of crops.sample()."""
        for crops in self.crops.sets():
            crops.go_to(samples)

    def examples(self, count: int | None = None) -> Iterator[tuple[Image.Image, Image.Image]]:
        """Yield the first `count` images to be shown, all if None, each with its content target.

        That is the image itself, and in paired tasks its partner.
        """
        for index, path in enumerate(self.shown[:count]):
            if self.task == "paired":
                yield read_pair(path, self.held_out.styles[index], self.content_size)
                continue
            content = read_image(path, short_side=self.content_size)
            yield self._input(content, index), content

    def held_out_inputs(self, count: int) -> Iterator[Image.Image]:
        """Yield the first `count` images held out, as painters get them: style images, where there
        are no others."""
        if self.held_out.inputs or self.held_out.styles:
            for content, _ in self.examples(count):
                yield content

    def training_inputs(self, count: int) -> Iterator[Image.Image]:
        """Yield at most `count` of the images in memory, evenly spread, as painters get them."""
        sets = self.crops.sets()
        # Drafts as large as those held out: what is refined comes in, too.
        pyramids = sets[-1 if self.task == "draft" else 0].pyramids
        count = min(count, len(pyramids))
        for index in range(count):
            pixels = pyramids[index * len(pyramids) // count][0]
            source = pixels[..., :3].cpu()  # of a pair the source has the first three channels
            yield self._input(from_pixels(source[None])[0], index)

    def _input(self, content: Image.Image, index: int) -> Image.Image:
        if self.task == "draft":
            return draft_of(content, index, self.content_size // _REFINED)
        return sketch_of(content) if self.task == "sketch" else content


def load_folders(content: Path | None, style: Path, config: TrainConfig) -> Folders:
    """Find, look at and decode the images of both folders; for sketches they are the same.

    content: None to learn from style images alone. style: a single image will do, too.

    Raises DataError for folders without images, for content and style images that are the same,
    and for pairs without partners.
    """
    if config.task == "draft":
        return _load_drafts(style, config)
    if content is None:
        return _load_style(style, config)
    load = {"unpaired": _load_unpaired, "paired": _load_paired, "sketch": _load_sketched}
    return load[config.task](content, style, config)


def _load_style(style: Path, config: TrainConfig) -> Folders:
    load = _style_loader(config)

    def crops(paths: Sequence[Path]) -> StyleCrops:
        return StyleCrops(load_crops(paths, load, config.crop, config.memory_gib))

    styles = part_images(style_paths(style), config, "style pictures", config.crop)
    return _of_styles(styles, crops, config, config.style_size)


def _load_drafts(style: Path, config: TrainConfig) -> Folders:
    large = _REFINED * config.style_size
    load, load_large = _style_loader(config), _style_loader(config, large)

    def crops(paths: Sequence[Path]) -> DraftCrops:
        part = config.memory_gib / (1 + _REFINED**2)
        return DraftCrops(
            load_crops(paths, load, config.crop, part),
            load_crops(paths, load_large, config.crop, config.memory_gib - part),
        )

    styles = part_images(style_paths(style), config, "style pictures", config.crop)
    folders = _of_styles(styles, crops, config, large)
    return replace(folders, held_out=replace(folders.held_out, inputs=styles.held_out))


def _of_styles(
    styles: Part,
    crops: Callable[[Sequence[Path]], CropSource],
    config: TrainConfig,
    content_size: int,
) -> Folders:
    """Folders of style images alone. crops: loads some of them."""
    held_out = HeldOut(
        styles=styles.held_out, crops=crops(styles.held_out) if styles.held_out else None
    )
    shown = styles.held_out or tuple(islice(filter(is_readable, styles.training), _SHOWN))
    training = crops(styles.training)
    return Folders(config.task, training, held_out, content_size, styles.report, shown)


def _style_loader(config: TrainConfig, short_side: int = 0) -> Load:
    return image_loader(
        short_side=short_side or config.style_size,
        crop=config.crop,
        smooth=config.style_smooth,
        zoom=config.style_zoom,
    )


def _load_unpaired(content: Path, style: Path, config: TrainConfig) -> Folders:
    if content.resolve() == style.resolve():
        raise DataError(
            f"{content}: named as photos and as style pictures, so there is no style to learn. "
            "Name two folders."
        )
    contents = part_images(find_images(content), config, "photos", config.crop)
    styles = part_images(style_paths(style), config, "style pictures", config.crop)
    load_content = image_loader(short_side=config.content_size, crop=config.crop)
    load_style = _style_loader(config)

    def crops(content_paths: Sequence[Path], style_paths: Sequence[Path]) -> UnpairedCrops:
        gib = config.memory_gib
        return UnpairedCrops(
            load_crops(content_paths, load_content, config.crop, gib * _CONTENT_FRACTION),
            load_crops(style_paths, load_style, config.crop, gib * (1 - _CONTENT_FRACTION)),
        )

    both = bool(contents.held_out and styles.held_out)
    held_out = HeldOut(
        inputs=contents.held_out,
        styles=styles.held_out,
        crops=crops(contents.held_out, styles.held_out) if both else None,
    )
    report = (*contents.report, *styles.report)
    training = crops(contents.training, styles.training)
    return Folders(config.task, training, held_out, config.content_size, report, held_out.inputs)


def _load_paired(source: Path, target: Path, config: TrainConfig) -> Folders:
    partners, alone = match_pairs(find_images(source), find_images(target))
    sources = part_images(sorted(partners), config, "pairs", config.crop, partners)
    load = pair_loader(partners, short_side=config.content_size, crop=config.crop)

    def crops(paths: Sequence[Path]) -> PairedCrops:
        return PairedCrops(load_crops(paths, load, config.crop, config.memory_gib))

    held_out = HeldOut(
        inputs=sources.held_out,
        styles=tuple(partners[path] for path in sources.held_out),
        crops=crops(sources.held_out) if sources.held_out else None,
    )
    report = (*sources.report, *alone)
    training = crops(sources.training)
    return Folders(config.task, training, held_out, config.content_size, report, held_out.inputs)


def _load_sketched(content: Path, _: Path, config: TrainConfig) -> Folders:
    photos = part_images(find_images(content), config, "photos", config.crop)
    load = image_loader(short_side=config.content_size, crop=config.crop)

    def crops(paths: Sequence[Path]) -> SketchedCrops:
        return SketchedCrops(load_crops(paths, load, config.crop, config.memory_gib))

    held_out = HeldOut(
        inputs=photos.held_out,
        styles=photos.held_out,
        crops=crops(photos.held_out) if photos.held_out else None,
    )
    training, report = crops(photos.training), photos.report
    return Folders(config.task, training, held_out, config.content_size, report, held_out.inputs)
