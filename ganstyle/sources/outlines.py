"""Outlines of the areas of a label grid, as polygons: traced, rounded, straightened or simple."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

Outline = np.ndarray
"""Corners of a closed polygon, x and y in cells: float64 (N, 2)."""


@dataclass(frozen=True)
class Areas:
    """Connected areas of equal label, the one with the largest outline first."""

    labels: tuple[int, ...]
    outlines: tuple[Outline, ...]
    """Outer outlines, holes filled."""
    sizes: tuple[float, ...]
    """Cells within each outline."""


def merge_islands(
    labels: np.ndarray, least: float, spared: float, rng: "np.random.Generator"
) -> np.ndarray:
    """Give areas of fewer than `least` cells to the neighbour with the longest common border.

    labels: whole numbers, (h, w), to the same. spared: share that is kept nevertheless, among
    areas of a tenth of `least` or more.
    """
    merged = labels.copy()
    areas = components(merged)
    sizes = np.bincount(areas.ravel())
    for component in np.argsort(sizes, kind="stable").tolist():
        if sizes[component] >= least:
            break
        if sizes[component] >= least / 10 and rng.random() < spared:
            continue
        own = areas == component
        around = Counter(merged[grown(own) & ~own].tolist())
        if around:
            merged[own] = around.most_common(1)[0][0]
    return merged


def outlines_of(labels: np.ndarray) -> Areas:
    """The areas of a grid of labels, (h, w), and their outer outlines through the cells' sides."""
    areas = components(labels)
    found = []
    for component in range(int(areas.max()) + 1):
        own = areas == component
        outline, area = _outer_outline(own)
        y, x = np.unravel_index(int(own.argmax()), own.shape)
        found.append((area, int(labels[y, x]), outline))
    found.sort(key=lambda each: -each[0])
    sizes, names, lines = zip(*found, strict=True)
    return Areas(names, lines, sizes)


def rounded(outline: Outline, window: int) -> Outline:
    """An outline with its corners averaged over a window of neighbours."""
    window = min(window, len(outline))
    around = np.concatenate([outline, outline[: window - 1]])
    sums = np.cumsum(np.concatenate([np.zeros((1, 2)), around]), 0)
    means: Outline = (sums[window:] - sums[:-window]) / window
    return means


def straightened(outline: Outline, tolerance: float) -> Outline:
    """An outline of fewer corners, at most tolerance away (Douglas & Peucker 1973)."""
    # In two halves, between corners that are far apart: a closed line has no ends.
    first = int(np.square(outline - outline.mean(0)).sum(1).argmax())
    line = np.roll(outline, -first, 0)
    second = int(np.square(line - line[0]).sum(1).argmax())
    closed = np.concatenate([line, line[:1]])
    kept = _kept(closed, 0, second, tolerance) + _kept(closed, second, len(line), tolerance)
    return closed[kept] if len(kept) > 2 else outline


def simple_shape(outline: Outline, rng: "np.random.Generator") -> Outline:
    """A triangle, an ellipse or a box instead of an area, about as large."""
    low, high = outline.min(0), outline.max(0)
    middle, half = (low + high) / 2, (high - low) / 2
    kind = rng.integers(3)
    if kind == 0:
        apex = rng.uniform(0.25, 0.75)
        return np.array([[low[0] + apex * (high - low)[0], low[1]], high, [low[0], high[1]]])
    if kind == 1:
        angles = np.linspace(0, 2 * np.pi, 25)[:-1]
        corners = np.stack([np.cos(angles), np.sin(angles)], 1)
    else:
        tilt = rng.normal(0, 0.05)
        corners = 0.85 * np.array([[-1, -1 - tilt], [1, -1 + tilt], [1, 1], [-1, 1]])
    shape: Outline = middle + half * corners
    return shape


def _kept(line: Outline, start: int, end: int, tolerance: float) -> list[int]:
    """Indices of the corners that stay from start up to, not including, end."""
    if end - start < 2:
        return [start] if end > start else []
    base = line[end] - line[start]
    rest = line[start + 1 : end] - line[start]
    across = np.abs(base[0] * rest[:, 1] - base[1] * rest[:, 0]) / max(np.hypot(*base), 1e-9)
    farthest = int(across.argmax())
    if across[farthest] <= tolerance:
        return [start]
    middle = start + 1 + farthest
    return _kept(line, start, middle, tolerance) + _kept(line, middle, end, tolerance)


def components(labels: np.ndarray) -> np.ndarray:
    """Numbers of the connected areas of equal label, from 0: (h, w) to the same."""
    h, w = labels.shape
    flat = labels.ravel().tolist()
    number = [-1] * len(flat)
    count = 0
    for start in range(len(flat)):
        if number[start] >= 0:
            continue
        label, waiting = flat[start], [start]
        number[start] = count
        while waiting:
            cell = waiting.pop()
            column = cell % w
            near = (
                cell - 1 if column else -1,
                cell + 1 if column < w - 1 else -1,
                cell - w,
                cell + w if cell + w < len(flat) else -1,
            )
            for other in near:
                if other >= 0 and number[other] < 0 and flat[other] == label:
                    number[other] = count
                    waiting.append(other)
        count += 1
    return np.array(number).reshape(h, w)


def grown(mask: np.ndarray) -> np.ndarray:
    """A mask, (h, w), dilated by one cell along both axes."""
    larger = mask.copy()
    larger[1:] |= mask[:-1]
    larger[:-1] |= mask[1:]
    larger[:, 1:] |= mask[:, :-1]
    larger[:, :-1] |= mask[:, 1:]
    return larger


def _outer_outline(mask: np.ndarray) -> tuple[Outline, float]:
    """Longest outline around the cells of a mask, through the middles of their sides; its area."""
    padded = np.pad(mask, 1)
    inside = padded[1:-1, 1:-1]
    follow: dict[tuple[int, int], list[tuple[int, int]]] = {}
    sides = (  # of a cell that has no neighbour there: start and end, the cell on the right
        (~padded[:-2, 1:-1], (0, 0), (1, 0)),
        (~padded[1:-1, 2:], (1, 0), (1, 1)),
        (~padded[2:, 1:-1], (1, 1), (0, 1)),
        (~padded[1:-1, :-2], (0, 1), (0, 0)),
    )
    for free, (start_x, start_y), (end_x, end_y) in sides:
        for y, x in zip(*(axis.tolist() for axis in np.nonzero(inside & free)), strict=True):
            follow.setdefault((x + start_x, y + start_y), []).append((x + end_x, y + end_y))
    best, best_area = np.zeros((3, 2)), -1.0
    while follow:
        corner = next(iter(follow))
        way = []
        while corner in follow:
            way.append(corner)
            ends = follow[corner]
            following = ends.pop()
            if not ends:
                del follow[corner]
            corner = following
        loop = np.array(way, dtype=float)
        area = _area(loop)
        if area > best_area:
            best, best_area = (loop + np.roll(loop, -1, 0)) / 2, area
    return best, best_area


def _area(loop: Outline) -> float:
    x, y = loop.T
    return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)
