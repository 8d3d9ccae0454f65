"""Colours for drawings of nothing but lines, whose bare paper says nothing of sky or sea.

Painters give a white canvas a ground before they begin. Here each area between lines gets the
colour that things in its place mostly have: sky above, land or water below, clouds, walls and
sails where a line closes. What is painted on that is a landscape, not white fog.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from ganstyle.images.resize import Limit
from ganstyle.sources.outlines import components, grown

_PAPER, _LEAST_PAPER = 230, 0.75
"""Value of the darkest channel from which a pixel is paper, and the share of it in a drawing."""

_CHROMA, _MOST_COLORED = 48, 0.005
"""Difference of channels from which a pixel is coloured, and the share of those that a drawing may
have: ink is never quite gray in a JPEG."""

_PAPER_CELLS, _PAPER_WINDOW, _PAPER_RANK = 48, 9, 0.75
"""Shorter side of the copy in which paper is looked for, px, side of the square around each pixel
in which it is, and its rank there by light: lines cover less than a quarter of it."""

_DARKEST_PAPER, _PAPER_CHROMA, _PAPER_SLOPE = 110, 30, 0.03
"""Least value of gray paper, difference of its channels, and the share by which it changes from
one pixel of that copy to the next: light on paper changes slowly."""

_SHADE, _MOST_SHADE, _SHADE_OF_PENCIL = 0.9, 0.13, 4.0
"""Share of the paper's light from which noise becomes white, the share of darker pixels in a
drawing on gray, and how many there may be for each of pencil: fog has more."""

_PENCIL, _LEAST_PENCIL = 0.85, 0.004
"""Share of the paper's light below which a pixel is pencil, and the share of those in a drawing on
gray: gray and nothing else may be fog."""

_REACH, _MOST_THICK = 3, 0.25
"""Pixels of 240 to all sides that no line fills, and the share of the pencil that does: hair."""

_INK = 170
"""Light of a pixel below which it is ink."""

_CELLS = 120
"""Cells along the shorter side of the grid in which areas are told apart; gaps in a line of up to
two cells are closed."""

_LARGE = 0.08
"""Share of the image from which an area that touches no edge is land all the same."""

_HORIZON = 0.55
"""Height, from the top, at which sky ends where no line says so."""

_LEVEL = 0.01
"""Distance between the quartiles of a horizon, as a share of the height, up to which it is the
sea's."""

_ROUND = (0.68, 0.84)
"""Share of its box that a round area fills; an ellipse fills 0.79, a house with its roof more."""

_UPPER = (0.45, 0.55)
"""Share of a round area that lies in the upper half of its box; of a sail it is a quarter."""

Color = tuple[float, float, float]


@dataclass(frozen=True)
class _Mood:
    """Colours, in [0, 1], of a weather or an hour."""

    zenith: Color
    """Of the upper end of the sky."""
    haze: Color
    """Of its lower end."""
    far: Color
    land: Color
    sea: Color


_MOODS = (
    _Mood(
        zenith=(0.41, 0.62, 0.86),
        haze=(0.85, 0.90, 0.92),
        far=(0.45, 0.56, 0.52),
        land=(0.42, 0.54, 0.26),
        sea=(0.29, 0.47, 0.62),
    ),
    _Mood(
        zenith=(0.46, 0.47, 0.66),
        haze=(0.95, 0.72, 0.46),
        far=(0.42, 0.36, 0.44),
        land=(0.38, 0.38, 0.24),
        sea=(0.36, 0.40, 0.48),
    ),
    _Mood(
        zenith=(0.58, 0.65, 0.70),
        haze=(0.86, 0.85, 0.80),
        far=(0.50, 0.54, 0.52),
        land=(0.55, 0.50, 0.33),
        sea=(0.42, 0.52, 0.52),
    ),
)
"""A clear day, an evening, clouds: seeds take them in turn."""

_CLOUD: Color = (0.94, 0.93, 0.90)
_SUN: Color = (0.98, 0.92, 0.68)
_CROWN: Color = (0.33, 0.45, 0.22)

