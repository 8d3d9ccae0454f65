"""Charts for a page, without scripts: lines over a common axis, and bars."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ganstyle.pages.elements import bullets, figure, render

Point = tuple[float, float]
"""x and y."""

POINTS = 400
"""Number of points above which a line is thinned out: more than a screen can show."""

_DOTTED = 24
"""Number of points up to which each gets a dot; in longer lines only the last one does."""

_LARGEST = 1e100
"""Largest value that can be drawn."""

_COLORS = 6


@dataclass(frozen=True)
class Series:
    """A line of a chart."""

    name: str
    points: Sequence[Point]
    """Sorted by x. Points that are not finite are left out."""
    color: int = 0
    """Index of its colour; after six they repeat."""
    dashed: bool = False


def line_chart(
    title: str,
    series: Sequence[Series],
    *,
    x_label: str,
    y_label: str = "",
    x_range: Point | None = None,
    y_range: Point | None = None,
    unit: str = "",
    target: tuple[float, str] | None = None,
    mark: tuple[float, str] | None = None,
    events: Sequence[tuple[float, str]] = (),
) -> Markup:
    """Lines over a common x axis, with the latest value of each beside its name.

    Ranges are those of the points unless given; a point outside is drawn at the edge. unit: of y.
    target: a y to mark, and its name; mark: an x and its name. events: x of small markers, each
    with the text of its tooltip.
    """
    lines = [(line, points) for line in series if (points := finite(line.points))]
    if not lines:
        return figure(title, bullets((), empty="No values yet."))
    xs = _scale([x for _, points in lines for x, _ in points], x_range)
    ys = _scale([y for _, points in lines for _, y in points], y_range, to_ticks=True)
    plotted = [_plotted(line, points, xs, ys, unit) for line, points in lines]
    chart = {
        "lines": plotted,
        "x_label": x_label,
        "y_label": y_label,
        "label": "; ".join([title, *(f"{line.name} {line.latest}" for line in plotted)]),
        "x_ticks": [(_short(x), _c(xs(x) / 10)) for x in xs.ticks],
        "y_ticks": [(f"{_short(y)} {unit}".strip(), _c(ys(y) / 10)) for y in ys.ticks],
        "rules": [_c(1000 - ys(y)) for y in ys.ticks],
        "events": [(text, _c(xs(x) / 10)) for x, text in events if _is_drawable(x)],
        "mark": mark and (mark[1], _c(xs(mark[0]) / 10), xs(mark[0]) > 500),
        "target": target and (target[1], _c(ys(target[0]) / 10)),
    }
    return figure(title, render("line_chart", chart))


def bars(
    title: str,
    values: Sequence[tuple[str, float]],
    *,
    unit: str = "",
    intervals: Mapping[str, Point] | None = None,
    anchors: Collection[str] = (),
    full: float | None = None,
) -> Markup:
    """Horizontal bars from zero; negative values give empty ones.

    intervals: ends of a value's error bar, by its name. anchors: names of values for comparison,
    shown in gray. full: value at full width; by default the largest one.
    """
    kept = [(name, value) for name, value in values if _is_drawable(value)]
    ends = {
        name: pair
        for name, pair in (intervals or {}).items()
        if all(_is_drawable(end) for end in pair) and pair[0] < pair[1]
    }
    highs = [ends[name][1] for name, _ in kept if name in ends]
    most = full or max([value for _, value in kept] + highs, default=0)
    most = most if most > 0 else 1

    def percent(value: float) -> float:
        return 100 * min(1.0, max(0.0, value / most))

    rows = [
        {
            "name": name,
            "value": number(value, unit),
            "width": percent(value),
            "error_bar": name in ends and (percent(ends[name][0]), 100 - percent(ends[name][1])),
            "anchor": name in anchors,
        }
        for name, value in kept
    ]
    return figure(title, render("bars", rows))


def finite(points: Sequence[Point]) -> list[Point]:
    """The points that can be drawn."""
    return [(x, y) for x, y in points if _is_drawable(x) and _is_drawable(y)]


def thin(points: Sequence[Point], most: int = POINTS) -> list[Point]:
    """At most `most` points: means over bins of neighbours, which keep the mean of the line."""
    size = max(1, math.ceil(len(points) / most))
    bins = [points[start : start + size] for start in range(0, len(points), size)]
    return [(sum(x for x, _ in b) / len(b), sum(y for _, y in b) / len(b)) for b in bins]


def number(value: float, unit: str = "") -> str:
    """A number with three digits, or more for thousands; percentages have no decimals."""
    if not _is_drawable(value):
        return "none"
    digits = f"{value:,.0f}" if unit == "%" or abs(value) >= 999.5 else f"{value:.3g}"
    return f"{digits} {unit}".strip()


def _is_drawable(value: object) -> bool:
    return isinstance(value, int | float) and abs(value) < _LARGEST  # false for NaN, too


@dataclass(frozen=True)
class _Scale:
    """An axis from low to high, 1000 units long."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def __call__(self, value: float) -> float:
        way = (value - self.low) / (self.high - self.low)
        return 1000 * min(1.0, max(0.0, way))


def _scale(values: Sequence[float], fixed: Point | None, *, to_ticks: bool = False) -> _Scale:
    """Axis of the values, or of a fixed range. to_ticks: widen it to whole steps."""
    low, high = fixed or (min(values), max(values))
    if high - low <= 1e-9 * max(abs(low), abs(high), 1e-9):  # one value alone
        low, high = low - (abs(low) / 2 or 0.5), high + (abs(high) / 2 or 0.5)
    rough = (high - low) / (4 if to_ticks else 5.5)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    if to_ticks and not fixed:
        low, high = step * math.floor(low / step), step * math.ceil(high / step)
    first, last = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
    return _Scale(low, high, tuple(step * n for n in range(first, last + 1)))


def _c(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


@dataclass(frozen=True)
class _Plotted:
    """A line of a chart: positions of its points, and those that get a dot."""

    name: str
    latest: str
    color: int
    dashed: bool
    places: Sequence[str]
    dots: Sequence[str]


def _plotted(line: Series, points: Sequence[Point], xs: _Scale, ys: _Scale, unit: str) -> _Plotted:
    places = [f"{_c(xs(x))},{_c(1000 - ys(y))}" for x, y in thin(points)]
    return _Plotted(
        name=line.name,
        latest=number(points[-1][1], unit),
        color=line.color % _COLORS,
        dashed=line.dashed,
        places=places,
        # The chart is stretched, so a dot is a line of no length with round ends.
        dots=places if len(places) <= _DOTTED else places[-1:],
    )


def _short(value: float) -> str:
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.6g}{letter}"
    return f"{value:.6g}"
