"""Kinds of pictures, told by the picture itself: a draft by hand, or a photo.

A draft has areas of one colour each and sharp borders between them, or lines on paper. In a photo
even the sky and the blurred background change from pixel to pixel, if only a little.
"""

import numpy as np
from PIL import Image, ImageFilter

from ganstyle.images.resize import Limit
from ganstyle.sources.line_drawing import (
    extremes,
    inner,
    is_line_drawing,
    opened,
    quantile,
    whitened,
)

_LIMIT = Limit(shorter=160, longer=480)
"""Size in pixels at which a picture is looked at: what photos have in noise, and JPEG in rings
around borders, is mostly gone."""

_MEDIAN = 5
"""Side in pixels of the median that takes what is left of such rings, and keeps borders."""

_CONTRAST = (160.0, 4.0)
"""Levels between dark and light up to which a picture is spread, lest fog be flat, and by how much
at most."""

_SAME = 4
"""Levels by which pixels of the most frequent colour differ from it at most.

They do not count: the background of a product and the black of a night are flat in photos too.
"""

_FLAT, _SOFT, _BUSY = 2, 16, 4
"""Levels between the neighbours of a pixel: up to the first it is flat, up to the second shaded,
and from above the third not flat enough to lie within an area."""

_CALM, _LEAST_CALM = 12, 0.6
"""Levels between the neighbours of a pixel up to which it is calm before any filter, and the share
of those below which nothing can be a draft: JPEG's rings are along borders alone."""

_LEAST_FLAT = 0.35
"""Share of flat pixels in a draft; of drafts as JPEGs of 320 px and quality 75 it is 0.53."""

_MOST_BUSY = 0.25
"""Share of pixels in a draft with nothing calm within 2 px; borders are narrower."""

_PAGE, _SHADE, _PEN, _MOST_BROAD = Limit(shorter=240), 217, 3, 0.4
"""Size at which lines are looked at, light below which a pixel of that is no paper, pixels to all
sides that no line fills, and the share of such places: more is a thing on white, not its outline.
"""

_COLORS = 20
"""Colours, in steps of 4 levels, that cover 90 % of the flat pixels of a simple draft."""

_MOST_SOFT = (0.5, 0.25)
"""Shaded pixels for each flat one: in a simple draft, and in one of more colours, which must be
cleaner to count as one."""


def is_draft(image: Image.Image) -> bool:
    """Whether an RGB image of any size is drawn, in flat areas or lines, and no photo or painting.

    Logos and screens of text count as drafts; a page of one colour does only if it is white.
    """
    return (is_line_drawing(image) and not _is_broad(image)) or _is_flat(image)


def _is_broad(drawing: Image.Image) -> bool:
    """Whether most of what is on the paper is broader than lines are."""
    light = np.asarray(whitened(_PAGE.reduce(drawing)).convert("L"))
    shade = light < _SHADE
    return bool(opened(shade, _PEN).mean() > _MOST_BROAD * shade.mean())


def _is_flat(image: Image.Image) -> bool:
    """Whether areas of one colour each make up most of what is not in the most frequent colour."""
    small = image.resize(_LIMIT.size(image.size), Image.Resampling.BOX)
    if (_steps(small) <= _CALM).mean() < _LEAST_CALM:
        return False  # at once: the median takes long
    small = small.filter(ImageFilter.MedianFilter(_MEDIAN))
    pixels = np.asarray(small).astype(np.int32)  # (h, w, 3)
    colors = pixels // 4 @ (4096, 64, 1)  # (h, w)
    most = colors == np.bincount(colors.ravel()).argmax()
    rest = np.abs(pixels - pixels[most].mean(0)).max(2) > _SAME
    if not rest.any():
        return False
    steps = _steps(small)
    busy = inner(steps > _BUSY, 2)
    flat, soft = steps <= _FLAT, (steps > _FLAT) & (steps <= _SOFT)
    simple = _number(colors[steps <= _BUSY]) <= _COLORS
    return bool(
        flat[rest].mean() >= _LEAST_FLAT
        and busy[rest].mean() <= _MOST_BUSY
        and soft[rest].mean() <= _MOST_SOFT[0 if simple else 1] * flat[rest].mean()
    )


def _steps(image: Image.Image) -> np.ndarray:
    """Differences among each pixel and its neighbours in levels, (h, w), the contrast spread."""
    framed = np.pad(np.asarray(image).astype(np.int16), ((1, 1), (1, 1), (0, 0)), mode="edge")
    high, low = framed, framed
    for axis in (0, 1):
        parts = [(slice(None),) * axis + (slice(k, k + image.size[1 - axis]),) for k in range(3)]
        high = np.maximum.reduce([high[part] for part in parts])
        low = np.minimum.reduce([low[part] for part in parts])
    light_of = np.asarray(image.convert("L"))
    dark, light = quantile(light_of, 0.02), quantile(light_of, 0.98)
    spread = min(_CONTRAST[1], max(1.0, _CONTRAST[0] / max(1.0, light - dark)))
    steps: np.ndarray = extremes(high - low)[1] * spread
    return steps


def _number(colors: np.ndarray) -> int:
    """Number of colours that cover 90 % of (N,) of them."""
    counts = np.sort(np.bincount(colors))[::-1] if colors.size else np.zeros(1)
    return int(np.searchsorted(counts.cumsum(), 0.9 * counts.sum())) + 1
