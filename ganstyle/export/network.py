"""The generator in a graph: what models/generator draws, layer by layer."""

import numpy as np
from torch import Tensor, nn

from ganstyle.export.graph import Value, cast, cut, largest, on_axis, op, places, smallest, stacked
from ganstyle.export.maps import Maps
from ganstyle.export.resizing import Size
from ganstyle.models.blocks import ResidualBlock
from ganstyle.models.generator import BRIGHTEST, DecoderBlock, Generator


def drawn(generator: Generator, source: Value, seed: Value, amplitude: Value) -> Value:
    """What a generator draws on a source, (1, 3, H, W) in [0, 1] to the same.

    seed, amplitude: of the random maps, int64 and float32.
    """
    size, stride = Size.of(source), generator.config.stride
    width, height = (_up(each, stride) for each in (size.width, size.height))
    ends = stacked(0, 0, 0, 0, 0, 0, height - size.height, width - size.width)
    ground = op("Pad", source, ends, mode="edge") * 2.0 - 1.0
    maps = Maps(width, height, seed, amplitude)
    change = _decoded(generator, _encoded(generator, ground, size.height, maps), maps)
    base = smallest(largest(ground, -BRIGHTEST), BRIGHTEST)
    step = op("Tanh", change)
    whole = ((step + base) / (1.0 + step * base) + 1.0) / 2.0
    return cut(cut(whole, 2, size.height), 3, size.width)


def _up(length: Value, multiple: int) -> Value:
    return (length + (multiple - 1)) / multiple * multiple


def _encoded(generator: Generator, ground: Value, height: Value, maps: Maps) -> list[Value]:
    """Feature maps, a level each."""
    encoder = generator.encoder
    beside = []
    if encoder.heights:
        heights = (cast(places(maps.height / 2), np.float32) * 2.0 + 1.0) / cast(height, np.float32)
        zero = cast(places(maps.width / 2), np.float32) * 0.0
        beside.append(on_axis(heights * 2.0 - 1.0, 2) + on_axis(zero, 3))
    for number, cell in enumerate(encoder.cells):
        beside.append(maps.coarse(number, 2, cell) if cell > 1 else maps.white(number, 2))
    blocks = op("SpaceToDepth", ground, blocksize=2)  # (1, 12, H/2, W/2), colours innermost
    weight = _array(encoder.entrance.weight)
    order = [color * 4 + place for place in range(4) for color in range(3)]
    weight[:, :12] = weight[:, order]
    x = _conv(op("Concat", blocks, *beside, axis=1), encoder.entrance, weight)
    x = _blocks(x, encoder.levels[0])
    features = [x]
    for down, level in zip(encoder.down, encoder.levels[1:], strict=True):
        assert isinstance(down, nn.Conv2d)
        x = _blocks(_conv(x, down), level)
        features.append(x)
    return features


def _decoded(generator: Generator, features: list[Value], maps: Maps) -> Value:
    decoder = generator.decoder
    x = _drawn_level(generator, len(features) - 1, features[-1], maps)
    for i in reversed(range(len(features) - 1)):
        up = decoder.up[i]
        assert isinstance(up, nn.Conv2d)
        scales, none = np.array([1, 1, 2, 2], np.float32), np.array([], np.float32)
        x = op("Resize", _conv(x, up), none, scales, mode="linear") + features[i]
        x = _drawn_level(generator, i, x, maps)
    return op("DepthToSpace", _conv(x, decoder.exit), blocksize=2, mode="CRD")


def _drawn_level(generator: Generator, index: int, x: Value, maps: Maps) -> Value:
    """What the blocks of a level of the decoder make of its map."""
    for number, block in enumerate(generator.decoder.levels[index].children()):
        assert isinstance(block, DecoderBlock)
        if block.gain is not None:
            noise = maps.white(16 * (index + 1) + number, 2 << index)
            x = x + noise * _array(block.gain)
        x = _residual(x, block)
    return x


def _blocks(x: Value, blocks: nn.Module) -> Value:
    for block in blocks.children():
        assert isinstance(block, ResidualBlock)
        x = _residual(x, block)
    return x


def _residual(x: Value, block: ResidualBlock) -> Value:
    norm = block.norm.norm
    normed = op(
        "LayerNormalization",
        op("Transpose", x, perm=[0, 2, 3, 1]),
        _array(norm.weight),
        _array(norm.bias),
        epsilon=norm.eps,
    )
    hidden = _conv(op("Transpose", normed, perm=[0, 3, 1, 2]), block.conv1)
    return x + _conv(hidden * op("Sigmoid", hidden), block.conv2)


def _conv(x: Value, conv: nn.Conv2d, weight: np.ndarray | None = None) -> Value:
    weight = _array(conv.weight) if weight is None else weight
    if pad := int(conv.padding[0]):
        ends = np.array([0, 0, pad, pad, 0, 0, pad, pad])
        x = op("Pad", x, ends, mode="edge")
    return op("Conv", x, weight, _array(conv.bias), strides=list(conv.stride))


def _array(weight: Tensor | None) -> np.ndarray:
    assert weight is not None
    array: np.ndarray = weight.detach().float().contiguous().numpy().copy()
    return array
