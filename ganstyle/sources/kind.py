"""Kind of a picture, recognized by its pixels: a draft drawn by hand, or a photo.

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
"""Size in pixels at which a picture is examined: the noise of photos and the ringing of JPEG around
borders are mostly gone."""

_MEDIAN = 5
"""Side in pixels of the median filter that removes the rest of the ringing and keeps borders."""

_CONTRAST = (160.0, 4.0)
"""Levels between dark and light to which the contrast of a picture is stretched, so that fog does
not count as flat, and the largest factor."""

_SAME = 4
"""Largest difference, in levels, of pixels from the most frequent colour.

They do not count: the background of a product and the black of a night are flat in photos too.
"""

_FLAT, _SOFT, _BUSY = 2, 16, 4
"""Levels between the neighbours of a pixel: up to the first it is flat, up to the second shaded,
and above the third too uneven to lie within an area."""

_CALM, _LEAST_CALM = 12, 0.6
"""Levels between the neighbours of a pixel up to which it is calm before any filter, and the share
of calm pixels below which nothing is a draft: JPEG rings only along borders."""

_LEAST_FLAT = 0.35
"""Least share of flat pixels in a draft; drafts as JPEGs of 320 px, quality 75, have 0.53."""

_MOST_BUSY = 0.25
"""Largest share of pixels in a draft with no calm pixel within 2 px; borders are narrower."""

_PAGE, _SHADE, _PEN, _MOST_BROAD = Limit(shorter=240), 217, 3, 0.4
"""Size at which lines are examined, px; light below which a pixel is not paper; reach in pixels
that no line fills; and share of filled places: with more it is an object, not its outline.
"""

_COLORS = 20
"""Colours, in steps of 4 levels, that cover 90 % of the flat pixels of a simple draft."""

_MOST_SOFT = (0.5, 0.25)
"""Most shaded pixels per flat one, in a simple draft, and in one of more colours, which must be
cleaner."""


def is_draft(image: Image.Image) -> bool:
    """Whether an RGB image of any size is drawn in flat areas or lines, not a photo or painting.

    Logos and screens of text count as drafts. A page of one colour does only if it is white.
    """
    return (is_line_drawing(image) and not _is_broad(image)) or _is_flat(image)


def _is_broad(drawing: Image.Image) -> bool:
    """Whether most of the marks on the paper are broader than lines."""
    light = np.asarray(whitened(_PAGE.reduce(drawing)).convert("L"))
    shade = light < _SHADE
    return bool(opened(shade, _PEN).mean() > _MOST_BROAD * shade.mean())


def _is_flat(image: Image.Image) -> bool:
    """Whether areas of one colour make up most of the image beside its most frequent colour."""
    small = image.resize(_LIMIT.size(image.size), Image.Resampling.BOX)
    if (_steps(small) <= _CALM).mean() < _LEAST_CALM:
        return False  # early: the median is slow
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
    """Range among each pixel and its neighbours, in levels of the stretched contrast: (h, w)."""
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
    """Number of colours that cover 90 % of (N,) pixels."""
    counts = np.sort(np.bincount(colors))[::-1] if colors.size else np.zeros(1)
    return int(np.searchsorted(counts.cumsum(), 0.9 * counts.sum())) + 1
