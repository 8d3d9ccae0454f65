"""The levels of a painting in a graph: their sizes, and the loop over them, coarse to fine."""

from dataclasses import dataclass

import numpy as np

from ganstyle.export.graph import Value, cast, choose, either, largest, loop, op, smallest
from ganstyle.export.kuwahara import refining_source
from ganstyle.export.network import drawn
from ganstyle.export.resizing import Size
from ganstyle.models.generator import Generator
from ganstyle.painting.levels import NEAR_ENOUGH
from ganstyle.sources.easel import Easel

LEVELS_APART = 32
"""Seeds that a picture takes up, one a level: see painting/painter."""

_MOST_LEVELS = 16
"""Levels of an image of a side of ten million px."""


@dataclass(frozen=True)
class Levels:
    """Sizes of the canvases of a picture: see painting/levels.

    size: of the picture. side: shorter side of the first canvas, px, float32; each next one is
    twice as large, until one is near enough.
    """

    size: Size
    side: Value

    @classmethod
    def of(cls, size: Size, side: Value, most_enlarged: Value) -> "Levels":
        """The levels of a picture. most_enlarged: times that a small one is enlarged at most."""
        return cls(size, smallest(side, most_enlarged * cast(size.short, np.float32)))

    @property
    def count(self) -> Value:
        """Number of the levels, int64."""
        sides = self.side * 2.0 ** np.arange(_MOST_LEVELS, dtype=np.float32)
        return op("ReduceSum", cast(sides < self._last, np.int64), keepdims=0) + 1

    def size_of(self, index: Value) -> Size:
        """Size of the canvas of a level, counted from 0."""
        doubled = self.side * op("Pow", np.array(2, np.float32), cast(index, np.float32))
        side = either(index < 1, self.side, smallest(doubled, self._last))
        return self.size.scaled(side / cast(self.size.short, np.float32))

    @property
    def _last(self) -> Value:
        return cast(self.size.short, np.float32) * (1 / NEAR_ENOUGH)  # 5/8, exact


def painted(
    generator: Generator, easel: Easel, levels: Levels, source: Value, seed: Value, invention: Value
) -> Value:
    """The last canvas, in whole numbers up to 255 as the source of the first level is."""

    def step(index: Value, canvas: Value) -> Value:
        refined = choose(
            index < 1,
            lambda: canvas,
            lambda: refining_source(canvas, levels.size_of(index), easel.refined),
        )
        return canvas_of(generator, refined, seed * LEVELS_APART + index, invention)

    return loop(levels.count, source, step)


def canvas_of(generator: Generator, source: Value, seed: Value, invention: Value) -> Value:
    """What the generator draws on a source, both in whole numbers up to 255."""
    result = drawn(generator, source / 255.0, seed, invention)
    return smallest(largest(op("Round", result * 255.0), 0.0), 255.0)
