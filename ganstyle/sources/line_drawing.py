"""Line drawings: how they are recognized, and how their paper is made evenly white."""

import numpy as np
from PIL import Image, ImageFilter

from ganstyle.images.resize import Limit

_LOOKED_AT = 240
"""Shorter side of the copy by which a drawing is recognized, px."""

_PAPER, _LEAST_PAPER = 230, 0.75
"""Value of the darkest channel from which a pixel is paper, and least share of paper."""

_CHROMA, _MOST_COLORED = 48, 0.005
"""Difference of channels from which a pixel is coloured, and largest share of coloured pixels: ink
is never quite gray in a JPEG."""

_PAPER_CELLS, _PAPER_WINDOW, _PAPER_RANK = 48, 9, 0.75
"""Shorter side of the copy in which the paper is found, px; side of the square around each pixel;
and rank of the paper among its pixels by light: lines cover less than a quarter."""

_DARKEST_PAPER, _PAPER_CHROMA, _PAPER_SLOPE = 110, 30, 0.03
"""Least value of gray paper; largest difference between its channels; and largest relative change
from one pixel of that copy to the next: light on paper changes slowly."""

_SHADE, _MOST_SHADE, _SHADE_OF_PENCIL = 0.9, 0.13, 4.0
"""Share of the paper's light from which noise becomes white; largest share of darker pixels in a
drawing on gray; and most of them per pencil pixel: fog has more."""

_PENCIL, _LEAST_PENCIL = 0.85, 0.004
"""Share of the paper's light below which a pixel is pencil, and least share of pencil in a drawing
on gray: nothing but gray may be fog."""

_REACH, _MOST_THICK = 3, 0.25
"""Reach in pixels of 240 that no line fills, and largest share of pencil that does: hair."""


def is_line_drawing(draft: Image.Image) -> bool:
    """Whether an RGB draft is lines on white or pale paper, or nothing but white paper."""
    small = draft.resize(Limit(shorter=_LOOKED_AT).size(draft.size), Image.Resampling.BOX)
    return _is_on_white(small) or _is_on_gray(small)


def whitened(drawing: Image.Image) -> Image.Image:
    """An RGB line drawing on evenly lit white paper, whatever its paper was."""
    if _is_on_white(Limit(shorter=_LOOKED_AT).reduce(drawing)):
        return drawing
    paper = np.asarray(_paper(drawing).resize(drawing.size, Image.Resampling.BICUBIC))
    white = np.maximum(paper, _DARKEST_PAPER) * np.float32(_SHADE)
    light = np.asarray(drawing) / white  # (H, W, 3)
    return Image.fromarray((light.clip(0, 1) * 255).round().astype(np.uint8))


def _is_on_white(small: Image.Image) -> bool:
    """Whether a reduced draft is white nearly everywhere, and colourless."""
    darkest, lightest = extremes(np.asarray(small))
    colored = (lightest - darkest > _CHROMA).mean()
    return bool((darkest >= _PAPER).mean() >= _LEAST_PAPER and colored <= _MOST_COLORED)


def _is_on_gray(small: Image.Image) -> bool:
    """Whether a reduced draft is thin lines on gray or unevenly lit paper."""
    darkest, lightest = extremes(np.asarray(small))
    if (lightest - darkest > 2 * _CHROMA).mean() > _MOST_COLORED:
        return False  # early: the filter that finds the paper is slow
    paper = _paper(small)
    tones = np.asarray(paper).astype(np.int16)
    slopes = [np.abs(np.diff(tones.mean(2), axis=axis)).max(initial=0) for axis in (0, 1)]
    even = np.maximum(np.asarray(paper.resize(small.size, Image.Resampling.BICUBIC)), 1)
    light = (np.asarray(small) / even).clip(0, 1)  # (h, w, 3)
    pencil, shade = light.min(2) < _PENCIL, light.min(2) < _SHADE
    return bool(
        quantile(tones.min(2), 0.05) >= _DARKEST_PAPER
        and quantile(np.ptp(tones, axis=2), 0.95) <= _PAPER_CHROMA
        and max(slopes) <= _PAPER_SLOPE * tones.mean()
        and pencil.mean() >= _LEAST_PENCIL
        and shade.mean() <= min(_MOST_SHADE, _SHADE_OF_PENCIL * pencil.mean())
        and opened(pencil, _REACH).mean() <= _MOST_THICK * pencil.mean()
        and (np.ptp(light, axis=2) > _CHROMA / 255).mean() <= _MOST_COLORED
    )


def opened(mask: np.ndarray, reach: int) -> np.ndarray:
    """Parts of a mask, (H, W), that hold a square which reaches so many px to all sides."""
    return _blurred(inner(mask, reach), reach) > 0


def inner(mask: np.ndarray, reach: int) -> np.ndarray:
    """Pixels of a mask, (H, W), whose neighbours within `reach` px all lie in it."""
    all_in: np.ndarray = _blurred(mask, reach) == 255
    return all_in


def _blurred(mask: np.ndarray, reach: int) -> np.ndarray:
    """Mean of a mask around each pixel, from 0 to 255."""
    image = Image.fromarray((mask * 255).astype(np.uint8))
    return np.asarray(image.filter(ImageFilter.BoxBlur(reach)))


def quantile(values: np.ndarray, share: float) -> float:
    """Quantile of values of any shape; NumPy's own would load more modules."""
    rank = round(share * (values.size - 1))
    return float(np.partition(values.ravel(), rank)[rank])


def extremes(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least and greatest channel of each pixel, (H, W, 3) to (H, W): ten times as fast as a
    reduction along the last axis."""
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    return (
        np.minimum(np.minimum(red, green), blue),
        np.maximum(np.maximum(red, green), blue),
    )


def _paper(drawing: Image.Image) -> Image.Image:
    """Paper of an RGB drawing with its lighting, as a reduced copy without the lines."""
    small = drawing.resize(Limit(shorter=_PAPER_CELLS).size(drawing.size), Image.Resampling.BOX)
    light = ImageFilter.RankFilter(_PAPER_WINDOW, int(_PAPER_RANK * _PAPER_WINDOW**2))
    return small.filter(light).filter(ImageFilter.GaussianBlur(_PAPER_WINDOW / 2))
