"""The generator: an encoder that compresses a source, a decoder that paints it in a style."""

from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganstyle.errors import ConfigError
from ganstyle.models.blocks import ResidualBlock, padded_conv
from ganstyle.models.noise import TileCoordinates, coarse_map, random_map
from ganstyle.models.ranges import InputRanges
from ganstyle.sources.easel import Easel

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

_ENTRANCE_GAIN = 6.0
"""Factor that brings the first features to unit variance. All else is added to them, up to the
linear exit: at torch's default, a quarter of it, a generator learns edges and flat areas half as
fast."""


_NOISE_GAIN = 0.1
"""Gain of the random maps of the decoder at the start of a training."""


class Encoder(nn.Module):
    """Compress an image level by level: (B, 3, H, W) in [-1, 1] to one feature map a level.

    H and W must be multiples of config.stride. No convolution runs at full resolution: each
    2x2 block of pixels becomes 12 channels first (Shi et al. 2016, reversed).
    """

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        widths = config.widths
        self.heights = config.heights
        self.cells = config.noise_cells if config.noise else ()
        self.entrance = padded_conv(12 + config.heights + len(self.cells), widths[0], 3)
        with torch.no_grad():
            self.entrance.weight.mul_(_ENTRANCE_GAIN)
        self.down = nn.ModuleList(
            padded_conv(fine, coarse, 4, stride=2) for fine, coarse in pairwise(widths)
        )
        self.levels = nn.ModuleList(
            nn.Sequential(*(ResidualBlock(width) for _ in range(count)))
            for width, count in zip(widths, config.encoder_blocks, strict=True)
        )

    def forward(self, image: Tensor, coordinates: TileCoordinates) -> list[Tensor]:
        x = F.pixel_unshuffle(image, 2)  # (B, 12, H/2, W/2)
        beside = (each.to(x).expand(len(x), -1, -1, -1) for each in self.maps(coordinates))
        x = self.levels[0](self.entrance(torch.cat([x, *beside], 1)))  # (B, C0, H/2, W/2)
        features = [x]
        for down, level in zip(self.down, self.levels[1:], strict=True):
            x = level(down(x))  # (B, Ci, H/2^(i+1), W/2^(i+1))
            features.append(x)
        return features

    def maps(self, coordinates: TileCoordinates) -> list[Tensor]:
        """Inputs beside the image: heights and random maps, (B or 1, 1, H/2, W/2) each."""
        half = coordinates.at_stride(2)
        width = half.columns.shape[-1]
        heights = half.heights.float()[:, None, :, None].expand(-1, -1, -1, width)
        # Several sizes: where nothing else varies, in flat areas, one size would give one grain.
        noise = (
            coarse_map(half, number, cell) if cell > 1 else random_map(half, number)
            for number, cell in enumerate(self.cells)
        )
        return [*([heights] if self.heights else []), *noise]


class DecoderBlock(ResidualBlock):
    """A residual block that first adds a random map times a learnt gain per channel.

    (B, C, H, W) and the map, (B or 1, 1, H, W) or None, to (B, C, H, W) (Karras et al. 2019).
    """

    def __init__(self, channels: int, *, noise: bool) -> None:
        super().__init__(channels)
        gain = torch.full((channels, 1, 1), _NOISE_GAIN)
        self.gain = nn.Parameter(gain) if noise else None

    def forward(self, x: Tensor, noise: Tensor | None = None) -> Tensor:
        if self.gain is not None and noise is not None:
            # Channels last as x is, or the addition takes as long as a convolution; not addcmul,
            # which rounds differently at a tile's end.
            scaled = noise.to(x).permute(0, 2, 3, 1) * self.gain.flatten()  # (B or 1, H, W, C)
            x = x + scaled.permute(0, 3, 1, 2)
        out: Tensor = super().forward(x)
        return out


class Decoder(nn.Module):
    """Make an image of the encoder's feature maps: one map per level to (B, 3, H, W), unbounded.

    Upsampling is bilinear (Odena et al. 2016), so that a flat map stays flat. With a pixel shuffle
    or a transposed convolution at every level, the generator paints a grid of the body's stride
    into skies, its stand-in for paper grain; repeated pixels leave steps along slanted edges. The
    encoder's map of each level is added.
    """

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        widths = config.widths
        self.levels = nn.ModuleList(
            nn.ModuleList(DecoderBlock(width, noise=config.noise) for _ in range(count))
            for width, count in zip(widths, config.decoder_blocks, strict=True)
        )
        self.noise = config.noise
        self.up = nn.ModuleList(nn.Conv2d(coarse, fine, 1) for fine, coarse in pairwise(widths))
        self.exit = padded_conv(widths[0], 12, 3)
        nn.init.zeros_(self.exit.weight)  # the first result of a training is the source
        nn.init.zeros_(self.exit.bias)  # type: ignore[arg-type]

    def forward(self, features: list[Tensor], coordinates: TileCoordinates) -> Tensor:
        x = self._level(len(self.up), features[-1], coordinates)
        for i in reversed(range(len(self.up))):
            x = F.interpolate(self.up[i](x), scale_factor=2, mode="bilinear") + features[i]
            x = self._level(i, x, coordinates)  # (B, Ci, H/2^(i+1), W/2^(i+1))
        return F.pixel_shuffle(self.exit(x), 2)  # (B, 3, H, W)

    def _level(self, index: int, x: Tensor, coordinates: TileCoordinates) -> Tensor:
        blocks: nn.ModuleList = self.levels[index]  # type: ignore[assignment]
        for number, block in enumerate(blocks):
            x = block(x, decoder_map(coordinates, index, number) if self.noise else None)
        return x


def decoder_map(coordinates: TileCoordinates, level: int, block: int) -> Tensor:
    """The random map of a block of the decoder, (B or 1, 1, H, W) of its level."""
    return random_map(coordinates.at_stride(2 << level), 16 * (level + 1) + block)


class Generator(nn.Module):
    """Paint sources in a style: (B, 3, H, W) in [0, 1] to the same shape and range.

    Any H and W from 1 up. Every operation is local, so an output pixel depends on input pixels at
    most `receptive_field(config)` away, on its coordinates, and on nothing else in the batch. The
    decoder's output is added to the source before the squashing, so an untrained generator shows
    the source (up to the clamping of black and white to BRIGHTEST).
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
        features = self.encoder(ground.to(next(self.encoder.parameters()).dtype), coordinates)
        change = self.decoder(features, coordinates)
        # From here on as precise as the input: of bfloat16's 8 bits the image needs all.
        # tanh(change + atanh(base)) by the addition theorem: atanh in float32 rounds differently at
        # the end of a row, which tiles show, and in float64 it takes 8 % of the time.
        base, step = ground.clamp(-BRIGHTEST, BRIGHTEST), torch.tanh(change.to(ground.dtype))
        stylized = (step + base) / (1 + step * base)
        return stylized.add(1).div(2)[..., :H, :W]
