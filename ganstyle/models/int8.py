"""A trained generator in 8 bits, for CPUs that multiply these fastest.

Convolutions multiply numbers of 8 bits. Everything between them, and the convolutions of single
pixels, is in float32.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganstyle.images.tensors import framed, to_bytes
from ganstyle.models import layers
from ganstyle.models.generator import BRIGHTEST, Generator
from ganstyle.models.int8_kernel import Int8Kernel, step_size, to_steps
from ganstyle.models.noise import TileCoordinates
from ganstyle.models.ranges import measured_convs

_NORMED_RANGE = 4.5
"""Standard deviations at which the output of a layer norm is cut off."""

_SILU_MINIMUM = -0.2785
"""Least value of SiLU."""


class Int8Generator:
    """A generator whose config has int8, with nearly the same results: uint8 (B, H, W, 3) to same.

    Features are (B, H, W, C) here, and are overwritten once they are not needed any more.
    """

    def __init__(self, generator: Generator) -> None:
        assert generator.ranges is not None
        ranges: dict[nn.Module, Tensor] = {
            conv: generator.ranges.of(name) for name, conv in measured_convs(generator)
        }
        self._walk = generator.walk
        self._layers = {
            layer: made for layer in generator.modules() if (made := _in_8_bits(layer, ranges))
        }

    @torch.inference_mode()
    def __call__(self, source: Tensor, coordinates: TileCoordinates) -> Tensor:
        """Paint tiles whose sides are multiples of the generator's stride."""
        blocks = _to_blocks(source)  # (B, H/2, W/2, 12)
        change = self._walk(
            blocks, coordinates, lambda layer, *inputs: self._layers[layer](*inputs)
        )
        # tanh(change + atanh(ground)) in [0, 1] is base / (base + (1 - base) exp(-2 change)).
        base = blocks.float().div_(255).clamp_((1 - BRIGHTEST) / 2, (1 + BRIGHTEST) / 2)
        odds = change.mul_(-2).exp_().mul_(1 - base)
        stylized = base.div_(odds.add_(base))
        return _from_blocks(to_bytes(stylized.mul_(255)))


def _in_8_bits(layer: nn.Module, ranges: dict[nn.Module, Tensor]) -> Callable[..., Tensor] | None:
    """A layer of the generator in 8 bits; None for parts of layers, and for groups of them."""
    match layer:
        case layers.Entrance():
            return _Entrance(layer)
        case layers.ResidualBlock():
            return _Block(layer, ranges[layer.conv2])
        case layers.Downsampling():
            return _Conv(layer, ranges[layer])
        case layers.Upsampling():
            return _Upsampling(layer)
        case layers.Exit():
            return _Conv(layer, ranges[layer], layers.COLORS_INNERMOST)
    return None


class _Conv:
    """A convolution of the generator, float32 (B, H, W, C) to (B, H', W', O).

    ranges: of its inputs, (C,). order: of its outputs, where it is another one.
    """

    def __init__(self, conv: nn.Conv2d, ranges: Tensor, order: list[int] | None = None) -> None:
        size = step_size(ranges)
        self._padding, self._per_unit = int(conv.padding[0]), 1 / size
        weight, bias = conv.weight * size[:, None, None], conv.bias
        assert bias is not None
        if order:
            weight, bias = weight[order], bias[order]
        self._kernel = Int8Kernel(weight, bias, stride=conv.stride[0])

    def __call__(self, x: Tensor) -> Tensor:
        return self._kernel(to_steps(x * self._per_unit, self._padding))


class _Entrance:
    """The entrance: 2x2 blocks of pixels, uint8 (B, H, W, 12), to float32 features.

    All images of a size have the same random maps, which add the same to their features.
    """

    def __init__(self, entrance: layers.Entrance) -> None:
        weight, bias = entrance.weight, entrance.bias
        assert bias is not None
        self._maps, self._map_weight = entrance.maps, weight[:, 12:]
        image = weight[:, :12][:, layers.COLORS_INNERMOST]  # of values in [-1, 1]
        bias = bias - image.sum((1, 2, 3))
        self._kernel = Int8Kernel(image / 127.5, bias, zero=0, smooth=True)

    def __call__(self, blocks: Tensor, coordinates: TileCoordinates) -> Tensor:
        features = self._kernel(framed(blocks))
        maps = self._maps(coordinates)
        if maps:
            features.add_(coordinates.cached(self, lambda: self._of_maps(maps)))
        return features

    def _of_maps(self, maps: list[Tensor]) -> Tensor:
        around = F.pad(torch.cat(maps, 1), (1, 1, 1, 1), mode="replicate")
        return F.conv2d(around, self._map_weight).permute(0, 2, 3, 1).contiguous()


