"""The generator on images: batches, tiles, and the dials between content and style."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache

import torch
from PIL import Image
from torch import Tensor

from ganstyle.config import SMALLEST_TILE, Dials
from ganstyle.images.resize import Size
from ganstyle.images.tensors import from_pixels, rounded, scaled, to_pixels
from ganstyle.models.generator import Generator
from ganstyle.models.geometry import bytes_per_pixel, receptive_field
from ganstyle.models.int8 import Int8Generator
from ganstyle.models.noise import Place
from ganstyle.painting.content import Content, enough, prepare, takes_for_draft
from ganstyle.painting.finish import Painting, finished
from ganstyle.painting.levels import refining_sources
from ganstyle.painting.tiling import Box, Tile, crop_padded, plan_tiles, tile_side
from ganstyle.runtime import Runtime, free_memory, is_out_of_memory
from ganstyle.sources.line_drawing import is_line_drawing

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

    def with_dials(self, dials: Dials) -> "Painter":
        """The same generator with other dials."""
        return Painter(self.generator, self.runtime, dials, self.tile)

    def paint(self, images: Sequence[Image.Image]) -> list[Image.Image]:
        """Stylize RGB content images; the stylized images have their sizes.

        Raises RuntimeError when even a small tile does not fit into memory.
        """
        contents = [self.prepare(image) for image in images]
        paintings = self.paint_contents(contents)
        return [finished(*pair, self.dials) for pair in zip(contents, paintings, strict=True)]

    def enough(self, size: Size) -> Size:
        """Size to which a content image of that size may be reduced before it is prepared."""
        return enough(size, self.generator.config.easel, self.dials)

    def needs_paper(self, image: Image.Image) -> bool:
        """Whether an RGB image, which lies on white paper, is lines that were drawn on it."""
        asked, easel = self.dials.treat_as, self.generator.config.easel
        return asked == "draft" or (asked == "auto" and bool(easel) and is_line_drawing(image))

    def prepare(
        self, image: Image.Image, size: Size | None = None, *, draft: bool | None = None
    ) -> Content:
        """An RGB content image, prepared for painting.

        size: the content image's, where what is given has been reduced to what is enough. draft:
        whether it is one, where that is known, as of the next frames of an animation.
        """
        easel = self.generator.config.easel
        return prepare(image, size or image.size, easel, self.dials, draft=draft)

    def takes_for_draft(self, image: Image.Image) -> bool:
        """Whether an RGB content image is painted as a draft, not as a photo."""
        return bool(self.generator.config.easel) and takes_for_draft(image, self.dials)

    def paint_contents(self, contents: Sequence[Content], memory: float = 1.0) -> list[Painting]:
        """Paintings of contents, and of the faces in them; those that are alike side by side.

        memory: part of the machine's that it may reckon with, as others paint at the same time.
        Raises RuntimeError as paint() does.
        """
        if self.dials.strength == 0:  # finished() needs none
            return [Painting(content.source) for content in contents]
        faces = [face.content for content in contents for face in content.faces]
        canvases = iter(self._paint_groups([*contents, *faces], memory))
        whole = [next(canvases) for _ in contents]
        return [
            Painting(canvas, tuple(next(canvases) for _ in content.faces))
            for canvas, content in zip(whole, contents, strict=True)
        ]

    def _paint_groups(self, contents: Sequence[Content], memory: float) -> list[Image.Image]:
        """Canvases of the last level, in the order of the contents."""
        groups: dict[object, list[int]] = {}
        for index, content in enumerate(contents):
            groups.setdefault(content.alike, []).append(index)
        canvases: dict[int, Image.Image] = {}
        for group in groups.values():
            painted = self._paint_levels([contents[index] for index in group], memory)
            canvases |= dict(zip(group, painted, strict=True))
        return [canvases[index] for index in range(len(contents))]

    def _paint_levels(self, contents: Sequence[Content], memory: float) -> list[Image.Image]:
        """Canvases of the last level for contents that are alike, painted coarse to fine."""
        easel, invention = self.generator.config.easel, contents[0].invention
        canvases = to_pixels([content.source for content in contents])
        for index, size in enumerate(contents[0].levels):
            if index:
                assert easel is not None
                canvases = refining_sources(canvases, size, easel.refined)
            canvases = self.forward_tiles(
                canvases, self.dials.seed * _MOST_LEVELS + index, memory, invention
            )
        return from_pixels(canvases)

    @torch.inference_mode()
    def forward_tiles(
        self, sources: Tensor, seed: int = 0, memory: float = 1.0, amplitude: float = 1.0
    ) -> Tensor:
        """The generator's outputs for sources, uint8 (B, H, W, 3), cut into tiles as memory asks.

        seed, amplitude: of the random maps. Raises RuntimeError as paint() does.
        """
        height, width = sources.shape[1:3]
        side, pixels = self._budget(width * height, memory)
        while True:
            try:
                return self._forward(sources, (seed, amplitude), side, pixels)
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

    def _forward(
        self, sources: Tensor, chance: tuple[int, float], side: int | None, pixels: int
    ) -> Tensor:
        """Outputs for sources, by tiles of that side, `pixels` at most a call.

        chance: seed and amplitude of the random maps.

        Tiles go one by one: in a batch a convolution may take another algorithm, which rounds
        otherwise.
        """
        height, width = sources.shape[1:3]
        stride = self.generator.config.stride
        tiles = plan_tiles((width, height), side, halo=self.halo, stride=stride)
        outputs = torch.empty_like(sources)
        if len(tiles) > 1:
            for tile in tiles:
                place = Place.of_box(tile.outer, height, self.runtime.device, *chance)
                for index in range(len(sources)):
                    one = slice(index, index + 1)
                    self._forward_tile(sources[one], outputs[one], tile, place)
            return outputs
        [tile] = tiles
        place = _usual_place(tile.outer, height, self.runtime.device, *chance)
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
def _usual_place(
    outer: Box, image_height: int, device: torch.device, seed: int, amplitude: float
) -> Place:
    """The place of a whole image, with all that was made for it, random maps above all: images of
    equal size, of which folders are full, have the same. They take a fifth of a pass's memory."""
    return Place.of_box(outer, image_height, device, seed, amplitude)
