"""Results that a classifier takes for photos, as a table: do the styles paint, or do they filter?

python benchmarks/taken_for_photo.py PHOTOS STYLE [--results FOLDER]... [--photos FOLDER]...
                                     [--style NAME]... [--write docs/benchmarks.md]

What `ganstyle evaluate` says of the photos as every shipped style paints them, or those named, and
of FOLDERS of other results, against the paintings in STYLE and its subfolders. The classifier also
learns from the photos in the FOLDERs of --photos.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from report import Sheet, Write, publish, split_at_markers

from ganstyle.errors import DataError
from ganstyle.styles import shipped_styles

MARKERS = "photos"
"""Name of the markers between which --write puts the table."""

COLUMNS = ("results", "from afar", "close up", "faces found again", "pattern in flat areas")


def main(
    content: Annotated[Path, typer.Argument(metavar="PHOTOS", help="Folder of photos.")],
    paintings: Annotated[Path, typer.Argument(metavar="STYLE", help="Folder of paintings.")],
    results: Annotated[list[Path] | None, typer.Option(help="Folder of results.")] = None,
    photos: Annotated[list[Path] | None, typer.Option(help="Folder of more photos.")] = None,
    style: Annotated[list[str] | None, typer.Option(help="Style to judge.")] = None,
    write: Write = None,
) -> None:
    """Print the share of results that is taken for photos, for each style and each folder."""
    if write:
        split_at_markers(write, MARKERS)
    given = [("--results", folder) for folder in results or ()]
    given += [("--photos", folder) for folder in photos or ()]
    given += [("--style", Path(name)) for name in style or shipped_styles()]
    arguments = [str(word) for pair in given for word in pair]
    found = _evaluation(str(content), str(paintings), *arguments)
    anchor = _row("untouched photos", found["anchors"]["photos"])
    rows = [_row(_shown(each["name"]), each) for each in found["candidates"]]
    counts = found["measured"]
    caption = (
        f"Results taken for photos ({counts['photos'].split(',')[0]} photos, "
        f"{counts['style pictures'].split(',')[0]} paintings, of which 5 % pass for photos), with "
        "95 % intervals:"
    )
    publish([Sheet(caption, COLUMNS, [anchor, *rows])], "taken_for_photo.py", MARKERS, write)


def _evaluation(*arguments: str) -> dict[str, Any]:
    """JSON of `ganstyle evaluate`. Raises DataError when it fails."""
    command = [sys.executable, "-m", "ganstyle", "evaluate", *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise DataError(f"ganstyle evaluate: exit code {done.returncode}. {done.stderr[-2000:]}")
    record: dict[str, Any] = json.loads(done.stdout)
    return record


def _shown(name: str) -> str:
    return f"`{name}`" if name in shipped_styles() else name


def _row(name: str, scores: dict[str, Any]) -> tuple[str, ...]:
    faces, pattern = scores["kept_faces"], scores["pattern"]
    return (
        name,
        _share(scores, "taken_for_photos"),
        _share(scores, "taken_for_photos_close"),
        "-" if faces is None else f"{faces:.0%}",
        "-" if pattern is None else f"{pattern:.2f}",
    )


def _share(scores: dict[str, Any], name: str) -> str:
    value, low, high = (scores[f"{name}{end}"] for end in ("", "_low", "_high"))
    if value is None:
        return "-"
    return f"{value:.0%} ({100 * low:.0f} to {high:.0%})"


if __name__ == "__main__":
    typer.run(main)
