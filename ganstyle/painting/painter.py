"""The generator on pictures: batches, tiles, and the dials between photo and style."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import torch
from PIL import Image

from ganstyle.config import SMALLEST_TILE, Dials
from ganstyle.images.color import keep_chroma
from ganstyle.images.tensors import rounded, scaled
from ganstyle.models.generator import Generator
from ganstyle.models.geometry import bytes_per_pixel, receptive_field, row_heights
from ganstyle.painting.guided_upsample import enlarge
from ganstyle.painting.tiling import Tile, cut_out, plan_tiles, tile_side
from ganstyle.runtime import Runtime, free_memory, is_out_of_memory

CALL_PIXELS = {"cpu": 2**21, "cuda": 2**25}
"""Most pixels that go through the network at once, by device, however much memory is free."""

TILE_PIXELS = {"cpu": 2**20, "cuda": 2**24}
"""The same for the tiles of larger pictures, which themselves take much memory."""

BATCH_PIXELS = {"cpu": 2**19, "cuda": 2**23}
"""Pixels of a batch of several. A CPU gains nothing from a batch that falls out of its cache."""

MEMORY_SHARE = 0.4
"""Part of the free memory that one pass through the network may take."""


class Painter:
    """A generator with all that decides how pictures go through it.

    tile: side in pixels of the tiles that pictures are cut into, 0 to cut none, None to decide by
    the memory that is free.
    """

    def __init__(
        self, generator: Generator, runtime: Runtime, dials: Dials, tile: int | None = None
    ) -> None:
        self.generator = generator.to(runtime.device, runtime.dtype)
        self.runtime = runtime
        self.dials = dials
        self.tile = tile
        self.reach = receptive_field(generator.config)

    def __call__(self, photos: Sequence[Image.Image]) -> list[Image.Image]:
        """Redraw RGB pictures of equal size; the results have that size too.

        Raises RuntimeError when even a small tile does not fit into memory.
        """
        inputs = [self.downscale(photo) for photo in photos]
        results = self.run(inputs)
        return [self.restore(*pair) for pair in zip(photos, results, strict=True)]

    def downscale(self, photo: Image.Image) -> Image.Image:
        """What the network gets of an RGB photo: the photo at dials.scale."""
        if self.dials.scale == 1:
            return photo
        size = [max(1, round(side * self.dials.scale)) for side in photo.size]
        return photo.resize((size[0], size[1]), Image.Resampling.LANCZOS)

    def restore(self, photo: Image.Image, result: Image.Image) -> Image.Image:
        """The result for an RGB photo from what the network made of prepare(photo)."""
        if self.dials.strength == 0:
            return photo
        if result.size != photo.size:
            result = enlarge(result, photo) if self.dials.scale < 1 else _reduce(result, photo)
        return keep_chroma(result, photo) if self.dials.keep_color else result

    @torch.inference_mode()
    def run(self, images: Sequence[Image.Image]) -> list[Image.Image]:
        """The network on prepared pictures of equal size."""
        if self.dials.strength == 0:
            return list(images)
        width, height = images[0].size
        side, pixels = self._budget(width * height)
        while True:
            try:
                return self._tiles(images, side, pixels)
            except RuntimeError as error:
                smallest = (SMALLEST_TILE + 2 * self.reach) ** 2
                if not is_out_of_memory(error) or pixels <= smallest:
                    raise
            pixels = min(pixels, len(images) * width * height) // 2
            if width * height > pixels:
                side = min(side or max(width, height), tile_side(pixels, self.reach))

    def _budget(self, size: int) -> tuple[int | None, int]:
        """Side of the tiles for a picture of that many pixels, None for the whole picture at once,
        and the most pixels that should go through the network in one call."""
        device = self.runtime.device
        batch = BATCH_PIXELS[device.type]
        if self.tile is not None:
            return self.tile or None, max(size, batch)
        each = bytes_per_pixel(self.generator.config, self.runtime.dtype.itemsize)
        affordable = max(1, int(MEMORY_SHARE * free_memory(device) / each))
        if size <= min(CALL_PIXELS[device.type], affordable):
            return None, max(size, min(batch, affordable))
        side = tile_side(min(TILE_PIXELS[device.type], affordable), self.reach)
        return side, min(batch, affordable)

    def _tiles(
        self, images: Sequence[Image.Image], side: int | None, pixels: int
    ) -> list[Image.Image]:
        stride = self.generator.config.stride
        tiles = plan_tiles(images[0].size, side, reach=self.reach, stride=stride)
        results = [Image.new("RGB", image.size) for image in images] if len(tiles) > 1 else []
        tiles.sort(key=lambda tile: tile.outer_size)
        for (width, height), group in groupby(tiles, lambda tile: tile.outer_size):
            pairs = [(index, tile) for tile in group for index in range(len(images))]
            count = max(1, pixels // (width * height))
            for start in range(0, len(pairs), count):
                batch = pairs[start : start + count]
                parts = self._paint([(images[index], tile) for index, tile in batch])
                if len(tiles) == 1:
                    results += map(Image.fromarray, parts)
                    continue
                for (index, tile), part in zip(batch, parts, strict=True):
                    results[index].paste(Image.fromarray(part), tile.inner[:2])
        return results

    def _paint(self, cuts: Sequence[tuple[Image.Image, Tile]]) -> list[np.ndarray]:
        """Tiles of equal outer size, redrawn: uint8 (H, W, 3) of the inner size each."""
        pixels = torch.from_numpy(np.stack([cut_out(image, tile.outer) for image, tile in cuts]))
        batch = scaled(pixels, self.runtime.device)
        heights = torch.stack(
            [row_heights(tile.outer[1], tile.outer[3], image.height) for image, tile in cuts]
        )
        drawn = self.generator.redraw(batch, self.dials.strength, heights=heights.to(batch))
        parts = rounded(drawn).numpy()
        return [_inner(part, tile) for part, (_, tile) in zip(parts, cuts, strict=True)]


def _inner(part: np.ndarray, tile: Tile) -> np.ndarray:
    x, y = tile.offset
    left, top, right, bottom = tile.inner
    return np.ascontiguousarray(part[y : y + bottom - top, x : x + right - left])


def _reduce(result: Image.Image, photo: Image.Image) -> Image.Image:
    return result.resize(photo.size, Image.Resampling.LANCZOS)
