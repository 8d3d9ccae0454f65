"""The generator: an encoder that compresses a source, a decoder that paints it in a style."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganstyle.errors import ConfigError
from ganstyle.models.layers import Downsampling, Entrance, Exit, ResidualBlock, Upsampling
from ganstyle.models.noise import TileCoordinates
from ganstyle.models.ranges import InputRanges
from ganstyle.sources.easel import Easel

T = TypeVar("T")

_MAX_LEVELS, _MAX_WIDTH, _MAX_BLOCKS = 8, 4096, 16
_MAX_CELL, _MAX_CELLS = 2**10, 16
"""Far above what is of use: a damaged checkpoint must not ask for all the memory, or for hours.
With more blocks to a level, two of them would have one random map."""


NOISE_CELLS = (1, 3, 8)
"""Cells of the random maps at the entrance, over which they vary, px of the finest level."""


@dataclass(frozen=True, kw_only=True)
class GeneratorConfig:
    """Shape of a generator. Level i works at 1/2^(i+1) of the image's resolution."""

    widths: tuple[int, ...] = (32, 64, 128)
    """Channels of each level, finest first."""
    encoder_blocks: tuple[int, ...] = (1, 1, 1)
    """Residual blocks of the encoder at each level."""
    decoder_blocks: tuple[int, ...] = (1, 1, 2)
    """Residual blocks of the decoder at each level."""
    noise: bool = False
    """Whether random maps are added, at the entrance and before each block of the decoder."""
    noise_cells: tuple[int, ...] = NOISE_CELLS
    """Cell of each map at the entrance, over which it varies, px of the finest level."""
    heights: bool = False
    """Whether the encoder knows the height of each row in the image (Liu et al. 2018): the white
    above a sketch's horizon is sky, the white below it is not."""
    easel: Easel | None = None
    """Settings by which photos and drafts become sources; None where an image is its own source."""
    int8: bool = False
    """Whether it has ranges, by which it computes in 8 bits where a CPU can."""

    def __post_init__(self) -> None:
        for name in ("widths", "encoder_blocks", "decoder_blocks", "noise_cells"):
            object.__setattr__(self, name, tuple(getattr(self, name)))  # JSON brings lists
        if isinstance(self.easel, dict):
            object.__setattr__(self, "easel", Easel(**self.easel))
        if not len(self.widths) == len(self.encoder_blocks) == len(self.decoder_blocks) >= 1:
            raise ConfigError(
                "widths, encoder_blocks and decoder_blocks need one entry a level; got "
                f"{len(self.widths)}, {len(self.encoder_blocks)} and {len(self.decoder_blocks)}."
            )
        if len(self.widths) > _MAX_LEVELS:
            raise ConfigError(f"{len(self.widths)} levels; there may be {_MAX_LEVELS}.")
        if len(self.noise_cells) > _MAX_CELLS:
            raise ConfigError(f"{len(self.noise_cells)} noise_cells; there may be {_MAX_CELLS}.")
        blocks = self.encoder_blocks + self.decoder_blocks
        if any(type(value) is not int for value in (*self.widths, *blocks, *self.noise_cells)):
            raise ConfigError("widths, numbers of blocks and noise_cells must be whole numbers.")
        if any(type(value) is not bool for value in (self.noise, self.heights, self.int8)):
            raise ConfigError("noise, heights and int8 must be true or false.")
        if not isinstance(self.easel, Easel | None):
            raise ConfigError(f"{self.easel!r} stands where the fields of an easel should.")
        if not 1 <= min(self.widths) <= max(self.widths) <= _MAX_WIDTH:
            raise ConfigError(f"widths are {self.widths}; each must be from 1 to {_MAX_WIDTH}.")
        if not all(1 <= cell <= _MAX_CELL for cell in self.noise_cells):
            raise ConfigError(f"noise_cells are {self.noise_cells}; they must be 1 to {_MAX_CELL}.")
        if not 0 <= min(blocks) <= max(blocks) <= _MAX_BLOCKS:
            raise ConfigError(f"block counts are {blocks}; each must be from 0 to {_MAX_BLOCKS}.")

    @property
    def stride(self) -> int:
        """Pixels of the image behind one pixel of the deepest level."""
        return 1 << len(self.widths)


BRIGHTEST = 0.9
"""Limit in [-1, 1] to which white and, negative, black are clamped before the decoder's output is
added: nearer to 1 the squashing is so steep that colours on a burnt-out sky come out at random. The
output may still go beyond it."""


