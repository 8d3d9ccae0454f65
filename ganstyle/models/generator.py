"""The generator: an encoder that compresses an image, a decoder that redraws it in a style."""

from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganstyle.config import MAX_SIMPLIFY
from ganstyle.errors import ConfigError
from ganstyle.models.blocks import ResidualBlock, cut_border, padded_conv
from ganstyle.models.geometry import decoder_reach, row_heights
from ganstyle.models.palette import PaletteTransfer
from ganstyle.sources.abstraction import simplify

_MAX_WIDTH, _MAX_BLOCKS = 4096, 64
"""Far above what is of use: a damaged checkpoint must not ask for all the memory."""


@dataclass(frozen=True, kw_only=True)
class GeneratorConfig:
    """Shape of a generator. Level i works at 1/2^(i+1) of the image's resolution."""

    widths: tuple[int, ...] = (32, 64, 128)
    """Channels of each level, finest first."""
    encoder_blocks: tuple[int, ...] = (1, 1, 1)
    """Residual blocks of the encoder at each level."""
    decoder_blocks: tuple[int, ...] = (1, 1, 2)
    """Residual blocks of the decoder at each level."""
    simplify: int = 0
    """Radius in pixels of the filter that takes fine detail out of the image before it is redrawn;
    0 leaves it as it is."""
    recolor: bool = False
    """Whether the image is brought to the palette of the style before it is redrawn."""
    heights: bool = False
    """Whether the encoder is given the height in the image of each row (Liu et al. 2018): the
    white above a sketch's horizon is sky, the white below it is not."""

    def __post_init__(self) -> None:
        for name in ("widths", "encoder_blocks", "decoder_blocks"):
            object.__setattr__(self, name, tuple(getattr(self, name)))  # JSON brings lists
        if not len(self.widths) == len(self.encoder_blocks) == len(self.decoder_blocks) >= 1:
            raise ConfigError(
                "widths, encoder_blocks and decoder_blocks need one entry a level; got "
                f"{len(self.widths)}, {len(self.encoder_blocks)} and {len(self.decoder_blocks)}."
            )
        blocks = self.encoder_blocks + self.decoder_blocks
        if not 1 <= min(self.widths) <= max(self.widths) <= _MAX_WIDTH:
            raise ConfigError(f"widths are {self.widths}; each must be from 1 to {_MAX_WIDTH}.")
        if not 0 <= min(blocks) <= max(blocks) <= _MAX_BLOCKS:
            raise ConfigError(f"block counts are {blocks}; each must be from 0 to {_MAX_BLOCKS}.")
        if not 0 <= self.simplify <= MAX_SIMPLIFY:
            raise ConfigError(f"simplify is {self.simplify}; it must be from 0 to {MAX_SIMPLIFY}.")

    @property
    def stride(self) -> int:
        """Pixels of the image behind one pixel of the deepest level."""
        return 1 << len(self.widths)


BRIGHTEST = 0.9
"""Value in [-1, 1] to which white is clamped, and black to the opposite, before the
decoder's output is added: nearer to 1 the squashing is so steep that colours on a burnt-out sky
come out at random. The generator can still draw beyond it."""

_ENTRANCE_GAIN = 6.0
"""Brings the first features to unit variance. All else adds to them, up to the linear exit: at
torch's default, a quarter of it, a generator learns edges and flat areas at half the speed."""


class Encoder(nn.Module):
    """Compress an image level by level: (B, 3, H, W) in [-1, 1] to one feature map a level.

    H and W must be multiples of config.stride. No convolution runs at full resolution: each
    2x2 block of pixels becomes 12 channels first (Shi et al. 2016, reversed).
    """

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        widths = config.widths
        self.heights = config.heights
        self.entrance = padded_conv(12 + config.heights, widths[0], 3)
        with torch.no_grad():
            self.entrance.weight.mul_(_ENTRANCE_GAIN)
        self.down = nn.ModuleList(
            padded_conv(fine, coarse, 4, stride=2) for fine, coarse in pairwise(widths)
        )
        self.levels = _levels(config, config.encoder_blocks)

    def forward(self, image: Tensor, heights: Tensor) -> list[Tensor]:
        x = F.pixel_unshuffle(image, 2)  # (B, 12, H/2, W/2)
        if self.heights:
            rows = (heights[:, ::2] + heights[:, 1::2]).div(2).to(x)  # (B or 1, H/2)
            x = torch.cat([x, rows[:, None, :, None].expand(len(x), 1, -1, x.shape[-1])], 1)
        x = self.levels[0](self.entrance(x))  # (B, C0, H/2, W/2)
        features = [x]
        for down, level in zip(self.down, self.levels[1:], strict=True):
            x = level(down(x))  # (B, Ci, H/2^(i+1), W/2^(i+1))
            features.append(x)
        return features


