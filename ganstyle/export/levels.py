"""The levels of a painting in a graph: their sizes, and the loop over them, coarse to fine."""

from dataclasses import dataclass

import numpy as np

from ganstyle.export.graph import Value, cast, choose, either, largest, loop, op, smallest
from ganstyle.export.kuwahara import refining_source
from ganstyle.export.network import drawn
from ganstyle.export.resizing import UNIT, Size
from ganstyle.models.generator import Generator
from ganstyle.painting.levels import NEAR_ENOUGH
from ganstyle.sources.easel import Easel

LEVELS_APART = 32
"""Seeds that a picture takes up, one a level: see painting/painter."""

_MOST_LEVELS = 16
"""Levels of an image of a side of ten million px."""

_PARTS = 9
"""Parts of the picture's side, five of which are near enough."""


@dataclass(frozen=True)
class Levels:
    """Sizes of the canvases of a picture: see painting/levels.

    size: of the picture. first, last, whole: shorter sides of its first canvas, and of the one that
    is near enough, as fractions of the picture's: first / whole and last / whole.
    """

    size: Size
    first: Value
    last: Value
    whole: Value

    @classmethod
    def of(
        cls, size: Size, side: Value, brush: Value, most_enlarged: Value, finest: Value
    ) -> "Levels":
        """The levels of a picture.

        side: shorter side of the first canvas at a brush of 1, px, int64. brush: float32.
        most_enlarged: times that a small picture is enlarged for a canvas at most, int64. finest:
        least shorter side of the last canvas, px, int64.
        """
        parts = cast(op("Round", brush * float(UNIT)), np.int64)
        whole = size.short * parts * _PARTS
        first = smallest(side * (UNIT * _PARTS), whole * most_enlarged)
        finest = smallest(finest * parts * _PARTS, whole * most_enlarged)
        near = size.short * parts * round(_PARTS / NEAR_ENOUGH)
        return cls(size, first, largest(finest, near), whole)

    @property
    def count(self) -> Value:
        """Number of the levels, int64."""
        sides = self.first * 2 ** np.arange(_MOST_LEVELS)
        return op("ReduceSum", cast(sides < self.last, np.int64), keepdims=0) + 1

    def size_of(self, index: Value) -> Size:
        """Size of the canvas of a level, counted from 0."""
        doubled = self.first * cast(op("Pow", np.array(2, np.float32), index), np.int64)
        side = either(index < 1, self.first, smallest(doubled, self.last))
        return self.size.scaled(side, self.whole)


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