_THINGS: tuple[Color, ...] = (
    (0.90, 0.84, 0.70),
    (0.72, 0.38, 0.28),
    (0.80, 0.64, 0.40),
    (0.45, 0.32, 0.24),
    (0.93, 0.91, 0.86),
)
"""Of other small areas: walls, roofs, hulls, sails."""


def is_line_drawing(draft: Image.Image) -> bool:
    """Whether an RGB draft is lines on white or pale paper, or nothing but white paper."""
    small = Limit(shorter=2 * _CELLS).reduce(draft)
    return _is_on_white(small) or _is_on_gray(small)


def whitened(drawing: Image.Image) -> Image.Image:
    """An RGB line drawing on white paper, evenly lit, whatever its own is."""
    if _is_on_white(Limit(shorter=2 * _CELLS).reduce(drawing)):
        return drawing
    paper = np.asarray(_paper(drawing).resize(drawing.size, Image.Resampling.BICUBIC))
    white = np.maximum(paper, _DARKEST_PAPER) * np.float32(_SHADE)
    light = np.asarray(drawing) / white  # (H, W, 3)
    return Image.fromarray((light.clip(0, 1) * 255).round().astype(np.uint8))


def color_in(drawing: Image.Image, seed: int = 0) -> Image.Image:
    """An RGB line drawing with its areas coloured, its lines as they are and its paper evened out.

    The seed chooses weather and hour, and the colours of small areas.
    """
    drawing = whitened(drawing)
    areas = _areas(np.asarray(drawing.convert("L")))  # (h, w)
    draws = np.random.default_rng(seed)
    colors = _colored(areas, _MOODS[seed % len(_MOODS)], draws)  # (h, w, 3)
    ground = Image.fromarray((colors * 255).round().astype(np.uint8))
    return ImageChops.multiply(ground.resize(drawing.size, Image.Resampling.BICUBIC), drawing)


def _is_on_white(small: Image.Image) -> bool:
    """Whether a reduced draft is white nearly everywhere, and colourless."""
    pixels = np.asarray(small).astype(np.int16)
    colored = (np.ptp(pixels, axis=2) > _CHROMA).mean()
    return bool((pixels.min(2) >= _PAPER).mean() >= _LEAST_PAPER and colored <= _MOST_COLORED)


def _is_on_gray(small: Image.Image) -> bool:
    """Whether a reduced draft is thin lines on gray or unevenly lit paper."""
    paper = _paper(small)
    tones = np.asarray(paper).astype(np.int16)
    slopes = [np.abs(np.diff(tones.mean(2), axis=axis)).max(initial=0) for axis in (0, 1)]
    even = np.maximum(np.asarray(paper.resize(small.size, Image.Resampling.BICUBIC)), 1)
    light = (np.asarray(small) / even).clip(0, 1)  # (h, w, 3)
    pencil, shade = light.min(2) < _PENCIL, light.min(2) < _SHADE
    around = ImageFilter.BoxBlur(_REACH)  # 255 where all are pencil, then above 0 near those
    inner = np.asarray(Image.fromarray((pencil * 255).astype(np.uint8)).filter(around)) == 255
    thick = np.asarray(Image.fromarray((inner * 255).astype(np.uint8)).filter(around)) > 0
    return bool(
        np.quantile(tones.min(2), 0.05) >= _DARKEST_PAPER
        and np.quantile(np.ptp(tones, axis=2), 0.95) <= _PAPER_CHROMA
        and max(slopes) <= _PAPER_SLOPE * tones.mean()
        and pencil.mean() >= _LEAST_PENCIL
        and shade.mean() <= min(_MOST_SHADE, _SHADE_OF_PENCIL * pencil.mean())
        and thick.mean() <= _MOST_THICK * pencil.mean()
        and (np.ptp(light, axis=2) > _CHROMA / 255).mean() <= _MOST_COLORED
    )


