"""Parts of a page that is one file: shell, charts, comparisons of pictures, bars, tables, lists.

Nothing is fetched from anywhere. What is given as str is text and gets escaped here; what is
Html is ready, and mypy keeps the two apart.
"""

import base64
import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from io import BytesIO
from typing import NewType

from PIL import Image

Html = NewType("Html", str)
"""Text in which everything foreign is escaped."""

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


def page(title: str, *parts: Html) -> Html:
    """A whole HTML document."""
    # Even if foreign text got through: no other script runs, and nothing can be fetched.
    script = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
    policy = (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{script}'"
    )
    return Html(
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<link rel="icon" href="data:,">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(parts)
        + f"\n</main>\n<script>{_SCRIPT}</script>\n</body>\n</html>\n"
    )


def section(title: str, *parts: Html) -> Html:
    """A part of the page under a heading."""
    return Html(f"<section>\n<h2>{escape(title)}</h2>\n" + "\n".join(parts) + "\n</section>")


def paragraph(text: str) -> Html:
    """A few sentences that explain what is shown."""
    return Html(f"<p>{escape(text)}</p>")


def grid(*parts: Html, wide: bool = False) -> Html:
    """Parts side by side, as many as fit. wide: two at most."""
    return Html(f'<div class="grid{" wide" * wide}">\n' + "\n".join(parts) + "\n</div>")


def folded(summary: str, *parts: Html) -> Html:
    """Parts that a click on the summary shows."""
    inner = "\n".join(parts)
    return Html(f"<details>\n<summary>{escape(summary)}</summary>\n{inner}\n</details>")


def headline(title: str, subtitle: str, share: float, facts: Sequence[tuple[str, str]]) -> Html:
    """Title, how much is done, and what is counted. share: in [0, 1]. facts: values and names."""
    cells = "".join(f"<div><dt>{escape(n)}</dt><dd>{escape(v)}</dd></div>" for v, n in facts)
    done = f'<progress value="{share:.4f}" max="1" aria-label="How much is done"></progress>'
    below = f"<p>{escape(subtitle)}</p>" if subtitle else ""
    return Html(f"<header>\n<h1>{escape(title)}</h1>{below}\n{done}\n<dl>{cells}</dl>\n</header>")


def bullets(items: Sequence[str], *, empty: str) -> Html:
    """A list; the sentence `empty` when there is nothing in it."""
    if not items:
        return Html(f'<p class="empty">{escape(empty)}</p>')
    return Html("<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>")


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Html:
    """A table whose first column names the rows."""
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    body = "\n".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    # It may be wider than a phone; then it scrolls in its place, with the keyboard too.
    return Html(
        f'<div class="scroll" tabindex="0"><table>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody>\n</table></div>"
    )


def bars(title: str, values: Sequence[tuple[str, float]], *, unit: str = "") -> Html:
    """Horizontal bars from zero, the largest over the whole width; negative ones are empty."""
    kept = [(name, value) for name, value in values if _is_drawable(value)]
    most = max((value for _, value in kept), default=0) or 1
    rows = "".join(
        f"<li><span>{escape(name)}</span>"
        f'<i><i style="width:{max(0.0, 100 * value / most):.1f}%"></i></i>'
        f"<b>{escape(number(value, unit))}</b></li>"
        for name, value in kept
    )
    return Html(
        f'<figure>\n<figcaption>{escape(title)}</figcaption>\n<ul class="bars">{rows}</ul>\n'
        "</figure>"
    )


def comparison(before: Image.Image, after: Image.Image, name: str) -> Html:
    """Two RGB pictures of one shape on top of each other, with a divider to be moved.

    It follows the pointer, and the arrow keys, for beneath it is an ordinary range input.
    """
    named = escape(name)
    return Html(
        f'<figure class="compare" style="aspect-ratio:{before.width}/{before.height}">\n'
        f'<img src="{data_uri(after)}" alt="{named}: after" draggable="false">\n'
        f'<img src="{data_uri(before)}" alt="{named}: before" draggable="false">\n'
        '<input type="range" min="0" max="100" value="50" '
        f'aria-label="{named}: where before ends and after begins, percent">\n'
        '<span class="divider"></span><span class="tag">before</span>'
        '<span class="tag">after</span>\n</figure>'
    )