class Decoder(nn.Module):
    """Draw an image from the encoder's feature maps: one map a level to (B, 3, H, W), unbounded.

    Upsampling is bilinear (Odena et al. 2016), so that a flat map stays flat: a pixel shuffle or a
    transposed convolution at every level would let the generator draw a grid of the body's stride
    into skies, as its stand-in for paper grain, and repeated pixels leave steps along slanted
    edges. The encoder's map of the level is added.
    """

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        widths = config.widths
        self.reach = decoder_reach(config.decoder_blocks)
        self.levels = _levels(config, config.decoder_blocks)
        self.up = nn.ModuleList(nn.Conv2d(coarse, fine, 1) for fine, coarse in pairwise(widths))
        self.exit = padded_conv(widths[0], 12, 3)
        nn.init.zeros_(self.exit.weight)  # the first result of a training is the content image
        nn.init.zeros_(self.exit.bias)  # type: ignore[arg-type]

    def forward(self, features: list[Tensor], margin: int = 0) -> Tensor:
        """Draw all but the outer `margin` pixels, a multiple of config.stride.

        What only those pixels need is cut off level by level.
        """
        margins = [min(margin >> (i + 1), need) for i, need in enumerate(self.reach)]
        x = self.levels[-1](features[-1])
        x = cut_border(x, (margin >> len(self.levels)) - margins[-1])
        for i in reversed(range(len(self.up))):
            x = F.interpolate(self.up[i](x), scale_factor=2, mode="bilinear")
            x = cut_border(x, 2 * margins[i + 1] - margins[i])
            x = x + cut_border(features[i], (margin >> (i + 1)) - margins[i])
            x = self.levels[i](x)  # (B, Ci, H/2^(i+1), W/2^(i+1)) and margins[i] on each side
        return cut_border(F.pixel_shuffle(self.exit(x), 2), 2 * margins[0])  # (B, 3, H, W)


class Generator(nn.Module):
    """Redraw content images in the style: (B, 3, H, W) in [0, 1] to the same shape and range.

    Any H and W from 1 up. Every operation is local, so an output pixel depends on input pixels
    at most `receptive_field(config)` away, with config.heights on its row as well, and on nothing
    else in the batch. The content image, recoloured and simplified where the config asks for it,
    is the ground that the decoder's output is added to before the squashing, so an untrained
    generator shows that ground (up to the clamping of black and white to BRIGHTEST).
    """

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.config = config
        self.palette = PaletteTransfer() if config.recolor else None
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        # What makes convolutions fast on a CPU with AMX and on tensor cores; torch leaves the
        # argument out of its annotations.
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, image: Tensor) -> Tensor:
        H, W = image.shape[-2:]
        stride = self.config.stride
        # Replicated, not reflected: reflection needs more pixels than a 1x1 image has.
        whole = F.pad(image, (0, -W % stride, 0, -H % stride), mode="replicate")
        heights = row_heights(0, whole.shape[-2], H)[None].to(image)
        return self.redraw(whole, heights=heights)[..., :H, :W]

    def redraw(
        self, image: Tensor, strength: float = 1.0, margin: int = 0, heights: Tensor | None = None
    ) -> Tensor:
        """Redraw all but the outer `margin` pixels, which serve as surroundings.

        (B, 3, H, W) in [0, 1], H, W and margin multiples of config.stride, to
        (B, 3, H - 2 * margin, W - 2 * margin). strength in [0, 1] scales the change:
        0 is the content image, 1 the style. heights: of each row, (B, H) or (1, H), by
        row_heights; an image is whole by default.
        """
        image = image.to(memory_format=torch.channels_last)
        content = image * 2 - 1  # [-1, 1]
        ground = self.palette(image) * 2 - 1 if self.palette else content
        if self.config.simplify:
            ground = simplify(ground, self.config.simplify).to(memory_format=torch.channels_last)
        if heights is None:
            H = image.shape[-2]
            heights = row_heights(0, H, H)[None].to(image)
        features = self.encoder(ground.to(self.encoder.entrance.weight.dtype), heights)
        change = self.decoder(features, margin)
        # As precise as the input from here: bfloat16 has 8 bits, the image needs all of them.
        content, ground = cut_border(content, margin), cut_border(ground, margin)
        if strength < 1:
            ground = torch.lerp(content, ground, strength)
        clamped = ground.clamp(-BRIGHTEST, BRIGHTEST)
        drawn = torch.tanh(strength * change.to(content.dtype) + torch.atanh(clamped))
        if strength < 1:
            drawn = drawn + (1 - strength) * (ground - clamped)
        return drawn.add(1).div(2)


def load_matching_weights(generator: Generator, other: Generator) -> int:
    """Give `generator` the weights of `other` that fit by name and shape; returns how many.

    A block that only one of them has is left out or stays as it is, the identity when fresh.
    """
    own = generator.state_dict()
    fitting = {
        name: weight
        for name, weight in other.state_dict().items()
        if name in own and own[name].shape == weight.shape
    }
    generator.load_state_dict(own | fitting)
    return len(fitting)


def _levels(config: GeneratorConfig, blocks: tuple[int, ...]) -> nn.ModuleList:
    return nn.ModuleList(
        nn.Sequential(*(ResidualBlock(width) for _ in range(count)))
        for width, count in zip(config.widths, blocks, strict=True)
    )