class _Block:
    """A residual block of the generator. hidden: ranges of the inputs of its last convolution."""

    def __init__(self, block: layers.ResidualBlock, hidden: Tensor) -> None:
        norm, conv1, conv2 = block.norm.norm, block.conv1, block.conv2
        assert conv1.bias is not None
        assert conv2.bias is not None
        self._gain, self._random_map = block.gain, block.random_map
        self._eps, self._per_unit = norm.eps, 127 / _NORMED_RANGE
        # The convolution takes over the gain and the offset of the norm.
        weight = conv1.weight * norm.weight[:, None, None]
        bias = conv1.bias + (conv1.weight * norm.bias[:, None, None]).sum((1, 2, 3))
        size = float(step_size(hidden).max()) * 127 / 255 - _SILU_MINIMUM / 255
        zero = round(-_SILU_MINIMUM / size)
        self._conv1 = Int8Kernel(weight / self._per_unit, bias, to=(size, zero), silu=True)
        self._conv2 = Int8Kernel(conv2.weight * size, conv2.bias, zero=zero)

    def __call__(self, x: Tensor, coordinates: TileCoordinates) -> Tensor:
        """Output of the block for x, which is overwritten."""
        if self._gain is not None:
            every = self._random_map(coordinates).expand(len(x), -1, -1, -1).reshape(-1, 1)
            x.view(-1, x.shape[3]).addmm_(every, self._gain.view(1, -1))  # half the time of adding
        hidden = self._conv1(to_steps(self._normed(x), 1))
        return self._conv2(framed(hidden)).add_(x)

    def _normed(self, x: Tensor) -> Tensor:
        """Layer norm in steps, by the sum of squares: two thirds of F.layer_norm's time."""
        mean = x.mean(3, keepdim=True)
        squares = torch.linalg.vector_norm(x, dim=3, keepdim=True).square_().div_(x.shape[3])
        deviation = squares.sub_(mean.square()).clamp_(min=0).add_(self._eps).sqrt_()
        return (x - mean).mul_(self._per_unit / deviation)


class _Upsampling:
    """The generator's upsampling; the finer features are overwritten."""

    def __init__(self, conv: layers.Upsampling) -> None:
        self._weight, self._bias = conv.weight.flatten(1), conv.bias

    def __call__(self, x: Tensor, skip: Tensor) -> Tensor:
        coarse = F.linear(x, self._weight, self._bias).permute(0, 3, 1, 2)
        enlarged = F.interpolate(coarse, scale_factor=2, mode="bilinear")
        return skip.add_(enlarged.permute(0, 2, 3, 1))


def _to_blocks(image: Tensor) -> Tensor:
    """Blocks of 2x2 pixels, row by row in each: (B, H, W, 3) to (B, H/2, W/2, 12)."""
    B, H, W, _ = image.shape
    blocks = torch.empty(B, H // 2, W // 2, 12, dtype=torch.uint8)
    _copy_rows(_rows_of_blocks(blocks), _rows_of_image(image.contiguous()))
    return blocks


def _from_blocks(blocks: Tensor) -> Tensor:
    """The reverse of _to_blocks()."""
    B, H, W, _ = blocks.shape
    image = torch.empty(B, 2 * H, 2 * W, 3, dtype=torch.uint8)
    _copy_rows(_rows_of_image(image), _rows_of_blocks(blocks))
    return image


def _rows_of_blocks(blocks: Tensor) -> Tensor:
    """The rows of each block, three words each: (B, H/2, W/2, 2, 3)."""
    B, H, W, _ = blocks.shape
    return blocks.view(torch.int16).view(B, H, W, 2, 3)


def _rows_of_image(image: Tensor) -> Tensor:
    """The same of an image."""
    B, H, W, _ = image.shape
    words = image.flatten(2).view(torch.int16)  # (B, H, W/2 * 3)
    return words.view(B, H // 2, 2, W // 2, 3).transpose(2, 3)


def _copy_rows(target: Tensor, source: Tensor) -> None:
    for row in range(2):
        for word in range(3):  # each of all blocks at once, in a sixth of the time of all in one
            target[..., row, word] = source[..., row, word]
