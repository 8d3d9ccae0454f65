"""Coarse to fine: the sizes at which an image is painted, and the sources of the finer ones.

A painter blocks in with a broad brush and refines (Hertzmann 1998). One generator is every brush:
painted small and enlarged, its strokes are broad; what it draws on at the next level is an
abstraction of that painting. Nothing but the first level sees the content image, so that large
photos become the same painting as small ones.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from ganstyle.images.resize import Size
from ganstyle.images.tensors import resized_pixels, rounded, scaled
from ganstyle.sources.abstraction import Abstraction, kuwahara

NEAR_ENOUGH = 1.6
"""Times that the last canvas is enlarged to the image at most: strokes are broader than a pixel,
and a level more would take longer than all before it."""

_BAND_PIXELS, _LEAST_ROWS = 2**19, 32
"""Pixels of reduced canvases that are filtered at once, and rows: for an image of 100 megapixels in
one piece the filter would take a gigabyte."""


def plan_levels(size: Size, side: float, most_enlarged: float) -> tuple[Size, ...]:
    """Sizes of the canvases of an image, coarsest first.

    side: shorter side of the first, px; each next one is twice as large, until one is NEAR_ENOUGH.
    The first canvas of a large image is that of a small one, so both become the same painting.
    most_enlarged: times that a small image is enlarged for it.
    """
    short = min(size)
    side = min(side, most_enlarged * short)
    sides = [side]
    last = short / NEAR_ENOUGH
    while sides[-1] < last:
        sides.append(min(2 * sides[-1], last))
    return tuple(_scaled_size(size, each / short) for each in sides)


def _scaled_size(size: Size, ratio: float) -> Size:
    return max(1, round(size[0] * ratio)), max(1, round(size[1] * ratio))


@torch.inference_mode()
def refining_sources(canvases: Tensor, size: Size, abstraction: Abstraction) -> Tensor:
    """Abstractions of canvases, uint8 (B, h, w, 3), to refine them on: uint8 (B, H, W, 3).

    size: W and H. What abstract() makes of canvases so large, in less memory.
    """
    height, width = abstraction.reduced_size(size[1], size[0])
    reduced = resized_pixels(canvases, (width, height))
    sources = torch.empty_like(reduced)
    for rows, outer in _bands((width, height), len(canvases), abstraction.radius):
        drawn = kuwahara(scaled(reduced[:, outer.start : outer.stop]), abstraction.radius)
        first = rows.start - outer.start
        sources[:, rows.start : rows.stop] = rounded(drawn[:, :, first : first + len(rows)])
    return resized_pixels(sources, size)


def _bands(size: Size, count: int, margin: int) -> Iterator[tuple[range, range]]:
    """Rows of each band of `count` images of that size, and the same with the rows around them."""
    width, height = size
    step = max(_LEAST_ROWS, _BAND_PIXELS // (width * count))
    for top in range(0, height, step):
        bottom = min(top + step, height)
        yield range(top, bottom), range(max(0, top - margin), min(bottom + margin, height))
