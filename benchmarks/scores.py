"""Scores of the shipped styles by `ganstyle evaluate`, as a Markdown table.

python benchmarks/scores.py DATA [--style NAME]... [--grid N]

DATA/kodak24 holds photos that no training has seen, and DATA/styles/NAME all pictures of the style
of that name, those of training included. A style without pictures there has no row. Progress is
also measured against the pictures held out alone, which are few.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from report import Sheet

from ganstyle.errors import DataError, GanstyleError
from ganstyle.styles import shipped_styles

COLUMNS = ("style", "KID, photos'", "style progress", "on held-out ones", "content")


def main(
    data: Path,
    style: Annotated[list[str], typer.Option(help="Shipped style; all by default.")] = [],  # noqa: B006
    grid: Annotated[int, typer.Option(min=1, help="Crops along each side of a picture.")] = 4,
) -> None:
    """Print the scores of the styles named, or of all shipped ones."""
    try:
        rows = [row for name in style or shipped_styles() if (row := _row(data, name, grid))]
    except GanstyleError as error:
        raise SystemExit(f"benchmarks/scores.py: {error}") from error
    print(Sheet("Scores on photos that no training has seen:", COLUMNS, rows).markdown())


def _row(data: Path, name: str, grid: int) -> tuple[str, ...] | None:
    """The row of a style; None where its pictures are not there."""
    pictures = data / "styles" / name
    if not pictures.is_dir():
        print(f"{name}: there is no {pictures}; left out.", file=sys.stderr)
        return None
    words = (str(data / "kodak24"), str(pictures), "--style", name, "--grid", f"{grid}")
    whole, held_out = _evaluate(words), _evaluate([*words, "--held-out"])
    return (
        f"`{name}`",
        f"{whole['kid']:.0f}, {whole['kid_photos']:.0f}",
        f"{whole['style_progress']:.0%}",
        f"{held_out['style_progress']:.0%}",
        f"{whole['content']:.2f}",
    )


def _evaluate(words: Sequence[str]) -> dict[str, Any]:
    """What `ganstyle evaluate` says, as JSON. Raises DataError, with what it said, if it fails."""
    command = [sys.executable, "-m", "ganstyle", "evaluate", *words, "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise DataError(f"exit code {done.returncode}: {done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    typer.run(main)
