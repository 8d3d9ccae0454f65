"""The last strokes in a graph: the canvas at the picture's size, as painting/finish has it."""

import numpy as np

from ganstyle.export.graph import Value, cast, choose, cut, largest, op, smallest
from ganstyle.export.resizing import Size, resized_in_bytes, smooth
from ganstyle.painting import finish

_BLUR = (np.outer([1, 2, 1], [1, 2, 1]) / 16).astype(np.float32)[None, None]
"""Weights of the blur in painting/finish."""


def at_full_size(canvas: Value, size: Size) -> Value:
    """The canvas in the size of the picture, both of whole numbers up to 255, sharpened if it is
    enlarged."""
    before = Size.of(canvas)
    pixels = cast(size.width * size.height, np.float32)
    zoom = op("Sqrt", pixels / cast(before.width * before.height, np.float32))
    enlarges = op("Less", np.array(1, np.float32), zoom)
    sharp = choose(enlarges, lambda: _sharpened(canvas, zoom), lambda: canvas)
    return resized_in_bytes(sharp, size, smooth(before, size))


def _sharpened(canvas: Value, zoom: Value) -> Value:
    amount = smallest(1.0, (zoom - 1.0) * (1 / (finish.SHARP_FROM - 1)))
    planes = op("Transpose", canvas, perm=[1, 0, 2, 3])  # (3, 1, H, W)
    framed = op("Pad", planes, np.array([0, 0, 2, 2, 0, 0, 2, 2]), mode="edge")
    once = op("Conv", framed, _BLUR)
    twice = op("Conv", once, _BLUR)
    inner = cut(cut(once, 2, -1, 1), 3, -1, 1)
    sharp = inner + (inner - twice) * finish.SHARP
    mixed = planes + (sharp - planes) * amount
    levels = smallest(largest(op("Round", mixed), 0.0), 255.0)
    return op("Transpose", levels, perm=[1, 0, 2, 3])
