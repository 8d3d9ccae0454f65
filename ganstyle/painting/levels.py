"""Coarse to fine: the sizes at which an image is painted, and the sources of the finer ones.

A painter blocks in with a broad brush and refines (Hertzmann 1998). Here one generator is every
brush: strokes painted on a small canvas are broad once it is enlarged. The source of each further
level is an abstraction of the canvas before it. Only the first level sees the content image, so
that large photos become the same painting as small ones.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from ganstyle.images.resize import Size
from ganstyle.images.tensors import resized_pixels, rounded, scaled
from ganstyle.sources.abstraction import Abstraction, kuwahara

NEAR_ENOUGH = 1.6
"""Largest enlargement of the last canvas to the image: strokes are broader than a pixel, and one
more level would take longer than all others."""

_BAND_PIXELS, _LEAST_ROWS = 2**19, 32
"""Pixels of reduced canvases that are filtered at once, and least rows: the filter would take a
gigabyte for an image of 100 megapixels in one piece."""


def plan_levels(
    size: Size, side: float, most_enlarged: float, finest: float = 0.0
) -> tuple[Size, ...]:
    """Sizes of the canvases of an image, coarsest first.

    side: shorter side of the first, px; each further one is at most twice as large, and the last
    one NEAR_ENOUGH to the image. The first canvas of a large image has the size of a small image's,
    so both become the same painting. most_enlarged: largest enlargement of a small image for a
    canvas. finest: least shorter side of the last canvas, px: what a broad brush has painted is
    refined in small images as well.
    """
    short = min(size)
    side, finest = (min(each, most_enlarged * short) for each in (side, finest))
    sides = [side]
    last = max(finest, short / NEAR_ENOUGH)
    while sides[-1] < last:
        sides.append(min(2 * sides[-1], last))
    return tuple(_scaled_size(size, each / short) for each in sides)


def _scaled_size(size: Size, ratio: float) -> Size:
    return max(1, round(size[0] * ratio)), max(1, round(size[1] * ratio))


@torch.inference_mode()
def refining_sources(canvases: Tensor, size: Size, abstraction: Abstraction) -> Tensor:
    """Sources of the next level, uint8 (B, H, W, 3): abstractions of canvases, uint8 (B, h, w, 3).

    size: W and H. The same as abstract() of the enlarged canvases, in less memory.
    """
    height, width = abstraction.reduced_size(size[1], size[0])
    reduced = resized_pixels(canvases, (width, height))
    sources = torch.empty_like(reduced)
    for rows, outer in _bands((width, height), len(canvases), abstraction.radius):
        filtered = kuwahara(scaled(reduced[:, outer.start : outer.stop]), abstraction.radius)
        first = rows.start - outer.start
        sources[:, rows.start : rows.stop] = rounded(filtered[:, :, first : first + len(rows)])
    return resized_pixels(sources, size)


def _bands(size: Size, count: int, margin: int) -> Iterator[tuple[range, range]]:
    """Rows of each band of `count` images of that size, without and with a margin around them."""
    width, height = size
    step = max(_LEAST_ROWS, _BAND_PIXELS // (width * count))
    for top in range(0, height, step):
        bottom = min(top + step, height)
        yield range(top, bottom), range(max(0, top - margin), min(bottom + margin, height))
