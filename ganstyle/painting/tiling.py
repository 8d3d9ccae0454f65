"""Tiles of an image, cut with such margins that the result equals that of the whole image."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

import numpy as np
import torch
from torch import Tensor

from ganstyle.config import SMALLEST_TILE

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels; right and bottom do not belong to it."""


@dataclass(frozen=True)
class Tile:
    """A part of an image. inner: what is taken from the output. outer: the generator's input.

    outer may reach beyond the image on the right and below, where the edge pixels are repeated. Its
    sides are multiples of the generator's stride, and it starts on the stride's grid.
    """

    inner: Box
    outer: Box

    @property
    def outer_size(self) -> tuple[int, int]:
        """Width and height of outer, px."""
        left, top, right, bottom = self.outer
        return right - left, bottom - top

    @property
    def offset(self) -> tuple[int, int]:
        """Column and row of inner within outer."""
        return self.inner[0] - self.outer[0], self.inner[1] - self.outer[1]


def plan_tiles(size: tuple[int, int], side: int | None, *, halo: int, stride: int) -> list[Tile]:
    """Tiles of at most `side` pixels, in whole strides, that cover an image of that size.

    All have one outer size. side: None for one tile. halo: the generator's receptive field, px;
    with it, no pixel of a tile depends on anything that was cut off. stride: the generator's, px.
    """
    columns = list(_spans(size[0], side, halo, stride))
    rows = list(_spans(size[1], side, halo, stride))
    return [
        Tile(
            (column.inner[0], row.inner[0], column.inner[1], row.inner[1]),
            (column.outer[0], row.outer[0], column.outer[1], row.outer[1]),
        )
        for row in rows
        for column in columns
    ]


def tile_side(pixels: int, halo: int) -> int:
    """Side of a square tile whose outer box has about that many pixels; at least SMALLEST_TILE."""
    return max(SMALLEST_TILE, int(pixels**0.5) - 2 * halo)


def crop_padded(pixels: Tensor, box: Box) -> Tensor:
    """Pixels, uint8 (B, H, W, 3), in box; beyond the image its edges are repeated."""
    left, top, right, bottom = box
    height, width = pixels.shape[1:3]
    within = pixels[:, max(top, 0) : min(bottom, height), max(left, 0) : min(right, width)]
    around = (max(-top, 0), max(bottom - height, 0)), (max(-left, 0), max(right - width, 0))
    if around == ((0, 0), (0, 0)):
        return within
    # torch pads no uint8.
    return torch.from_numpy(np.pad(within.numpy(), ((0, 0), *around, (0, 0)), mode="edge"))


@dataclass(frozen=True)
class _Span:
    """A tile along one axis."""

    inner: tuple[int, int]
    outer: tuple[int, int]


def _spans(length: int, side: int | None, halo: int, stride: int) -> Iterator[_Span]:
    halo = _up(halo, stride)
    end = _up(length, stride)  # where Generator.forward ends the padded image
    step = length
    if side is not None:
        most = max(1, side // stride) * stride
        step = _up(ceil(length / ceil(length / most)), stride)  # as few tiles, as small ones
    # All have one length, also at the edges: for a smaller tile, torch may choose another
    # algorithm, which rounds differently.
    outer = min(_up(step, stride) + 2 * halo, end)
    for start in range(0, length, step):
        first = min(max(start - halo, 0), end - outer)
        yield _Span((start, min(start + step, length)), (first, first + outer))


def _up(value: int, multiple: int) -> int:
    return -(-value // multiple) * multiple
