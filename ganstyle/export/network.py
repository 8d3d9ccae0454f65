"""The generator in a graph: a walk along its layers that adds the operators of each."""

from typing import Any

import numpy as np
from torch import Tensor, nn

from ganstyle.export.graph import Value, cut, largest, op, smallest, stacked
from ganstyle.export.maps import Maps
from ganstyle.export.resizing import Size
from ganstyle.models import layers
from ganstyle.models.generator import BRIGHTEST, Generator


def drawn(generator: Generator, source: Value, seed: Value, amplitude: Value) -> Value:
    """What a generator draws on a source, (1, 3, H, W) in [0, 1] to the same.

    seed, amplitude: of the random maps, int64 and float32.
    """
    size, stride = Size.of(source), generator.config.stride
    width, height = (_up(each, stride) for each in (size.width, size.height))
    ends = stacked(0, 0, 0, 0, 0, 0, height - size.height, width - size.width)
    ground = op("Pad", source, ends, mode="edge") * 2.0 - 1.0
    maps = Maps(width, height, size.height, seed, amplitude)
    change = generator.walk(ground, maps, _computed)
    base = smallest(largest(ground, -BRIGHTEST), BRIGHTEST)
    step = op("Tanh", change)
    whole = ((step + base) / (1.0 + step * base) + 1.0) / 2.0
    return cut(cut(whole, 2, size.height), 3, size.width)


def _up(length: Value, multiple: int) -> Value:
    return (length + (multiple - 1)) / multiple * multiple


def _computed(layer: nn.Module, x: Value, *beside: Any) -> Value:
    """The output of a layer; beside: its other inputs, see Generator.walk."""
    match layer:
        case layers.Entrance():
            return _entrance(layer, x, *beside)
        case layers.ResidualBlock():
            return _block(layer, x, *beside)
        case layers.Downsampling():
            return _conv(x, layer)
        case layers.Upsampling():
            return _upsampled(layer, x, *beside)
        case layers.Exit():
            return op("DepthToSpace", _conv(x, layer), blocksize=2, mode="CRD")
    raise TypeError(f"{layer} has no operators")


def _entrance(layer: layers.Entrance, image: Value, maps: Maps) -> Value:
    beside = [maps.heights()] if layer.heights else []
    for number, cell in enumerate(layer.cells):
        beside.append(maps.coarse(number, 2, cell) if cell > 1 else maps.white(number, 2))
    blocks = op("SpaceToDepth", image, blocksize=2)  # (1, 12, H/2, W/2), colours innermost
    weight = _array(layer.weight)
    weight[:, :12] = weight[:, layers.COLORS_INNERMOST]
    return _conv(op("Concat", blocks, *beside, axis=1), layer, weight)


def _block(block: layers.ResidualBlock, x: Value, maps: Maps) -> Value:
    if block.noise:
        x = x + maps.white(*block.noise) * _array(block.gain)
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


def _upsampled(layer: layers.Upsampling, x: Value, skip: Value) -> Value:
    scales, none = np.array([1, 1, 2, 2], np.float32), np.array([], np.float32)
    return op("Resize", _conv(x, layer), none, scales, mode="linear") + skip


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
