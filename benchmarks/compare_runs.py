"""A page that lays the curves of several training runs over each other.

python benchmarks/compare_runs.py OUT.html RUN RUN...

Rates are means over --window reports, for a single one says little.
"""

import math
from pathlib import Path
from typing import Annotated

import typer
from markupsafe import Markup

from ganstyle.files import atomic_path
from ganstyle.pages import elements as html
from ganstyle.pages.charts import Point, Series, line_chart
from ganstyle.train.run_folder import METRICS, SCORES, RunFolder

RATES = {
    "held_out/fooled_projected": "Projected discriminators: fooled on held-out photos",
    "held_out/fooled_patch": "Patch discriminators: fooled on held-out photos",
    "gap/projected": "Projected discriminators: training less held-out pictures taken for real",
    "gap/patch": "Patch discriminators: training less held-out pictures taken for real",
}
MARKS = {"style_progress": "Style progress", "content": "Content", "merit": "Their product"}


def main(
    out: Path,
    runs: list[Path],
    window: Annotated[int, typer.Option(help="Reports a mean is taken over.")] = 20,
) -> None:
    """Write the page."""
    folders = [RunFolder(run) for run in runs]
    rates = [_chart(title, _rates(folders, name, window)) for name, title in RATES.items()]
    marks = [_chart(title, _marks(folders, name)) for name, title in MARKS.items()]
    page = html.page("Runs compared", html.grid(*rates), html.grid(*marks))
    with atomic_path(out) as temporary:
        temporary.write_text(page, encoding="utf-8")


def _chart(title: str, series: list[Series]) -> Markup:
    return line_chart(title, series, x_label="images seen", unit="%")


def _rates(folders: list[RunFolder], name: str, window: int) -> list[Series]:
    return [
        Series(folder.path.name, _means(_points(folder, name), window), color)
        for color, folder in enumerate(folders)
    ]


def _points(folder: RunFolder, name: str) -> list[Point]:
    """A rate of each report, per cent; "gap/KIND" is the difference of two of them."""
    kind = name.removeprefix("gap/")
    points = []
    for record in folder.records(METRICS):
        values = record["values"]
        if kind == name:
            rate = values.get(name, math.nan)
        else:
            rate = values[f"real/{kind}"] - values.get(f"held_out/real_{kind}", math.nan)
        points.append((float(record["images_seen"]), 100 * rate))
    return points


def _means(points: list[Point], window: int) -> list[Point]:
    groups = [points[start : start + window] for start in range(0, len(points), window)]
    return [(group[-1][0], sum(y for _, y in group) / len(group)) for group in groups]


def _marks(folders: list[RunFolder], name: str) -> list[Series]:
    series = []
    for color, folder in enumerate(folders):
        points = [(r["images_seen"], 100 * r[name]) for r in folder.records(SCORES)]
        series.append(Series(folder.path.name, points, color))
    return series


if __name__ == "__main__":
    typer.run(main)
