"""The last strokes in a graph: the canvas at the picture's size, as painting/finish has it."""

import numpy as np

from ganstyle.export.graph import (
    Value,
    cast,
    choose,
    largest,
    on_axis,
    op,
    smallest,
    stacked,
)
from ganstyle.export.resizing import Size, lanczos, resized, to_levels
from ganstyle.painting import finish


def at_full_size(canvas: Value, size: Size) -> Value:
    """The canvas in the size of the picture, both of whole numbers up to 255, sharpened if it is
    enlarged."""
    before = Size.of(canvas)
    image = resized(canvas, size, lanczos)
    pixels = cast(size.width * size.height, np.float32)
    zoom = op("Sqrt", pixels / cast(before.width * before.height, np.float32))
    enlarges = op("Less", np.array(1, np.float32), zoom)
    return choose(enlarges, lambda: _sharpened(image, zoom), lambda: image)


def _sharpened(image: Value, zoom: Value) -> Value:
    """Pillow's UnsharpMask, which counts in whole numbers."""
    strength = op("Round", smallest(1.0, zoom - 1.0) * float(finish._SHARPENING))
    apart = image - _blurred(image, cast(zoom * finish._SHARP_RADIUS, np.float32))
    change = cast(cast(apart * cast(strength, np.float32) / 100.0, np.int32), np.float32)
    return smallest(largest(image + change, 0.0), 255.0)


def _blurred(image: Value, radius: Value) -> Value:
    """Pillow's GaussianBlur: three box blurs along each axis. Radius: 2 px at most."""
    variance = radius * radius / 3.0
    whole = op("Floor", (op("Sqrt", variance * 12.0 + 1.0) - 1.0) / 2.0)
    share = (2.0 * whole + 1.0) * (whole * (whole + 1.0) - 3.0 * variance)
    box = whole + share / (6.0 * (variance - (whole + 1.0) * (whole + 1.0)))
    weights = [_clamped(box + (1.0 - apart)) / (2.0 * box + 1.0) for apart in (2, 1, 0, 1, 2)]
    row = stacked(*weights)  # (5,)
    planes = op("Transpose", image, perm=[1, 0, 2, 3])  # (3, 1, H, W)
    for axis in (3, 2):
        kernel = on_axis(row, axis)  # (1, 1, 1, 5), then (1, 1, 5, 1)
        ends = np.array([2 if each % 4 == axis else 0 for each in range(8)])
        for _ in range(3):
            planes = to_levels(op("Conv", op("Pad", planes, ends, mode="edge"), kernel))
    return op("Transpose", planes, perm=[1, 0, 2, 3])


def _clamped(value: Value) -> Value:
    return smallest(largest(value, 0.0), 1.0)
