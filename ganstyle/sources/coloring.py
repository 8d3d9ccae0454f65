"""Colours for drawings of nothing but lines, whose bare paper does not show sky or sea.

Painters give a white canvas a ground before they begin. Here each area between lines gets the
usual colour of things in its place: sky above, land or water below, clouds, walls and sails where
a line closes. So the generator paints a landscape on it, not white fog.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops

from ganstyle.sources.line_drawing import whitened
from ganstyle.sources.outlines import components, grown

_INK = 170
"""Light of a pixel below which it is ink."""

_CELLS = 120
"""Cells along the shorter side of the grid of areas; gaps of up to two cells in a line are
closed."""

_LARGE = 0.08
"""Share of the image from which an area counts as land although it touches no edge."""

_HORIZON = 0.55
"""Height, from the top, at which the sky ends if no line shows it."""

_LEVEL = 0.01
"""Distance between the quartiles of a horizon, as a share of the height, up to which it is that of
the sea."""

_ROUND = (0.68, 0.84)
"""Share of its bounding box that a round area fills: an ellipse 0.79, a house with a roof more."""

_UPPER = (0.45, 0.55)
"""Share of a round area that lies in the upper half of its box; of a sail it is a quarter."""

Color = tuple[float, float, float]


@dataclass(frozen=True)
class _Mood:
    """Colours, in [0, 1], of a kind of weather or a time of day."""

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
"""A clear day, an evening, clouds: taken in turn by the seed."""

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


def color_in(drawing: Image.Image, seed: int = 0) -> Image.Image:
    """An RGB line drawing with coloured areas, unchanged lines and evenly lit paper.

    The seed chooses weather, time of day and the colours of small areas.
    """
    drawing = whitened(drawing)
    areas = _areas(np.asarray(drawing.convert("L")))  # (h, w)
    rng = np.random.default_rng(seed)
    colors = _colored(areas, _MOODS[seed % len(_MOODS)], rng)  # (h, w, 3)
    ground = Image.fromarray((colors * 255).round().astype(np.uint8))
    return ImageChops.multiply(ground.resize(drawing.size, Image.Resampling.BICUBIC), drawing)


def _areas(light: np.ndarray) -> np.ndarray:
    """Numbers of the areas between the lines, from 0, by cell: (H, W) to (h, w)."""
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


def _colored(areas: np.ndarray, mood: _Mood, rng: "np.random.Generator") -> np.ndarray:
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
            colors[own] = _thing(own, horizon * h, rng)
    return colors


def _is_level(ground: np.ndarray) -> bool:
    """Whether the upper border of a mask, (h, w), is level, like the horizon of the sea."""
    border = ground.argmax(0)[ground.any(0)]
    if not len(border):
        return True
    return bool(np.diff(np.quantile(border, (0.25, 0.75)))[0] <= _LEVEL * len(ground))


def _thing(own: np.ndarray, horizon: float, rng: "np.random.Generator") -> Color:
    """Colour of an object, by its mask (h, w): a cloud, the sun, a tree's crown, or man-made."""
    rows, columns = np.nonzero(own)
    tall, wide = np.ptp(rows) + 1, np.ptp(columns) + 1
    if rows.max() < 0.6 * horizon:
        return _CLOUD if wide > 1.5 * tall else _SUN
    fills = len(rows) / (tall * wide)
    above = float((rows < rows.min() + tall / 2).mean())
    if _ROUND[0] <= fills <= _ROUND[1] and _UPPER[0] <= above <= _UPPER[1]:
        return _CROWN
    return _THINGS[int(rng.integers(len(_THINGS)))]
