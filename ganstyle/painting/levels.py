"""Coarse to fine: the sizes at which an image is painted, and the sources of the finer ones.

A painter blocks in with a broad brush and refines (Hertzmann 1998). Here one generator is every
brush: strokes painted on a small canvas are broad once it is enlarged. The source of each further
level is an abstraction of the canvas before it. Only the first level sees the content image, so
that large photos become the same painting as small ones.
"""

from ganstyle.images.resize import Size

NEAR_ENOUGH = 1.8
"""Largest enlargement of the last canvas to the image: strokes are broader than a pixel, and one
more level would take longer than all others."""


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
