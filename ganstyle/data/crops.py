"""Training crops, cut from images that are decoded once."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from ganstyle.data.pyramids import Load, Pyramid
from ganstyle.data.stream import ImageStream
from ganstyle.errors import DataError, ImageError, counted


@dataclass(frozen=True)
class Crops:
    """Crops of images, (B, C, S, S), float32 in [0, 1].

    edges: heights of the upper and lower edge of each crop in its image, from -1 at the top of the
    image to 1 at its bottom, (B, 2).
    """

    images: Tensor
    edges: Tensor

    def map(self, function: Callable[[Tensor], Tensor]) -> "Crops":
        """Apply a function to both tensors, whose rows are crops."""
        return Crops(function(self.images), function(self.edges))


class Batch(NamedTuple):
    """Crops of a step, B of each kind.

    In paired tasks `first` holds sources and `second` their targets, in the same order. Otherwise
    `first` holds crops of style images to draft, and `second` those of larger ones to refine.
    """

    first: Crops
    second: Crops

    def map(self, function: Callable[[Tensor], Tensor]) -> "Batch":
        """Apply a function to all tensors, whose rows are crops."""
        return Batch(self.first.map(function), self.second.map(function))


class CropSet:
    """Images in memory that crops are taken from.

    pyramids: the images. stream: replaces them by others if not all fit into memory. problems: a
    line for each file left out; the stream adds more as it finds them.
    """

    def __init__(
        self,
        pyramids: Sequence[Pyramid],
        crop: int,
        problems: Sequence[str] = (),
        stream: ImageStream | None = None,
    ) -> None:
        self.pyramids = list(pyramids)
        self.crop = crop
        self.problems = problems
        self.stream = stream

    @property
    def nbytes(self) -> int:
        """Memory that the images take, bytes."""
        return sum(level.nbytes for levels in self.pyramids for level in levels)

    def move(self, device: torch.device) -> None:
        """Move the images to a device, unless a stream replaces them."""
        if not self.stream:
            self.pyramids = [tuple(level.to(device) for level in p) for p in self.pyramids]

    def sample(self, batch: int, rng: torch.Generator) -> Crops:
        """Random crops, half of them mirrored."""
        pixels, edges = zip(*(self._random_crop(rng) for _ in range(batch)), strict=True)
        crops = torch.stack(pixels)  # (batch, crop, crop, C)
        if self.stream:
            self.stream.advance(self.pyramids)
        images = crops.permute(0, 3, 1, 2).float().div_(255)  # stays channels_last in memory
        return Crops(images, torch.tensor(edges, device=images.device))

    def go_to(self, samples: int) -> None:
        """Load the images that are in memory after `samples` calls of sample()."""
        if self.stream:
            self.stream.go_to(samples, self.pyramids)

    def _random_crop(self, rng: torch.Generator) -> tuple[Tensor, tuple[float, float]]:
        def below(limit: int) -> int:
            return int(torch.randint(limit, (), generator=rng))

        pyramid = self.pyramids[below(len(self.pyramids))]
        pixels = pyramid[below(len(pyramid))]
        top = below(pixels.shape[0] - self.crop + 1)
        left = below(pixels.shape[1] - self.crop + 1)
        crop = pixels[top : top + self.crop, left : left + self.crop]
        edges = (2 * top / len(pixels) - 1, 2 * (top + self.crop) / len(pixels) - 1)
        return crop.flip(1) if below(2) else crop, edges


def load_crops(paths: Sequence[Path], load: Load, crop: int, memory_gib: float) -> CropSet:
    """Decode images once, by `load`, and keep them within memory_gib.

    If not all fit, as many as possible are kept, and each sample replaces one by the next. Files
    that cannot be read are left out and named in `problems`. Raises DataError if nothing is left.
    """
    problems: list[str] = []

    def try_loading(path: Path) -> Pyramid:
        try:
            return load(path)
        except ImageError as error:
            if str(error) not in problems:  # the stream may read it again
                problems.append(str(error))
            return ()

    if not paths:
        raise DataError("There are no pictures to train on.")
    with ThreadPoolExecutor() as pool:
        first = list(pool.map(try_loading, paths[:: max(1, len(paths) // 8)]))
        bytes_each = sum(level.nbytes for levels in first for level in levels) / len(first)
        fitting = memory_gib * 2**30 / max(1.0, bytes_each)
        problems.clear()
        if max(1.0, fitting) >= len(paths):
            pyramids = [levels for levels in pool.map(try_loading, paths) if levels]
            stream = None
        else:
            order = torch.randperm(len(paths), generator=torch.Generator().manual_seed(0))
            paths = [paths[index] for index in order.tolist()]
            slots = max(1, int(fitting))
            stream = ImageStream(paths, slots, try_loading)
            pyramids = stream.start()
    if stream:
        problems.append(
            f"{len(paths)} pictures do not fit into {memory_gib:.2g} GiB: {stream.slots} at a time "
            "are in memory, and each step replaces one (--memory-gib sets the limit)."
        )
    if not pyramids:
        raise DataError(
            f"{counted(len(paths), 'picture')}, none of which can be read. The first: {problems[0]}"
        )
    return CropSet(pyramids, crop, problems, stream)


def split_held_out(paths: Sequence[Path], count: int) -> tuple[list[Path], list[Path]]:
    """Split paths into (training, held out): `count` evenly spread ones, at most a fifth."""
    count = min(count, len(paths) // 5)
    picked = evenly_spread(len(paths), count)
    training = [path for i, path in enumerate(paths) if i not in picked]
    return training, [paths[i] for i in picked]


def evenly_spread(total: int, count: int) -> list[int]:
    """`count` evenly spread indices below `total`, in order. count: at most total."""
    return [int((i + 0.5) * total / count) for i in range(count)]
