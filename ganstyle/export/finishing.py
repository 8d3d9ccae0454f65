"""The last strokes in a graph: the canvas at the picture's size, as painting/finish has it."""

import numpy as np

from ganstyle.export.graph import (
    Value,
    cast,
    choose,
    largest,
    op,
    smallest,
)
from ganstyle.export.resizing import Size, lanczos, resized, to_levels
from ganstyle.painting import finish


def at_full_size(canvas: Value, size: Size) -> Value:
    """The canvas in the size of the picture, both of whole numbers up to 255, sharpened if it is
    enlarged."""
    before = Size.of(canvas)
    pixels = cast(size.width * size.height, np.float32)
    zoom = op("Sqrt", pixels / cast(before.width * before.height, np.float32))
    enlarges = op("Less", np.array(1, np.float32), zoom)
    sharp = choose(enlarges, lambda: _sharpened(canvas, zoom), lambda: canvas)
    return resized(sharp, size, lanczos)


def _sharpened(canvas: Value, zoom: Value) -> Value:
    """Pillow's UnsharpMask, which counts in whole numbers."""
    strength = op("Round", smallest(1.0, zoom - 1.0) * float(finish._SHARPENING))
    apart = canvas - _blurred(canvas)
    change = cast(cast(apart * cast(strength, np.float32) / 100.0, np.int32), np.float32)
    return smallest(largest(canvas + change, 0.0), 255.0)


def _blurred(canvas: Value) -> Value:
    """Pillow's GaussianBlur: three box blurs along each axis, each of three pixels."""
    variance = finish._SHARP_RADIUS**2 / 3
    assert variance < 2 / 3  # of one pixel to each side
    ends = variance / (2 - 2 * variance)  # weight of these pixels, that of the middle one being 1
    row = (np.array([ends, 1, ends]) / (1 + 2 * ends)).astype(np.float32)
    planes = op("Transpose", canvas, perm=[1, 0, 2, 3])  # (3, 1, H, W)
    for shape, padding in (((1, 1, 1, 3), (0, 0, 0, 1)), ((1, 1, 3, 1), (0, 0, 1, 0))):
        for _ in range(3):
            framed = op("Pad", planes, np.array([*padding, *padding]), mode="edge")
            planes = to_levels(op("Conv", framed, row.reshape(shape)))
    return op("Transpose", planes, perm=[1, 0, 2, 3])
