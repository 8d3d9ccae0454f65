"""The generator on images: batches, tiles, and the dials between content and style."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import torch
from PIL import Image

from ganstyle.config import SMALLEST_TILE, Dials
from ganstyle.images.color import keep_chroma
from ganstyle.images.tensors import rounded, scaled, to_rgb
from ganstyle.models.generator import Generator
from ganstyle.models.geometry import bytes_per_pixel, receptive_field, row_heights
from ganstyle.painting.guided_upsample import guided_upsample
from ganstyle.painting.tiling import Tile, crop_padded, plan_tiles, tile_side
from ganstyle.runtime import Runtime, free_memory, is_out_of_memory, runtime_of

CALL_PIXELS = {"cpu": 2**21, "cuda": 2**25}
"""Most pixels that go through the network at once, by device, however much memory is free."""

TILE_PIXELS = {"cpu": 2**20, "cuda": 2**24}
"""The same for the tiles of larger images, which themselves take much memory."""

BATCH_PIXELS = {"cpu": 2**19, "cuda": 2**23}
"""Pixels of a batch of several. A CPU gains nothing from a batch that falls out of its cache."""

MEMORY_SHARE = 0.4
"""Part of the free memory that one pass through the network may take."""


def stylize_image(
    image: Image.Image, generator: Generator, dials: Dials | None = None
) -> Image.Image:
    """Stylize one image of any size from 1x1 up; returns an image of the same size.

    generator: from load_generator, on any device and in any precision. dials: the style in full
    by default. The result is RGB, or RGBA when the image has transparent parts.
    """
    content, alpha = to_rgb(image)
    stylized = Painter(generator, runtime_of(generator), dials or Dials()).paint([content])[0]
    if alpha:
        stylized.putalpha(alpha)
    return stylized


class Painter:
    """A generator with all that decides how images go through it.

    tile: side in pixels of the tiles that images are cut into, 0 to cut none, None to decide by
    the memory that is free.
    """

    def __init__(
        self, generator: Generator, runtime: Runtime, dials: Dials, tile: int | None = None
    ) -> None:
        self.generator = generator.to(runtime.device, runtime.dtype)
        self.runtime = runtime
        self.dials = dials
        self.tile = tile
        self.halo = receptive_field(generator.config)

    def paint(self, contents: Sequence[Image.Image]) -> list[Image.Image]:
        """Stylize RGB content images of equal size; the stylized images have that size too.

        Raises RuntimeError when even a small tile does not fit into memory.
        """
        outputs = self.forward_tiles([self.downscale(content) for content in contents])
        return [self.restore(*pair) for pair in zip(contents, outputs, strict=True)]

    def downscale(self, content: Image.Image) -> Image.Image:
        """The generator's input for an RGB content image: the image at dials.scale."""
        if self.dials.scale == 1:
            return content
        size = [max(1, round(side * self.dials.scale)) for side in content.size]
        return content.resize((size[0], size[1]), Image.Resampling.LANCZOS)

    def restore(self, content: Image.Image, output: Image.Image) -> Image.Image:
        """The stylized image, of what the generator made of downscale(content)."""
        if self.dials.strength == 0:
            return content
        if output.size != content.size:
            resize = guided_upsample if self.dials.scale < 1 else _reduce
            output = resize(output, content)
        return keep_chroma(output, content) if self.dials.keep_color else output

    @torch.inference_mode()
    def forward_tiles(self, inputs: Sequence[Image.Image]) -> list[Image.Image]:
        """The generator's outputs for inputs of equal size, cut into tiles as memory asks for it.

        Raises RuntimeError as paint() does.
        """
        if self.dials.strength == 0:
            return list(inputs)
        width, height = inputs[0].size
        side, pixels = self._budget(width * height)
        while True:
            try:
                return self._forward(inputs, side, pixels)
            except RuntimeError as error:
                smallest = (SMALLEST_TILE + 2 * self.halo) ** 2
                if not is_out_of_memory(error) or pixels <= smallest:
                    raise
            pixels = min(pixels, len(inputs) * width * height) // 2
            if width * height > pixels:
                side = min(side or max(width, height), tile_side(pixels, self.halo))

    def _budget(self, size: int) -> tuple[int | None, int]:
        """Side of the tiles for an image of that many pixels, None for the whole image at once,
        and the most pixels that should go through the network in one call."""
        device = self.runtime.device
        batch = BATCH_PIXELS[device.type]
        if self.tile is not None:
            return self.tile or None, max(size, batch)
        each = bytes_per_pixel(self.generator.config, self.runtime.dtype.itemsize)
        affordable = max(1, int(MEMORY_SHARE * free_memory(device) / each))
        if size <= min(CALL_PIXELS[device.type], affordable):
            return None, max(size, min(batch, affordable))
        side = tile_side(min(TILE_PIXELS[device.type], affordable), self.halo)
        return side, min(batch, affordable)

    def _forward(
        self, inputs: Sequence[Image.Image], side: int | None, pixels: int
    ) -> list[Image.Image]:
        """Outputs for inputs of equal size, by tiles of that side, `pixels` at most in one call."""
        stride = self.generator.config.stride
        tiles = plan_tiles(inputs[0].size, side, halo=self.halo, stride=stride)
        outputs = [Image.new("RGB", image.size) for image in inputs] if len(tiles) > 1 else []
        tiles.sort(key=lambda tile: tile.outer_size)
        for (width, height), group in groupby(tiles, lambda tile: tile.outer_size):
            pairs = [(index, tile) for tile in group for index in range(len(inputs))]
            count = max(1, pixels // (width * height))
            for start in range(0, len(pairs), count):
                batch = pairs[start : start + count]
                parts = self._forward_batch([(inputs[index], tile) for index, tile in batch])
                if len(tiles) == 1:
                    outputs += map(Image.fromarray, parts)
                    continue
                for (index, tile), part in zip(batch, parts, strict=True):
                    outputs[index].paste(Image.fromarray(part), tile.inner[:2])
        return outputs

    def _forward_batch(self, crops: Sequence[tuple[Image.Image, Tile]]) -> list[np.ndarray]:
        """Outputs for tiles of equal outer size: uint8 (H, W, 3) of the inner size each."""
        pixels = [crop_padded(image, tile.outer) for image, tile in crops]
        batch = scaled(torch.from_numpy(np.stack(pixels)), self.runtime.device)  # (B, 3, H, W)
        heights = torch.stack(
            [row_heights(tile.outer[1], tile.outer[3], image.height) for image, tile in crops]
        )  # (B, H)
        output = self.generator.redraw(batch, self.dials.strength, heights=heights.to(batch))
        parts = rounded(output).numpy()  # (B, H, W, 3)
        return [_inner(part, tile) for part, (_, tile) in zip(parts, crops, strict=True)]


def _inner(part: np.ndarray, tile: Tile) -> np.ndarray:
    x, y = tile.offset
    left, top, right, bottom = tile.inner
    return np.ascontiguousarray(part[y : y + bottom - top, x : x + right - left])


def _reduce(output: Image.Image, content: Image.Image) -> Image.Image:
    return output.resize(content.size, Image.Resampling.LANCZOS)
