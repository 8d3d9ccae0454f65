"""Curves of a training, from its reports, and their charts."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from ganstyle.pages import elements as html
from ganstyle.pages.charts import Point, Series, finite, line_chart

IMAGES = "images seen"
"""Name of the common x axis."""

Curves = Mapping[str, Mapping[str, Sequence[Point]]]
"""Points by name ("fooled/patch"), then by "training" and "held out"."""

Actions = Sequence[tuple[float, str]]
"""Images seen, and the actions of the pilot then."""


def read_curves(reports: Sequence[Mapping[str, Any]]) -> Curves:
    """Values of all reports by their names; held_out/fooled_patch goes with fooled/patch."""
    curves: dict[str, dict[str, list[Point]]] = {}
    for report in reports:
        for name, value in report["values"].items():
            group, _, rest = name.partition("/")
            held_out = group == "held_out"
            key = rest.replace("_", "/", 1) if held_out else name
            sides = curves.setdefault(key, {"training": [], "held out": []})
            sides["held out" if held_out else "training"].append((report["images_seen"], value))
    return curves


def read_actions(reports: Sequence[Mapping[str, Any]]) -> Actions:
    """Actions of the balance controller, from all reports."""
    return [
        (report["images_seen"], line) for report in reports for line in report.get("actions") or ()
    ]


def markers(actions: Actions, end: float) -> Actions:
    """A marker for each hundredth of the axis that has actions of the pilot, with all of these."""
    near: dict[int, list[tuple[float, str]]] = {}
    for images, line in actions:
        if math.isfinite(images):
            near.setdefault(int(100 * images / (end or 1)), []).append((images, line))
    return [(group[0][0], "\n".join(line for _, line in group)) for group in near.values()]


def rate_chart(
    title: str,
    group: str,
    curves: Curves,
    end: float,
    target: tuple[float, str] | None,
    events: Actions,
) -> Markup:
    """Rates of a group in percent, training and held out, with a target and markers of events."""
    series = [
        Series(f"{label_of(key)}, {side}", percent(points), color, dashed=side == "held out")
        for color, key in enumerate(key for key in curves if group_of(key) == group)
        for side, points in curves[key].items()
    ]
    return line_chart(
        title,
        series,
        x_label=IMAGES,
        x_range=(0, end),
        y_range=(0, 100),
        unit="%",
        target=target,
        events=events,
    )


def small_charts(keys: Iterable[str], curves: Curves, end: float) -> Markup:
    """A small chart for each value, side by side."""
    charts = [
        line_chart(
            label_of(key) if group_of(key) == "loss" else key.replace("_", " "),
            [
                Series(side, points, dashed=side == "held out")
                for side, points in curves[key].items()
            ],
            x_label=IMAGES,
            x_range=(0, end),
        )
        for key in keys
    ]
    return html.grid(*charts)


def percent(points: Sequence[Point]) -> list[Point]:
    """Points with y in percent, without those that are not finite."""
    return [(x, 100 * y) for x, y in finite(points)]


def group_of(key: str) -> str:
    """Group of a value: "fooled" of "fooled/patch"."""
    return key.partition("/")[0]


def label_of(key: str) -> str:
    """Name of a value for people: "patch" of "fooled/patch"."""
    return (key.partition("/")[2] or key).replace("_", " ")