class Encoder(nn.Module):
    """Layers that compress an image level by level, down to 1/stride of its resolution."""

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        widths = config.widths
        cells = config.noise_cells if config.noise else ()
        self.entrance = Entrance(widths[0], heights=config.heights, cells=cells)
        self.down = nn.ModuleList(
            Downsampling(fine, coarse, 4, stride=2) for fine, coarse in pairwise(widths)
        )
        self.levels = nn.ModuleList(
            nn.ModuleList(ResidualBlock(width) for _ in range(count))
            for width, count in zip(widths, config.encoder_blocks, strict=True)
        )


class Decoder(nn.Module):
    """Layers that paint what the encoder has compressed, level by level."""

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        widths, self.levels = config.widths, nn.ModuleList()
        for level, count in enumerate(config.decoder_blocks):
            maps = [(16 * (level + 1) + block, 2 << level) for block in range(count)]
            blocks = (ResidualBlock(widths[level], each if config.noise else None) for each in maps)
            self.levels.append(nn.ModuleList(blocks))
        self.up = nn.ModuleList(Upsampling(coarse, fine, 1) for fine, coarse in pairwise(widths))
        self.exit = Exit(widths[0])


class Generator(nn.Module):
    """Paint sources in a style: (B, 3, H, W) in [0, 1] to the same shape and range.

    Any H and W from 1 up. Every operation is local, so an output pixel depends on input pixels at
    most `receptive_field(generator)` away, on its coordinates, and on nothing else in the batch.
    The decoder's output is added to the source before the squashing, so an untrained generator
    shows the source (up to the clamping of black and white to BRIGHTEST).
    """

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.ranges = InputRanges(self) if config.int8 else None
        # Makes convolutions fast on a CPU with AMX and on tensor cores; torch leaves the argument
        # out of its annotations.
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, source: Tensor, coordinates: TileCoordinates | None = None) -> Tensor:
        """Paint whole images, or tiles whose sides are multiples of config.stride.

        coordinates: of the tiles in their images; of whole images, with seed 0, by default.
        """
        H, W = source.shape[-2:]
        stride = self.config.stride
        # Replicated, not reflected: reflection needs more pixels than a 1x1 image has.
        whole = source  # padding by nothing would copy it
        if H % stride or W % stride:
            whole = F.pad(source, (0, -W % stride, 0, -H % stride), mode="replicate")
        box = 0, 0, whole.shape[-1], whole.shape[-2]
        coordinates = coordinates or TileCoordinates.of_box(box, H, whole.device)
        ground = whole.to(memory_format=torch.channels_last) * 2 - 1  # [-1, 1]
        image = ground.to(next(self.parameters()).dtype)
        change = self.walk(image, coordinates, lambda layer, *inputs: layer(*inputs))
        # From here on as precise as the input: of bfloat16's 8 bits the image needs all.
        # tanh(change + atanh(base)) by the addition theorem: atanh in float32 rounds differently at
        # the end of a row, which tiles show, and in float64 it takes 8 % of the time.
        base, step = ground.clamp(-BRIGHTEST, BRIGHTEST), torch.tanh(change.to(ground.dtype))
        stylized = (step + base) / (1 + step * base)
        return stylized.add(1).div(2)[..., :H, :W]

    def walk(self, image: T, coordinates: object, compute: Callable[..., T]) -> T:
        """Output of the exit for an image, by compute(layer, *inputs) for one layer after another.

        This is the network's only description: what computes it in another way (models/int8,
        export/network) or follows pixels through it (models/geometry) brings a `compute` of its
        own, with images and coordinates as that takes them.
        """
        encoder, decoder = self.encoder, self.decoder
        x, skips = compute(encoder.entrance, image, coordinates), []
        for level, blocks in enumerate(encoder.levels):
            if level:
                skips.append(x)
                x = compute(encoder.down[level - 1], x)
            for block in blocks.children():
                x = compute(block, x, coordinates)  # (B, Ci, H/2^(i+1), W/2^(i+1))
        for level in reversed(range(len(decoder.levels))):
            if level < len(decoder.up):
                x = compute(decoder.up[level], x, skips.pop())
            for block in decoder.levels[level].children():
                x = compute(block, x, coordinates)
        return compute(decoder.exit, x)
