"""The generator on images of any size: in the machine's precision, in batches and tiles."""

from dataclasses import replace
from functools import lru_cache

import torch
from torch import Tensor

from ganstyle.config import SMALLEST_TILE
from ganstyle.images.tensors import rounded, scaled
from ganstyle.models.generator import Generator
from ganstyle.models.geometry import bytes_per_pixel, receptive_field
from ganstyle.models.int8 import Int8Generator
from ganstyle.models.int8_kernel import int8_problem
from ganstyle.models.noise import TileCoordinates
from ganstyle.painting.tiling import Tile, crop_padded, plan_tiles, tile_side
from ganstyle.runtime import Runtime, free_memory, is_out_of_memory

CALL_PIXELS = {"cpu": 2**21, "cuda": 2**25}
"""Most pixels of one pass through the network, by device, however much memory is free."""

BATCH_PIXELS = {"cpu": 2**19, "cuda": 2**23}
"""Most pixels of a batch of several images: a CPU gains nothing from a batch larger than its
cache."""

MEMORY_SHARE = 0.4
"""Share of the free memory that one pass through the network may take."""

_SIZES_KEPT = 4
"""Sizes of whole images whose random maps are kept: folders are full of images of equal size. The
maps of one size take a fifth of a pass's memory."""


class TiledGenerator:
    """A trained generator that stylizes sources of any size, several of them side by side.

    generator: becomes this object's own, and takes the device and the precision of runtime.
    runtime: 8 bits are left out where the generator has no ranges for them, or torch fails at them.
    tile: side in pixels of the tiles that sources are cut into, 0 to cut none, None to decide by
    the memory that is free.
    Threads may call it at the same time.
    """

    def __init__(self, generator: Generator, runtime: Runtime, tile: int | None = None) -> None:
        int8 = runtime.int8 and generator.config.int8
        self.int8_problem = int8_problem() if int8 else ""
        """Reason why 8 bits were left out where machine and generator have them, or ""."""
        self.runtime = replace(runtime, int8=int8 and not self.int8_problem)
        generator.to(runtime.device, torch.float32 if self.runtime.int8 else runtime.dtype)
        self.generator = generator
        self.tile = tile
        self.halo = receptive_field(generator)
        self._int8 = Int8Generator(generator) if self.runtime.int8 else None
        self._of_whole_image = lru_cache(_SIZES_KEPT)(TileCoordinates.of_box)

    @torch.inference_mode()
    def __call__(
        self, sources: Tensor, seed: int = 0, amplitude: float = 1.0, memory: float = 1.0
    ) -> Tensor:
        """Stylized images of sources, both uint8 (B, H, W, 3), cut into tiles as memory asks.

        seed, amplitude: of the random maps. memory: share of the free memory that it may use.
        Raises RuntimeError when even a small tile does not fit into memory.
        """
        height, width = sources.shape[1:3]
        side, pixels = self._budget(width * height, memory)
        while True:
            try:
                return self._run_tiles(sources, (seed, amplitude), side, pixels)
            except RuntimeError as error:
                smallest = (SMALLEST_TILE + 2 * self.halo) ** 2
                if not is_out_of_memory(error) or pixels <= smallest:
                    raise
            pixels = min(pixels, len(sources) * width * height) // 2
            if width * height > pixels:
                side = min(side or max(width, height), tile_side(pixels, self.halo))

    def _budget(self, size: int, memory: float) -> tuple[int | None, int]:
        """Side of the tiles for an image of that many pixels, None for no tiles, and the most
        pixels of one pass."""
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

    def _run_tiles(
        self, sources: Tensor, chance: tuple[int, float], side: int | None, pixels: int
    ) -> Tensor:
        """Outputs for sources, by tiles of that side, at most `pixels` in a pass.

        chance: seed and amplitude of the random maps. Tiles go one by one: for a batch, torch may
        choose another algorithm, which rounds differently.
        """
        height, width = sources.shape[1:3]
        stride = self.generator.config.stride
        tiles = plan_tiles((width, height), side, halo=self.halo, stride=stride)
        outputs = torch.empty_like(sources)
        if len(tiles) > 1:
            for tile in tiles:
                coordinates = TileCoordinates.of_box(
                    tile.outer, height, self.runtime.device, *chance
                )
                for index in range(len(sources)):
                    one = slice(index, index + 1)
                    self._run_tile(sources[one], outputs[one], tile, coordinates)
            return outputs
        [tile] = tiles
        coordinates = self._of_whole_image(tile.outer, height, self.runtime.device, *chance)
        count = max(1, pixels // (tile.outer_size[0] * tile.outer_size[1]))
        for start in range(0, len(sources), count):
            some = slice(start, start + count)
            self._run_tile(sources[some], outputs[some], tile, coordinates)
        return outputs

    def _run_tile(
        self, sources: Tensor, outputs: Tensor, tile: Tile, coordinates: TileCoordinates
    ) -> None:
        """Write the output for a tile of sources into outputs."""
        output = self.run_network(crop_padded(sources, tile.outer), coordinates)
        (x, y), (left, top, right, bottom) = tile.offset, tile.inner
        inner = output[:, y : y + bottom - top, x : x + right - left]
        outputs[:, top:bottom, left:right] = inner

    def run_network(self, sources: Tensor, coordinates: TileCoordinates) -> Tensor:
        """Output for a tile: uint8 (B, H, W, 3), of whole strides, to the same."""
        if self._int8:
            return self._int8(sources, coordinates)
        return rounded(self.generator(scaled(sources, self.runtime.device), coordinates))
