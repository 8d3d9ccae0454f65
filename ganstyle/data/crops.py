"""Training crops out of pictures that were decoded once."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import torch
from PIL import Image, ImageFilter
from torch import Tensor

from ganstyle.errors import DataError, ImageError
from ganstyle.images.read import Limit
from ganstyle.images.resize import enlarged
from ganstyle.images.tensors import read_image, to_tensor

SCALES = (1.0, 0.8, 0.63)
"""Sizes of each picture that crops are taken from; resizing each crop afresh was half a step."""

_DECODED_AHEAD = 4
"""Pictures that are decoded before their turn comes."""

_SMOOTH_AT = 4 / 3
"""Size at which the median filter works, of the final one: at the final size it eats thin lines."""


Pyramid = tuple[Tensor, ...]
"""A picture at every scale that a crop fits into: uint8 (H, W, C), ready to be cropped."""

Load = Callable[[Path], Pyramid]
"""Decodes a picture."""


class CropSet:
    """Pictures in memory that crops are taken from.

    pyramids: the pictures. stream: brings others in their place, when not all fit into memory.
    problems: a line for each file left out; it grows when the stream comes upon others.
    """

    def __init__(
        self,
        pyramids: Sequence[Pyramid],
        crop: int,
        problems: Sequence[str] = (),
        stream: "PictureStream | None" = None,
    ) -> None:
        self.pyramids = list(pyramids)
        self.crop = crop
        self.problems = problems
        self.stream = stream

    @property
    def nbytes(self) -> int:
        """Memory that the pictures take, bytes."""
        return sum(level.nbytes for levels in self.pyramids for level in levels)

    def move(self, device: torch.device) -> None:
        """Keep the pictures on a device from now on, unless they come and go."""
        if not self.stream:
            self.pyramids = [tuple(level.to(device) for level in p) for p in self.pyramids]

    def sample(self, batch: int, chance: torch.Generator) -> Tensor:
        """Random crops, half of them mirrored: float32 (batch, C, crop, crop) in [0, 1]."""
        crops = torch.stack([self._one(chance) for _ in range(batch)])  # (batch, crop, crop, C)
        if self.stream:
            self.stream.advance(self.pyramids)
        return crops.permute(0, 3, 1, 2).float().div_(255)  # stays channels_last in memory

    def go_to(self, samples: int) -> None:
        """Bring the pictures into memory that are there after so many calls of sample()."""
        if self.stream:
            self.stream.go_to(samples, self.pyramids)

    def _one(self, chance: torch.Generator) -> Tensor:
        def below(limit: int) -> int:
            return int(torch.randint(limit, (), generator=chance))

        pyramid = self.pyramids[below(len(self.pyramids))]
        pixels = pyramid[below(len(pyramid))]
        top = below(pixels.shape[0] - self.crop + 1)
        left = below(pixels.shape[1] - self.crop + 1)
        crop = pixels[top : top + self.crop, left : left + self.crop]
        return crop.flip(1) if below(2) else crop


class PictureStream:
    """Swaps one picture a step, in an order that is fixed, so that a resumed run sees the same.

    Swap number t puts picture slots + t, counted round, into slot t, counted round.
    paths: all pictures; the first `slots` of them are in memory at the start.
    """

    def __init__(self, paths: Sequence[Path], slots: int, load: Load) -> None:
        self.paths = paths
        self.slots = slots
        self.load = load
        self.workers = ThreadPoolExecutor(2, thread_name_prefix="pictures")
        self.swaps = 0
        self.coming: deque[Future[Pyramid]] = deque()

    def advance(self, pyramids: list[Pyramid]) -> None:
        """Do the next swap; waits when the picture is not decoded yet."""
        while len(self.coming) < _DECODED_AHEAD:
            path = self._incoming(self.swaps + len(self.coming))
            self.coming.append(self.workers.submit(self.load, path))
        if levels := self.coming.popleft().result():
            pyramids[self.swaps % self.slots] = levels
        self.swaps += 1

    def go_to(self, swaps: int, pyramids: list[Pyramid]) -> None:
        """Bring pyramids, as they are at the start, to what they are after so many swaps."""
        self.coming.clear()
        self.swaps = swaps
        # Two rounds: where a picture is broken, its slot keeps what came a round before.
        last = range(max(0, swaps - 2 * self.slots), swaps)
        for swap, levels in zip(
            last, self.workers.map(self.load, map(self._incoming, last)), strict=True
        ):
            if levels:
                pyramids[swap % self.slots] = levels

    def _incoming(self, swap: int) -> Path:
        return self.paths[(self.slots + swap) % len(self.paths)]


def load_crops(paths: Sequence[Path], load: Load, crop: int, memory_gib: float) -> CropSet:
    """Decode pictures once and keep them, within memory_gib; load decodes one of them.

    When the decoded pictures would need more memory, as many as fit are kept, and one is swapped
    for the next at every sample. Files that cannot be read are left out and named in `problems`.
    Raises DataError when nothing is left.
    """
    problems: list[str] = []

    def try_loading(path: Path) -> Pyramid:
        try:
            return load(path)
        except ImageError as error:
            if str(error) not in problems:  # the stream comes by again
                problems.append(str(error))
            return ()

    if not paths:
        raise DataError("There are no pictures to train on.")
    with ThreadPoolExecutor() as pool:
        first = list(pool.map(try_loading, paths[:: max(1, len(paths) // 8)]))
        bytes_each = sum(level.nbytes for levels in first for level in levels) / len(first)
        slots = max(1, int(memory_gib * 2**30 / max(1.0, bytes_each)))
        problems.clear()
        if slots >= len(paths):
            pyramids = [levels for levels in pool.map(try_loading, paths) if levels]
            stream = None
        else:
            order = torch.randperm(len(paths), generator=torch.Generator().manual_seed(0))
            paths = [paths[index] for index in order.tolist()]
            kept = list(pool.map(try_loading, paths[:slots]))
            spare = next((levels for levels in kept if levels), ())
            pyramids = [levels or spare for levels in kept] if spare else []
            stream = PictureStream(paths, slots, try_loading)
    if stream:
        problems.append(
            f"{len(paths)} pictures do not fit into {memory_gib:.2g} GiB: {slots} are kept, and "
            "one is swapped for the next at every step (--memory-gib allows more)."
        )
    if not pyramids:
        raise DataError(f"None of {len(paths)} pictures can be read. The first: {problems[0]}")
    return CropSet(pyramids, crop, problems, stream)


def picture_loader(*, short_side: int, crop: int, smooth: int = 1, zoom: float = 1) -> Load:
    """Decodes a picture into SCALES of it; one smaller than the crop is enlarged to it.

    Larger pictures are reduced to short_side first, then all are enlarged by zoom. A median filter
    of `smooth` pixels, before the last reduction or after enlarging, takes out grain but leaves
    outlines. What it returns raises ImageError.
    """

    def smoothed(image: Image.Image) -> Image.Image:
        return image.filter(ImageFilter.MedianFilter(smooth)) if smooth > 1 else image

    def load(path: Path) -> Pyramid:
        if zoom > 1:
            return pyramid(smoothed(enlarged(read_image(path, short_side=short_side), zoom)), crop)
        above = _SMOOTH_AT if smooth > 1 else 1
        image = smoothed(read_image(path, short_side=round(short_side * above)))
        return pyramid(Limit(shorter=short_side).reduce(image), crop)

    return load


def split_held_out(paths: Sequence[Path], count: int) -> tuple[list[Path], list[Path]]:
    """Part paths into (training, held out): `count` evenly spread ones, a fifth of them at most."""
    count = min(count, len(paths) // 5)
    picked = {int((i + 0.5) * len(paths) / count) for i in range(count)}
    training = [path for i, path in enumerate(paths) if i not in picked]
    return training, [paths[i] for i in sorted(picked)]


def pyramid(image: Image.Image, crop: int) -> Pyramid:
    """A picture at every one of SCALES that a crop fits into; enlarged if none does."""
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