def _paper(drawing: Image.Image) -> Image.Image:
    """Paper of an RGB drawing as it is lit, in a reduced copy without its lines."""
    small = drawing.resize(Limit(shorter=_PAPER_CELLS).size(drawing.size), Image.Resampling.BOX)
    light = ImageFilter.RankFilter(_PAPER_WINDOW, int(_PAPER_RANK * _PAPER_WINDOW**2))
    return small.filter(light).filter(ImageFilter.GaussianBlur(_PAPER_WINDOW / 2))


def _areas(light: np.ndarray) -> np.ndarray:
    """Numbers of the areas between the lines, from 0 on, in cells: (H, W) to (h, w)."""
    short = min(light.shape)
    h, w = (max(1, round(side * min(_CELLS, short) / short)) for side in light.shape)
    rows, columns = (np.arange(n) * side // n for n, side in zip((h, w), light.shape, strict=True))
    darkest = np.minimum.reduceat(np.minimum.reduceat(light, rows, 0), columns, 1)
    ink = grown(darkest < _INK)
    numbers = np.where(ink, -1, components(ink))
    if ink.all():
        return np.zeros_like(numbers)
    while (numbers < 0).any():  # lines are shared out among the areas along them
        for top, left in ((0, 1), (2, 1), (1, 0), (1, 2)):  # the neighbour on each side
            around = np.pad(numbers, 1, constant_values=-1)
            numbers = np.where(numbers < 0, around[top : top + h, left : left + w], numbers)
    return np.unique(numbers, return_inverse=True)[1].reshape(numbers.shape)


def _colored(areas: np.ndarray, mood: _Mood, draws: "np.random.Generator") -> np.ndarray:
    """Colours in [0, 1] of each cell, (h, w, 3), of numbered areas."""
    h, w = areas.shape
    heights = (np.arange(h) + 0.5) / h
    upper, lower = set(areas[0].tolist()), set(areas[-1].tolist())
    sides = set(areas[:, 0].tolist()) | set(areas[:, -1].tolist())
    skies = upper - lower
    ends = [heights[(areas == area).any(1)].max() for area in skies]
    horizon = float(max(ends, default=_HORIZON))
    toward_haze = np.clip(heights / horizon, 0, 1)[:, None] ** 1.5
    sky = (1 - toward_haze) * mood.zenith + toward_haze * mood.haze  # (h, 3)
    near = mood.sea if _is_level(np.isin(areas, list(lower - upper))) else mood.land
    colors = np.empty((h, w, 3))
    for area in range(int(areas.max()) + 1):
        own = areas == area
        rows = np.nonzero(own)[0]
        if area in skies:
            colors[own] = sky[rows]
        elif area in upper:  # from top to bottom: no line parts sky and land
            colors[own] = np.where((heights > _HORIZON)[rows, None], near, sky[rows])
        elif area in lower:
            colors[own] = near
        elif area in sides or len(rows) > _LARGE * h * w:
            colors[own] = mood.far
        else:
            colors[own] = _thing(own, horizon * h, draws)
    return colors


def _is_level(ground: np.ndarray) -> bool:
    """Whether the upper border of a mask, (h, w), is a level line, as the sea's horizon is."""
    border = ground.argmax(0)[ground.any(0)]
    if not len(border):
        return True
    return bool(np.diff(np.quantile(border, (0.25, 0.75)))[0] <= _LEVEL * len(ground))


def _thing(own: np.ndarray, horizon: float, draws: "np.random.Generator") -> Color:
    """Colour of what a mask, (h, w), may be: a cloud, the sun, the crown of a tree, or man-made."""
    rows, columns = np.nonzero(own)
    tall, wide = np.ptp(rows) + 1, np.ptp(columns) + 1
    if rows.max() < 0.6 * horizon:
        return _CLOUD if wide > 1.5 * tall else _SUN
    fills = len(rows) / (tall * wide)
    above = float((rows < rows.min() + tall / 2).mean())
    if _ROUND[0] <= fills <= _ROUND[1] and _UPPER[0] <= above <= _UPPER[1]:
        return _CROWN
    return _THINGS[int(draws.integers(len(_THINGS)))]
