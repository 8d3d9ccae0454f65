"""Charts of a page: lines over a common axis, and bars. They draw themselves, without script."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from ganstyle.pages.elements import Html, bullets, figure

Point = tuple[float, float]
"""x and y."""

POINTS = 400
"""Points of a line beyond which it is thinned out: more than a screen can show."""

_DOTTED = 24
"""Points up to which each gets a dot; of longer lines only the last one does."""

_LARGEST = 1e100
"""Larger values cannot be drawn, like infinite ones."""

_COLORS = 6


@dataclass(frozen=True)
class Series:
    """A line of a chart."""

    name: str
    points: Sequence[Point]
    """Sorted by x. Points that are not finite are left out."""
    color: int = 0
    """Number of its colour; there are six, then they begin again."""
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
) -> Html:
    """Lines over a common x axis, the latest value of each beside its name.

    Ranges are those of the points unless given; a point outside is drawn at the edge. unit: of y.
    target: a y to be marked, and its name; mark: an x, likewise. events: x of small markers, and
    what the pointer shows there.
    """
    lines = [(line, points) for line in series if (points := finite(line.points))]
    if not lines:
        return figure(title, bullets((), empty="Nothing to draw yet."))
    xs = _scale([x for _, points in lines for x, _ in points], x_range)
    ys = _scale([y for _, points in lines for _, y in points], y_range, to_ticks=True)
    latest = [f"{line.name} {number(points[-1][1], unit)}" for line, points in lines]
    drawn = "\n".join(_line(line, thin(points), xs, ys) for line, points in lines)
    rules = "".join(f'<path class="rule" d="M0 {_c(1000 - ys(y))}H1000"/>' for y in ys.ticks)
    plot = (
        f'<div class="plot">{_labels(xs, ys, unit)}{_markers(xs, ys, target, mark, events)}\n'
        '<svg viewBox="0 0 1000 1000" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape("; ".join([title, *latest]))}">\n{rules}\n{drawn}\n</svg></div>'
    )
    legend = "".join(_legend(line, points[-1][1], unit) for line, points in lines)
    above = f'<ul class="legend">{legend}</ul>\n<div class="axis">{escape(y_label)}</div>\n'
    return figure(title, Html(f'{above}{plot}\n<div class="axis x">{escape(x_label)}</div>'))


def bars(
    title: str,
    values: Sequence[tuple[str, float]],
    *,
    unit: str = "",
    intervals: Mapping[str, Point] | None = None,
    anchors: Collection[str] = (),
    full: float | None = None,
) -> Html:
    """Horizontal bars from zero; negative ones are empty.

    intervals: ends of what is known of a value, by its name. anchors: names of values that others
    are compared with, drawn quietly. full: value of a whole width, the largest unless given.
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

    def share(value: float) -> float:
        return 100 * min(1.0, max(0.0, value / most))

    def row(name: str, value: float) -> str:
        low, high = ends.get(name, (value, value))
        beam = f'<s style="left:{share(low):.1f}%;right:{100 - share(high):.1f}%"></s>'
        kind = ' class="anchor"' if name in anchors else ""
        return (
            f"<li{kind}><span>{escape(name)}</span>"
            f'<i><i style="width:{share(value):.1f}%"></i>{beam if name in ends else ""}</i>'
            f"<b>{escape(number(value, unit))}</b></li>"
        )

    rows = "".join(row(name, value) for name, value in kept)
    return figure(title, Html(f'<ul class="bars">{rows}</ul>'))


def finite(points: Sequence[Point]) -> list[Point]:
    """Those of the points that can be drawn."""
    return [(x, y) for x, y in points if _is_drawable(x) and _is_drawable(y)]


def thin(points: Sequence[Point], most: int = POINTS) -> list[Point]:
    """At most so many points: means over bins of neighbours, which keep the mean of the line."""
    size = max(1, math.ceil(len(points) / most))
    bins = [points[start : start + size] for start in range(0, len(points), size)]
    return [(sum(x for x, _ in b) / len(b), sum(y for _, y in b) / len(b)) for b in bins]


def number(value: float, unit: str = "") -> str:
    """A number as people read it: three digits, more only for thousands. A % gets no decimals."""
    if not _is_drawable(value):
        return "none"
    digits = f"{value:,.0f}" if unit == "%" or abs(value) >= 999.5 else f"{value:.3g}"
    return f"{digits} {unit}".strip()


def _is_drawable(value: object) -> bool:
    return isinstance(value, int | float) and abs(value) < _LARGEST  # NaN is not less either


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
    """The axis of values or of a fixed range. to_ticks: widen it to whole steps."""
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


def _line(line: Series, points: Sequence[Point], xs: _Scale, ys: _Scale) -> str:
    places = [f"{_c(xs(x))},{_c(1000 - ys(y))}" for x, y in points]
    style = f'style="--c:var(--c{line.color % _COLORS})"'
    dashed = ' class="dashed"' if line.dashed else ""
    # The drawing is stretched to its place, so a dot is a line of no length with round ends.
    dots = "".join(f"M{place}h0" for place in (places if len(places) <= _DOTTED else places[-1:]))
    return f'<g {style}><polyline{dashed} points="{" ".join(places)}"/><path d="{dots}"/></g>'


def _legend(line: Series, latest: float, unit: str) -> str:
    dashed = ' class="dashed"' if line.dashed else ""
    return (
        f'<li style="--c:var(--c{line.color % _COLORS})"><i{dashed}></i>{escape(line.name)} '
        f"<b>{escape(number(latest, unit))}</b></li>"
    )


def _labels(xs: _Scale, ys: _Scale, unit: str) -> str:
    """The numbers of both axes. They are no part of the drawing, which would stretch them."""
    below = [f'<span class="x" style="left:{_c(xs(x) / 10)}%">{_short(x)}</span>' for x in xs.ticks]
    beside = [
        f'<span class="y" style="bottom:{_c(ys(y) / 10)}%">'
        f"{escape(f'{_short(y)} {unit}'.strip())}</span>"
        for y in ys.ticks
    ]
    return "".join(below + beside)


def _short(value: float) -> str:
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.6g}{letter}"
    return f"{value:.6g}"


def _markers(
    xs: _Scale,
    ys: _Scale,
    target: tuple[float, str] | None,
    mark: tuple[float, str] | None,
    events: Sequence[tuple[float, str]],
) -> str:
    def upright(kind: str, x: float, attributes: str, text: str) -> str:
        return f'<span class="{kind}" style="left:{_c(xs(x) / 10)}%"{attributes}>{text}</span>'

    found = [
        upright("event", x, f' title="{escape(text)}"', "") for x, text in events if _is_drawable(x)
    ]
    if mark:
        side = "mark left" if xs(mark[0]) > 500 else "mark"
        found.append(upright(side, mark[0], "", f"<b>{escape(mark[1])}</b>"))
    if target:
        bottom = f"bottom:{_c(ys(target[0]) / 10)}%"
        found.append(f'<span class="target" style="{bottom}"><b>{escape(target[1])}</b></span>')
    return "".join(found)
