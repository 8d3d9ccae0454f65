"""The generator on images: batches, tiles, and the dials between content and style."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from functools import lru_cache

import torch
from PIL import Image
from torch import Tensor

from ganstyle.config import SMALLEST_TILE, Dials
from ganstyle.images.color import keep_chroma
from ganstyle.images.resize import Size
from ganstyle.images.tensors import from_pixels, rounded, scaled, to_pixels
from ganstyle.models.generator import Generator
from ganstyle.models.geometry import bytes_per_pixel, receptive_field
from ganstyle.models.int8 import Int8Generator
from ganstyle.models.noise import Place
from ganstyle.painting.levels import (
    ContentPyramid,
    Level,
    content_pyramid,
    draw_sources,
    plan_levels,
)
from ganstyle.painting.tiling import Box, Tile, crop_padded, plan_tiles, tile_side
from ganstyle.painting.tone import match_tone
from ganstyle.runtime import Runtime, free_memory, is_out_of_memory
from ganstyle.sources.line_drawing import color_in, is_line_drawing

CALL_PIXELS = {"cpu": 2**21, "cuda": 2**25}
"""Most pixels that go through the network at once, by device, however much memory is free."""

BATCH_PIXELS = {"cpu": 2**19, "cuda": 2**23}
"""Pixels of a batch of several. A CPU gains nothing from a batch that falls out of its cache."""

_MOST_LEVELS = 32
"""Levels of an image, each of which has random maps of its own."""

MEMORY_SHARE = 0.4
"""Part of the free memory that one pass through the network may take."""


class Painter:
    """A generator with all that decides how images go through it.

    tile: side in pixels of the tiles that images are cut into, 0 to cut none, None to decide by
    the memory that is free. draw: the generator on sources, uint8 (B, H, W, 3), at a place of whole
    strides, to the same.
    """

    def __init__(
        self, generator: Generator, runtime: Runtime, dials: Dials, tile: int | None = None
    ) -> None:
        self.runtime = replace(runtime, int8=runtime.int8 and generator.config.int8)
        if self.runtime.int8:
            generator.to(runtime.device, torch.float32)
            self.draw: Callable[[Tensor, Place], Tensor] = Int8Generator(generator)
        else:
            generator.to(runtime.device, runtime.dtype)
            self.draw = self._draw_in_floats
        self.generator = generator
        self.dials = dials
        self.tile = tile
        self.halo = receptive_field(generator.config)
        self.abstraction = generator.config.source
        if self.abstraction and dials.abstraction is not None:
            self.abstraction = replace(self.abstraction, factor=dials.abstraction)
        own = generator.config.keep_tone
        self.keep_tone = own if dials.keep_tone is None else dials.keep_tone
        self.palette = deepcopy(generator.palette).float().cpu() if generator.palette else None

    def with_dials(self, dials: Dials) -> "Painter":
        """The same generator with other dials."""
        return Painter(self.generator, self.runtime, dials, self.tile)

    def paint(self, contents: Sequence[Image.Image]) -> list[Image.Image]:
        """Stylize RGB content images of equal size; the stylized images have that size too.

        Raises RuntimeError when even a small tile does not fit into memory.
        """
        pyramids = [self.downscale(content) for content in contents]
        canvases = self.paint_levels(pyramids)
        return [self.restore(*pair) for pair in zip(pyramids, canvases, strict=True)]

    def enough(self, size: Size) -> Size:
        """Size to which a content image of that size may be reduced before it is downscaled."""
        if self._needs_whole or self.generator.config.drafts:
            return size
        needed = self._plan(size)[-1].reduced
        return min(needed[0], size[0]), min(needed[1], size[1])

    def downscale(self, content: Image.Image, size: Size | None = None) -> ContentPyramid:
        """An RGB content image as the levels need it, and in full if the dials mix it in.

        size: the content image's, where what is given has been reduced to what is enough.
        """
        original = content if self._needs_whole else None
        if self.generator.config.drafts and is_line_drawing(content):
            content = color_in(content, self.dials.seed)
        return content_pyramid(content, self._plan(size or content.size), size, original)

    @property
    def _needs_whole(self) -> bool:
        return self.dials.strength < 1 or self.dials.keep_color

    def _plan(self, size: Size) -> list[Level]:
        config = self.generator.config
        coarsest = config.size / self.dials.brush
        return plan_levels(size, coarsest, self.abstraction, drafts=config.drafts)

    def restore(self, content: ContentPyramid, canvas: Image.Image) -> Image.Image:
        """The stylized image, of a content image and what the last level made of it."""
        original, strength = content.original, self.dials.strength
        if original and strength == 0:
            return original
        if canvas.size != content.content_size:  # of an image smaller than the style's size
            canvas = canvas.resize(content.content_size, Image.Resampling.LANCZOS)
        if original and self.dials.keep_color:
            canvas = keep_chroma(canvas, original)
        if original and strength < 1:
            return Image.blend(original, canvas, strength)
        return canvas

    def paint_levels(
        self, contents: Sequence[ContentPyramid], memory: float = 1.0
    ) -> list[Image.Image]:
        """Canvases of the last level for content images of equal size, painted coarse to fine.

        memory: part of the machine's that it may reckon with, as others paint at the same time.
        Raises RuntimeError as paint() does.
        """
        if self.dials.strength == 0:  # restore() needs none
            return [content.images[-1] for content in contents]
        config, canvases = self.generator.config, None
        for index, level in enumerate(contents[0].levels):
            images = [content.images[index] for content in contents]
            if self.abstraction:
                sources = draw_sources(
                    images, canvases, level, self.abstraction, self.palette, drafts=config.drafts
                )
            else:
                sources = to_pixels(images)
            canvases = None  # of large images each takes hundreds of megabytes
            seed = self.dials.seed * _MOST_LEVELS + index
            canvases = self.forward_tiles(sources, seed, memory)
            del sources
            if self.keep_tone and config.tone:
                area = config.tone * level.size[0] / contents[0].levels[0].size[0]
                match_tone(canvases, images, area, self.palette, self.keep_tone)
        assert canvases is not None
        return from_pixels(canvases)

    @torch.inference_mode()
    def forward_tiles(self, sources: Tensor, seed: int = 0, memory: float = 1.0) -> Tensor:
        """The generator's outputs for sources, uint8 (B, H, W, 3), cut into tiles as memory asks.

        Raises RuntimeError as paint() does.
        """
        height, width = sources.shape[1:3]
        side, pixels = self._budget(width * height, memory)
        while True:
            try:
                return self._forward(sources, seed, side, pixels)
            except RuntimeError as error:
                smallest = (SMALLEST_TILE + 2 * self.halo) ** 2
                if not is_out_of_memory(error) or pixels <= smallest:
                    raise
            pixels = min(pixels, len(sources) * width * height) // 2
            if width * height > pixels:
                side = min(side or max(width, height), tile_side(pixels, self.halo))

    def _budget(self, size: int, memory: float) -> tuple[int | None, int]:
        """Side of the tiles for an image of that many pixels, None for the whole image at once,
        and the most pixels that should go through the network in one call."""
        device = self.runtime.device
        batch = BATCH_PIXELS[device.type]
        if self.tile is not None:
            return self.tile or None, max(size, batch)
        itemsize = 4 if self.runtime.int8 else self.runtime.dtype.itemsize
        each = bytes_per_pixel(self.generator.config, itemsize)
        affordable = max(1, int(memory * MEMORY_SHARE * free_memory(device) / each))
        if size <= min(CALL_PIXELS[device.type], affordable):
            return None, max(size, min(batch, affordable))
        side = tile_side(min(CALL_PIXELS[device.type], affordable), self.halo)
        return side, min(batch, affordable)

    def _forward(self, sources: Tensor, seed: int, side: int | None, pixels: int) -> Tensor:
        """Outputs for sources, by tiles of that side, `pixels` at most a call.

        Tiles go one by one: in a batch a convolution may take another algorithm, which rounds
        otherwise.
        """
        height, width = sources.shape[1:3]
        stride = self.generator.config.stride
        tiles = plan_tiles((width, height), side, halo=self.halo, stride=stride)
        outputs = torch.empty_like(sources)
        if len(tiles) > 1:
            for tile in tiles:
                place = Place.of_box(tile.outer, height, self.runtime.device, seed)
                for index in range(len(sources)):
                    one = slice(index, index + 1)
                    self._forward_tile(sources[one], outputs[one], tile, place)
            return outputs
        [tile] = tiles
        place = _usual_place(tile.outer, height, self.runtime.device, seed)
        count = max(1, pixels // (tile.outer_size[0] * tile.outer_size[1]))
        for start in range(0, len(sources), count):
            some = slice(start, start + count)
            self._forward_tile(sources[some], outputs[some], tile, place)
        return outputs

    def _forward_tile(self, sources: Tensor, outputs: Tensor, tile: Tile, place: Place) -> None:
        """Draw a tile of sources into outputs."""
        drawn = self.draw(crop_padded(sources, tile.outer), place)
        (x, y), (left, top, right, bottom) = tile.offset, tile.inner
        inner = drawn[:, y : y + bottom - top, x : x + right - left]
        outputs[:, top:bottom, left:right] = inner

    def _draw_in_floats(self, sources: Tensor, place: Place) -> Tensor:
        return rounded(self.generator(scaled(sources, self.runtime.device), place))


@lru_cache(maxsize=4)
def _usual_place(outer: Box, image_height: int, device: torch.device, seed: int) -> Place:
    """The place of a whole image, with all that was made for it, random maps above all: images of
    equal size, of which folders are full, have the same. They take a fifth of a pass's memory."""
    return Place.of_box(outer, image_height, device, seed)
