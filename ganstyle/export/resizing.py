"""Images in other sizes, as Pillow and torch make them, by products with sparse matrices.

An operator of ONNX would do for some of it, but browsers lack it on GPUs, and none is Lanczos.
Images are float32 (1, 3, H, W), whole numbers from 0 to 255 where nothing else is said.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ganstyle.export.graph import Operand, Value, cast, largest, op, places, side, smallest, total

Kernel = Callable[[Value], Value]
"""Weights at distances from 0 up."""

Change = Callable[[Value], Value]
"""What is done to values, or to weights, one by one."""


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

    def scaled(self, ratio: Value) -> "Size":
        """Both sides times a double, 1 px at least."""
        return Size(*(_scaled(each, ratio) for each in (self.width, self.height)))


def _scaled(length: Value, ratio: Value) -> Value:
    return cast(largest(op("Round", cast(length, float) * ratio), 1.0), np.int64)


def triangle(x: Value) -> Value:
    """Pillow's and torch's bilinear."""
    return largest(1.0 - x, 0.0)


def cubic(x: Value) -> Value:
    """Pillow's bicubic, and torch's with antialias."""
    near = (1.5 * x - 2.5) * x * x + 1.0
    far = ((x - 5.0) * x + 8.0) * x * -0.5 + 2.0
    return op("Where", x < 1.0, near, op("Where", x < 2.0, far, 0.0 * x))


def lanczos(x: Value) -> Value:
    """Pillow's Lanczos, of three lobes."""
    safe = largest(x, 1e-9) * math.pi
    sinc = op("Sin", safe) / safe * (op("Sin", safe / 3.0) / (safe / 3.0))
    return op("Where", x < 3.0, sinc, 0.0 * x)


def to_levels(image: Value) -> Value:
    """Values, of which whole numbers from 0 to 255 are made as Pillow makes them."""
    return smallest(largest(op("Floor", image + 0.5), 0.0), 255.0)


def resized(image: Value, size: Size, kernel: Kernel) -> Value:
    """An image in another size, in whole numbers after each pass, as Pillow does it.

    One value in 10,000 is rounded otherwise.
    """
    return _two_passes(image, size, kernel, _single, to_levels)


def resized_exactly(image: Value, size: Size, kernel: Kernel) -> Value:
    """The same with every bit as Pillow has it, whose weights have 22 bits: slower."""
    exact = _two_passes(cast(image, float), size, kernel, _of_22_bits, to_levels)
    return cast(exact, np.float32)


def resized_floats(image: Value, size: Size, kernel: Kernel) -> Value:
    """Values of any range in another size, as torch does it with antialias."""
    return _two_passes(image, size, kernel, _single, lambda values: values, places_in=np.float32)


def resized_in_bytes(image: Value, size: Size, kernel: Kernel) -> Value:
    """An image in another size as torch does it with bytes: weights have 16 bits."""
    return _two_passes(image, size, kernel, _of_16_bits, to_levels)


def smooth(before: Size, after: Size) -> Kernel:
    """The kernel that suits a network's input: see images/resize.smooth_filter."""
    reduces = op("Or", after.width < before.width, after.height < before.height)
    return lambda x: op("Where", reduces, triangle(x), cubic(x))


def _two_passes(
    image: Value,
    size: Size,
    kernel: Kernel,
    quantized: Change,
    rounded: Change,
    places_in: type = float,
) -> Value:
    """places_in: type in which places are computed; torch has float32 for floats."""
    before = Size.of(image)
    across = quantized(_weights(before.width, size.width, kernel, 1, places_in))  # (w, W)
    down = quantized(_weights(before.height, size.height, kernel, 0, places_in))  # (H, h)
    wide = rounded(op("MatMul", image, across))  # (1, 3, h, W)
    return rounded(op("MatMul", down, wide))  # (1, 3, H, W)


def _weights(before: Value, after: Value, kernel: Kernel, axis: int, places_in: type) -> Value:
    """Weight of each pixel of a row of that length in each pixel of the resized row, which goes
    along that axis of the matrix, float64."""
    scale = cast(cast(before, places_in) / cast(after, places_in), float)
    centers = cast(cast((cast(places(after), float) + 0.5) * scale, places_in), float)
    sources = cast(places(before), float) + 0.5
    new, old = np.array([1 - axis]), np.array([axis])
    offsets = op("Unsqueeze", sources, old) - op("Unsqueeze", centers, new)
    weights = kernel(op("Abs", offsets / largest(scale, 1.0)))
    return weights / total(weights, 1 - axis)


def _single(weights: Value) -> Value:
    return cast(weights, np.float32)


def _of_22_bits(weights: Value) -> Value:
    return _multiples(weights, np.array(2.0**22))


def _of_16_bits(weights: Value) -> Value:
    """Weights as multiples of a power of two so that the largest has 15 bits and a sign."""
    most = op("ReduceMax", weights, keepdims=0)
    bits = op("Ceil", op("Log", 32767.5 / most) / math.log(2)) - 1.0
    return _single(_multiples(weights, op("Pow", np.array(2.0), bits)))


def _multiples(weights: Value, unit: Operand) -> Value:
    """Weights rounded to multiples of 1 / unit, halves away from 0."""
    return op("Floor", op("Abs", weights) * unit + 0.5) / unit * op("Sign", weights)
