"""Layers of the generator, in floats. Each uses only a neighbourhood of each pixel.

A layer of a new kind also needs its 8-bit form in models/int8 and its operators in export/network.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganstyle.models.noise import TileCoordinates, coarse_map, random_map

COLORS_INNERMOST = [color * 4 + pixel for pixel in range(4) for color in range(3)]
"""Channels of F.pixel_unshuffle(..., 2), in the order in which a 2x2 block of RGB pixels lies in
memory."""

_ENTRANCE_GAIN = 6.0
"""Factor that brings the first features to unit variance. All else is added to them, up to the
linear exit: at torch's default, a quarter of it, a generator learns edges and flat areas half as
fast."""

_NOISE_GAIN = 0.1
"""Gain of the random maps of the decoder at the start of a training."""


class PaddedConv(nn.Conv2d):
    """A convolution that continues its input by one pixel on each side by repeating the edge.

    Zeros would mark the edges, and a generator learns to paint by such marks: frames, and a dark
    band along the upper edge, as the prints have it.
    bounded: whether its input's range is known without measuring it, as that of an image is.
    """

    def __init__(
        self, inputs: int, outputs: int, kernel: int = 3, stride: int = 1, *, bounded: bool = False
    ) -> None:
        super().__init__(inputs, outputs, kernel, stride, padding=1, padding_mode="replicate")
        self.bounded = bounded


class Entrance(PaddedConv):
    """First features of an image: (B, 3, H, W) in [-1, 1] to (B, channels, H/2, W/2).

    No convolution runs at full resolution: each 2x2 block of pixels becomes 12 channels first (Shi
    et al. 2016, reversed).
    heights: whether the height of each row in the image stands beside them. cells: of the random
    maps beside them, px of their own.
    """

    def __init__(self, channels: int, *, heights: bool, cells: tuple[int, ...]) -> None:
        super().__init__(12 + heights + len(cells), channels, bounded=True)
        self.heights, self.cells = heights, cells
        with torch.no_grad():
            self.weight.mul_(_ENTRANCE_GAIN)

    def forward(self, image: Tensor, coordinates: TileCoordinates) -> Tensor:  # type: ignore[override]
        x = F.pixel_unshuffle(image, 2)  # (B, 12, H/2, W/2)
        beside = (each.to(x).expand(len(x), -1, -1, -1) for each in self.maps(coordinates))
        return super().forward(torch.cat([x, *beside], 1))

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


class ChannelNorm(nn.Module):
    """Layer norm over the channels at each pixel (ConvNeXt, Liu et al. 2022): (B, C, H, W) to same.

    Unlike instance, group or batch norm it takes no statistics over the plane, so cutting an
    image into tiles cannot change the result.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)

    def forward(self, x: Tensor) -> Tensor:
        normed: Tensor = self.norm(x.permute(0, 2, 3, 1))  # (B, H, W, C)
        return normed.permute(0, 3, 1, 2)  # (B, C, H, W)


class ResidualBlock(nn.Module):
    """x + conv(SiLU(conv(norm(x)))), 3x3 convolutions: (B, C, H, W) to same.

    The last convolution starts at zero, so a fresh block is the identity (Goyal et al. 2017).
    noise: number and stride of a random map, which times a learnt gain per channel is added to x
    first (Karras et al. 2019).
    """

    def __init__(self, channels: int, noise: tuple[int, int] | None = None) -> None:
        super().__init__()
        self.norm = ChannelNorm(channels)
        self.conv1 = PaddedConv(channels, channels, bounded=True)  # by the norm
        self.activation = nn.SiLU()
        self.conv2 = PaddedConv(channels, channels)
        nn.init.zeros_(self.conv2.weight)
        nn.init.zeros_(self.conv2.bias)  # type: ignore[arg-type]
        self.noise = noise
        self.gain = nn.Parameter(torch.full((channels, 1, 1), _NOISE_GAIN)) if noise else None

    def forward(self, x: Tensor, coordinates: TileCoordinates) -> Tensor:
        if self.gain is not None:
            # Channels last as x is, or the addition takes as long as a convolution; not addcmul,
            # which rounds differently at a tile's end.
            noise = self.random_map(coordinates).to(x).permute(0, 2, 3, 1)
            x = x + (noise * self.gain.flatten()).permute(0, 3, 1, 2)
        hidden = self.activation(self.conv1(self.norm(x)))
        residual: Tensor = self.conv2(hidden)
        return x + residual

    def random_map(self, coordinates: TileCoordinates) -> Tensor:
        """The map of a block with noise: (B or 1, 1, H, W)."""
        assert self.noise
        number, stride = self.noise
        return random_map(coordinates.at_stride(stride), number)


class Downsampling(PaddedConv):
    """Features of the next coarser level: (B, fine, H, W) to (B, coarse, H/2, W/2)."""


class Upsampling(nn.Conv2d):
    """Coarse features enlarged and added to the encoder's of the next finer level.

    (B, coarse, H/2, W/2) and (B, fine, H, W) to (B, fine, H, W), bilinear (Odena et al. 2016), so
    that a flat map stays flat. With a pixel shuffle or a transposed convolution at every level, the
    generator paints a grid of the deepest level's stride into skies, its stand-in for paper grain;
    repeated pixels leave steps along slanted edges.
    """

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:  # type: ignore[override]
        return F.interpolate(super().forward(x), scale_factor=2, mode="bilinear") + skip


class Exit(PaddedConv):
    """An image of features, unbounded: (B, channels, H/2, W/2) to (B, 3, H, W).

    It starts at zero: the first result of a training is the source.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(channels, 12)
        nn.init.zeros_(self.weight)
        nn.init.zeros_(self.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        return F.pixel_shuffle(super().forward(x), 2)