def data_uri(image: Image.Image, *, quality: int = 85) -> str:
    """An RGB picture as a WebP inside an address."""
    buffer = BytesIO()
    image.save(buffer, "WEBP", quality=quality)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


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
        return _figure(title, '<p class="empty">Nothing to draw yet.</p>')
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
    return _figure(title, f'{above}{plot}\n<div class="axis x">{escape(x_label)}</div>')


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


def _figure(title: str, inner: str) -> Html:
    return Html(f"<figure>\n<figcaption>{escape(title)}</figcaption>\n{inner}\n</figure>")


_STYLE = r"""
:root {
  --paper: #f4f1e9; --card: #fdfbf6; --ink: #1d2630; --soft: #646c75; --rule: #dfdacd;
  --accent: #b23f27; --c0: #2a5b9e; --c1: #c8502f; --c2: #3b8460; --c3: #a97a10; --c4: #83509a;
  --c5: #1d8390;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #0e1319; --card: #161d26; --ink: #dcd9d0; --soft: #8f98a3; --rule: #27313c;
    --accent: #f0805f; --c0: #74a5ea; --c1: #f0805f; --c2: #74c296; --c3: #dcb24f; --c4: #c593d8;
    --c5: #5cc1cc;
  }
  img { filter: brightness(.92); }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, sans-serif; font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere;
}
main { max-width: 72rem; margin: 0 auto; padding: clamp(1rem, 4vw, 3rem); }
h1 { margin: 0; font-size: clamp(1.8rem, 6vw, 2.8rem); line-height: 1.15; font-weight: 650; }
h2 { margin: 0 0 .5rem; font-size: 1.3rem; font-weight: 650; }
section { margin-top: 3.5rem; }
p { max-width: 44rem; margin: 0 0 1.2rem; color: var(--soft); }
header p { margin: .4rem 0 0; }
header dl {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, max-content));
  gap: 1rem 2.5rem; margin: 0;
}
header dl div { display: flex; flex-direction: column-reverse; justify-content: flex-end; }
dd { margin: 0; font-size: 1.5rem; font-weight: 600; line-height: 1.3; }
dt { font-size: .85rem; color: var(--soft); }
progress {
  display: block; width: 100%; height: 6px; margin: 1.4rem 0 1.2rem; border: 0; appearance: none;
  border-radius: 3px; background: var(--rule); overflow: hidden;
}
progress::-webkit-progress-bar { background: var(--rule); }
progress::-webkit-progress-value { background: var(--accent); }
progress::-moz-progress-bar { background: var(--accent); }
.grid { display: grid; gap: 1.2rem; align-items: start; }
.grid { grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); }
.grid.wide { grid-template-columns: repeat(auto-fill, minmax(min(100%, 28rem), 1fr)); }
figure { margin: 0 0 1.2rem; padding: 1.1rem; border-radius: 12px; background: var(--card); }
.grid figure { margin: 0; }
figcaption { font-weight: 600; margin-bottom: .3rem; }
.legend, .bars { list-style: none; margin: 0 0 .6rem; padding: 0; font-size: .9rem; }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1.4rem; color: var(--soft); }
.legend b { color: var(--ink); }
.legend i {
  display: inline-block; width: 1.3rem; margin-right: .5rem; vertical-align: middle;
  border-top: 3px solid var(--c);
}
.legend i.dashed { border-top-style: dotted; }
.axis { font-size: .8rem; color: var(--soft); margin-bottom: .7rem; }
.axis:empty { display: none; }
.axis.x { text-align: right; margin: 0; }
.plot { position: relative; height: 17rem; margin: .5rem .8rem 2rem 3.4rem; }
.plot svg { position: absolute; width: 100%; height: 100%; overflow: visible; }
.plot path, .plot polyline {
  fill: none; stroke: var(--c); stroke-width: 2; stroke-linejoin: round; stroke-linecap: round;
  vector-effect: non-scaling-stroke;
}
.plot g path { stroke-width: 7; }
.plot .rule { stroke: var(--rule); stroke-width: 1; }
.plot .dashed { stroke-dasharray: 1 5; stroke-width: 2.5; }
.plot span { position: absolute; font-size: .8rem; line-height: 1; white-space: nowrap; }
.grid .plot { height: 9rem; margin: .3rem .5rem 2rem 2.9rem; }
.grid .plot span { font-size: .75rem; }
.plot .x { top: 100%; margin-top: .6rem; transform: translateX(-50%); color: var(--soft); }
.plot .y { right: 100%; margin-right: .7rem; transform: translateY(50%); color: var(--soft); }
.plot .target { left: 0; right: 0; height: 0; border-top: 1px dashed var(--ink); }
.plot .target b { position: absolute; right: 0; bottom: 0; }
.plot .mark { top: 0; bottom: 0; border-left: 1px dashed var(--ink); }
.plot b { display: block; padding: .35rem .5rem; font-weight: 500; }
.plot .left b { position: absolute; right: 100%; }
.plot .event { top: 0; bottom: -5px; width: 10px; margin-left: -5px; z-index: 1; }
.plot .event::before {
  content: ""; position: absolute; inset: 0 5px 6px 4.5px; background: var(--soft); opacity: .2;
}
.plot .event::after {
  content: ""; position: absolute; bottom: 0; width: 10px; height: 9px; background: var(--ink);
  clip-path: polygon(50% 0, 100% 100%, 0 100%);
}
.bars { display: grid; grid-template-columns: fit-content(40%) 1fr auto; gap: .6rem 1rem; }
.bars li { display: contents; }
.bars li > i { align-self: center; height: .7rem; border-radius: 1rem; background: var(--rule); }
.bars i i { display: block; height: 100%; border-radius: inherit; background: var(--c0); }
.bars b { text-align: right; }
.compare {
  --at: 50%; position: relative; padding: 0; overflow: hidden; cursor: ew-resize;
  touch-action: pan-y; user-select: none; -webkit-user-select: none;
}
.compare img { position: absolute; width: 100%; height: 100%; object-fit: cover; }
.compare img + img { clip-path: inset(0 calc(100% - var(--at)) 0 0); }
.compare input { position: absolute; inset: 0; width: 100%; opacity: 0; pointer-events: none; }
.divider {
  position: absolute; inset: 0 auto 0 var(--at); width: 2px; margin-left: -1px;
  background: #fff; box-shadow: 0 0 3px #0009;
}
.divider::after {
  content: "\2039\2003\203a"; position: absolute; top: 50%; left: 50%;
  width: 2.5rem; height: 2.5rem; margin: -1.25rem; border-radius: 50%;
  background: #fffd; color: #1d2630; text-align: center;
  font-size: 1.2rem; line-height: 2.3rem; white-space: nowrap; box-shadow: 0 1px 5px #0007;
}
input:focus-visible + .divider::after { outline: 3px solid var(--accent); outline-offset: 2px; }
.tag {
  position: absolute; bottom: .7rem; left: .7rem; padding: .1rem .6rem; border-radius: 1rem;
  background: #10151cb0; color: #fff; font-size: .8rem;
}
.tag + .tag { left: auto; right: .7rem; }
ul { padding-left: 1.2rem; }
li { margin: .2rem 0; }
.empty { margin: 0; font-style: italic; }
details { margin-top: 1rem; }
summary { cursor: pointer; padding: .5rem 0; font-weight: 600; }
.scroll { overflow-x: auto; overflow-wrap: break-word; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { padding: .4rem 1.2rem .4rem 0; text-align: left; vertical-align: top; }
tr { border-bottom: 1px solid var(--rule); }
tbody th { font-weight: 500; color: var(--soft); }
tbody th, td:not(:last-child) { white-space: nowrap; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
"""

_SCRIPT = """
for (const frame of document.querySelectorAll(".compare")) {
  const input = frame.querySelector("input");
  const show = at => frame.style.setProperty("--at", at + "%");
  const follow = event => {
    const box = frame.getBoundingClientRect();
    const at = Math.min(100, Math.max(0, 100 * (event.clientX - box.left) / box.width));
    input.value = at;
    show(at);
  };
  input.addEventListener("input", () => show(input.value));
  frame.addEventListener("pointerdown", event => frame.setPointerCapture(event.pointerId));
  frame.addEventListener("pointermove", event => {
    const scrolls = Math.abs(event.movementY) > Math.abs(event.movementX);
    if (event.buttons && !(scrolls && event.pointerType === "touch")) follow(event);
  });
  frame.addEventListener("click", event => {
    follow(event);
    input.focus({preventScroll: true});
  });
  show(input.value);
}
"""
