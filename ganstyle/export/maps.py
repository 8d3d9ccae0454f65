"""Coordinates in a graph: heights, and random maps by the hash of models/noise, same bits."""

from dataclasses import dataclass

import numpy as np

from ganstyle.export.graph import Value, cast, on_axis, op, places
from ganstyle.models import noise


@dataclass(frozen=True)
class Maps:
    """Heights and random maps of an image. width, height: of the padded image, px, int64;
    image_height: of the image alone; seed: int64; amplitude: float32."""

    width: Value
    height: Value
    image_height: Value
    seed: Value
    amplitude: Value

    def heights(self) -> Value:
        """Heights of the rows of 2x2 blocks, (1, 1, H / 2, W / 2)."""
        rows = cast(places(self.height / 2), np.float32) * 2.0 + 1.0
        heights = rows / cast(self.image_height, np.float32)
        zero = cast(places(self.width / 2), np.float32) * 0.0
        return on_axis(heights * 2.0 - 1.0, 2) + on_axis(zero, 3)

    def white(self, number: int, stride: int) -> Value:
        """White noise, (1, 1, H / stride, W / stride)."""
        return self._hashed(number, places(self.height / stride), places(self.width / stride))

    def coarse(self, number: int, stride: int, cell: int) -> Value:
        """Noise that varies over cells of so many pixels, (1, 1, H / stride, W / stride)."""
        rows, columns = places(self.height / stride), places(self.width / stride)
        lattice = self._hashed(
            number, _knots(self.height / stride, cell), _knots(self.width / stride, cell)
        )
        return _enlarged(_enlarged(lattice, rows, cell, 2), columns, cell, 3)

    def _hashed(self, number: int, rows: Value, columns: Value) -> Value:
        start = _low_bits(self.seed * noise._MAP + number)
        row = _mixed(_low_bits(on_axis(rows, 2) * noise._ROW + start))
        mixed = _mixed(_low_bits(row + on_axis(columns, 3) * noise._COLUMN))
        uniform = cast(mixed / 2**8, np.float32) * 2.0**-24
        return (uniform - 0.5) * (self.amplitude * 12**0.5)


def _knots(length: Value, cell: int) -> Value:
    """Knots of the lattice behind a run of pixels from 0 on."""
    return places((length + 2 * cell - 2) / cell + 3)


def _enlarged(lattice: Value, pixels: Value, cell: int, axis: int) -> Value:
    knots, at = pixels / cell, op("Mod", pixels, cell)
    weights = noise._spline(cell).numpy()
    parts = [
        op("Gather", lattice, knots + tap, axis=axis)
        * on_axis(op("Gather", weights[:, tap].copy(), at), axis)
        for tap in range(4)
    ]
    return sum(parts[1:], parts[0])


def _low_bits(x: Value) -> Value:
    return op("BitwiseAnd", x, noise._MASK)


def _mixed(x: Value) -> Value:
    x = _low_bits(op("BitwiseXor", x, x / 2**16) * 0x7FEB352D)
    x = _low_bits(op("BitwiseXor", x, x / 2**15) * 0x5BD1E995)
    return op("BitwiseXor", x, x / 2**16)
