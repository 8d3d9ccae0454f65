"""Training crops out of pictures that were decoded once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image, ImageFilter
from torch import Tensor

from ganstyle.data.imageio import read_image, reduce_image, to_tensor
from ganstyle.errors import DataError, ImageError

SCALES = (1.0, 0.8, 0.63)
"""Sizes of each picture that crops are taken from; resizing each crop afresh was half a step."""

_SMOOTH_AT = 4 / 3
"""Size at which the median filter works, of the final one: at the final size it eats thin lines."""


@dataclass(frozen=True)
class CropSet:
    """Pictures at every scale that a crop fits into, as uint8, ready to be cropped.

    pyramids: for each picture its scales, uint8 (H, W, 3), H and W `crop` or more.
    problems: a line for each file left out.
    """

    pyramids: tuple[tuple[Tensor, ...], ...]
    crop: int
    problems: tuple[str, ...] = ()

    def sample(self, batch: int, chance: torch.Generator) -> Tensor:
        """Random crops, half of them mirrored: float32 (batch, 3, crop, crop) in [0, 1]."""
        crops = torch.stack([self._one(chance) for _ in range(batch)])  # (batch, crop, crop, 3)
        return crops.permute(0, 3, 1, 2).float().div_(255)  # stays channels_last in memory

    def _one(self, chance: torch.Generator) -> Tensor:
        def below(limit: int) -> int:
            return int(torch.randint(limit, (), generator=chance))

        pyramid = self.pyramids[below(len(self.pyramids))]
        pixels = pyramid[below(len(pyramid))]
        top = below(pixels.shape[0] - self.crop + 1)
        left = below(pixels.shape[1] - self.crop + 1)
        crop = pixels[top : top + self.crop, left : left + self.crop]
        return crop.flip(1) if below(2) else crop


def load_crops(
    paths: Sequence[Path], *, short_side: int, crop: int, memory_gib: float, smooth: int = 1
) -> CropSet:
    """Decode pictures once and keep them at SCALES, within memory_gib.

    Larger pictures are reduced to short_side; smaller ones than the crop are enlarged to it. A
    median filter of `smooth` pixels, before the last reduction, takes out grain but leaves
    outlines.
    When the decoded pictures would need more memory, every n-th is used. Files that cannot be
    read are left out and named in `problems`. Raises DataError when nothing is left.
    """
    problems: list[str] = []

    def load(path: Path) -> tuple[Tensor, ...]:
        try:
            if smooth == 1:
                return _pyramid(read_image(path, short_side=short_side), crop)
            image = read_image(path, short_side=round(short_side * _SMOOTH_AT))
            image = image.filter(ImageFilter.MedianFilter(smooth))
            return _pyramid(reduce_image(image, short_side), crop)
        except ImageError as error:
            problems.append(str(error))
            return ()

    if not paths:
        raise DataError("There are no pictures to train on.")
    with ThreadPoolExecutor() as pool:
        first = list(pool.map(load, paths[:: max(1, len(paths) // 8)]))
        bytes_each = sum(level.nbytes for levels in first for level in levels) / len(first)
        step = max(1, -int(-len(paths) * bytes_each // (memory_gib * 2**30)))
        problems.clear()
        pyramids = tuple(levels for levels in pool.map(load, paths[::step]) if levels)
    if step > 1:
        problems.append(
            f"{len(paths)} pictures do not fit into {memory_gib:g} GiB: "
            f"one in {step} of them is used (--memory-gib allows more)."
        )
    if not pyramids:
        raise DataError(f"None of {len(paths)} pictures can be read. The first: {problems[0]}")
    return CropSet(pyramids, crop, tuple(problems))


def split_held_out(paths: Sequence[Path], count: int) -> tuple[list[Path], list[Path]]:
    """Part paths into (training, held out): `count` evenly spread ones, a fifth of them at most."""
    count = min(count, len(paths) // 5)
    picked = {int((i + 0.5) * len(paths) / count) for i in range(count)}
    training = [path for i, path in enumerate(paths) if i not in picked]
    return training, [paths[i] for i in sorted(picked)]


def _pyramid(image: Image.Image, crop: int) -> tuple[Tensor, ...]:
    short = min(image.size)
    if short < crop:
        sides = [max(crop, round(side * crop / short)) for side in image.size]
        return (to_tensor(image.resize((sides[0], sides[1]), Image.Resampling.BICUBIC)),)
    levels = []
    for scale in SCALES:
        size = (round(image.width * scale), round(image.height * scale))
        if min(size) >= crop:
            level = image if scale == 1 else image.resize(size, Image.Resampling.LANCZOS)
            levels.append(to_tensor(level))
    return tuple(levels)
