"""Images in other sizes, as Pillow and torch make them, by products with sparse matrices.

An operator of ONNX would do for some of it, but browsers lack it on GPUs, and none is Lanczos.
Images are float32 (1, 3, H, W), whole numbers from 0 to 255 where nothing else is said. Weights are
computed in whole numbers: a float32 is too short for those of Pillow, and browsers have no float64.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ganstyle.export.graph import (
    Operand,
    Value,
    cast,
    either,
    largest,
    op,
    places,
    side,
    smallest,
    total,
)

Kernel = Callable[[Value, Value], Value]
"""Weights at distances from 0 up, counted in units of which a number make up the kernel's 1; both
int64. They are in proportion to each other, and int64 if their kernel is a polynomial."""

Change = Callable[[Value], Value]
"""What is done to values one by one."""


@dataclass(frozen=True)
class Size:
    """Width and height, px: int64."""

    width: Value
    height: Value

    @classmethod
    def of(cls, image: Value) -> "Size":
        """The size of (1, C, H, W)."""
        return cls(side(image, 3), side(image, 2))

    @property
    def short(self) -> Value:
        """The shorter side."""
        return smallest(self.width, self.height)

    def scaled(self, numerator: Operand, denominator: Operand) -> "Size":
        """Both sides times a fraction of whole numbers, 1 px at least, halves to the even side."""
        return Size(*(_scaled(each, numerator, denominator) for each in (self.width, self.height)))


UNIT = 2**20
"""Units of which 1 is made up where a fraction becomes a whole number: as float32, half a pixel
would often be rounded otherwise than as the float64 of Python."""


def _scaled(length: Value, numerator: Operand, denominator: Operand) -> Value:
    twice = length * numerator * 2 + denominator
    whole = length * 0 + denominator
    rounded = twice / (whole * 2)
    is_half = cast(op("Equal", op("Mod", twice, whole * 2), np.array(0)), np.int64)
    return largest(rounded - is_half * op("Mod", rounded, np.array(2)), np.array(1))


def triangle(distance: Value, unit: Value) -> Value:
    """Pillow's and torch's bilinear."""
    return largest(unit - distance, np.array(0))


def cubic(distance: Value, unit: Value) -> Value:
    """Pillow's bicubic, and torch's with antialias."""
    x = smallest(distance, unit * 2)
    near = (x * 3 - unit * 5) * x * x + unit * unit * unit * 2
    far = ((unit * 5 - x) * x - unit * unit * 8) * x + unit * unit * unit * 4
    return either(x < unit, near, far)


def to_levels(image: Value) -> Value:
    """Values, of which whole numbers from 0 to 255 are made as Pillow makes them."""
    return smallest(largest(op("Floor", image + 0.5), 0.0), 255.0)


def smooth(before: Size, after: Size) -> Kernel:
    """The kernel that suits a network's input: see images/resize.smooth_filter."""
    reduces = op("Or", after.width < before.width, after.height < before.height)
    return lambda x, unit: either(reduces, triangle(x, unit), cubic(x, unit))


def resized_floats(image: Value, size: Size, kernel: Kernel) -> Value:
    """Values of any range in another size, as torch does it with antialias."""
    return _two_passes(image, size, kernel, _shares, lambda values: values)


def resized_in_bytes(image: Value, size: Size, kernel: Kernel) -> Value:
    """An image in another size as torch does it with bytes: weights have 16 bits."""
    return _two_passes(image, size, kernel, _shares_of_16_bits, to_levels)


def _two_passes(
    image: Value,
    size: Size,
    kernel: Kernel,
    shares: Callable[[Value, int], Value],
    rounded: Change,
) -> Value:
    before = Size.of(image)
    across = shares(_weights(before.width, size.width, kernel, 1), 0)  # (w, W)
    down = shares(_weights(before.height, size.height, kernel, 0), 1)  # (H, h)
    wide = rounded(op("MatMul", image, across))  # (1, 3, h, W)
    return rounded(op("MatMul", down, wide))  # (1, 3, H, W)


def _weights(before: Value, after: Value, kernel: Kernel, axis: int) -> Value:
    """Weight of each pixel of a row of that length in each pixel of the resized row, which goes
    along that axis of the matrix."""
    centers = (places(after) * 2 + 1) * before  # in units of which 2 * after make up a pixel
    sources = (places(before) * 2 + 1) * after
    new, old = np.array([1 - axis]), np.array([axis])
    apart = op("Abs", op("Unsqueeze", sources, old) - op("Unsqueeze", centers, new))
    return kernel(apart, largest(before, after) * 2)


def _shares(weights: Value, axis: int) -> Value:
    """Weights that sum to 1 along an axis, float32."""
    weights = cast(weights, np.float32)
    return weights / total(weights, axis)


def _multiples(weights: Value, axis: int, unit: Value) -> Value:
    """Shares in units, of which so many make up 1; halves are rounded away from 0."""
    whole = total(weights, axis)
    return (op("Abs", weights) * unit * 2 + whole) / (whole * 2) * op("Sign", weights)


def _shares_of_16_bits(weights: Value, axis: int) -> Value:
    """Shares as multiples of a power of two so that the largest has 15 bits and a sign."""
    most = op("ReduceMax", _shares(weights, axis), keepdims=0)
    bits = op("Ceil", op("Log", 32767.5 / most) / math.log(2)) - 1.0
    unit = op("Round", op("Pow", np.array(2, np.float32), bits))
    return cast(_multiples(weights, axis, cast(unit, np.int64)), np.float32) / unit
