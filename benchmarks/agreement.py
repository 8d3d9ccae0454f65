"""How well the measures of `evaluate` agree with eyes: Kendall's tau with a ranking by eye.

python benchmarks/agreement.py KODAK24 STYLE --result NAME=FOLDER... [--photos FOLDER]...
                               [--write docs/benchmarks.md]

eyes.json ranks four results of each of twelve of Kodak's photos: untouched, by two programs and by
the release before. FOLDERs hold the results under the names of eyes.json; STYLE holds paintings.
"""

import json
import math
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any

import typer
from report import Sheet, Write, publish, split_at_markers

from ganstyle.errors import DataError

HERE = Path(__file__).parent
MARKERS = "agreement"
"""Name of the markers between which --write puts the table."""

MEASURES = {
    "taken for a photo, from afar": ("photo_logit", -1),
    "taken for a photo, close up": ("photo_logit_close", -1),
    "nearness to the style, close up (what KID rests on)": ("nearness", 1),
    "content": ("content", -1),
}
"""Fields of a picture's scores, and whether more is better (1) or worse (-1)."""


def main(
    kodak: Annotated[Path, typer.Argument(help="Folder of Kodak's 24 photos.")],
    paintings: Annotated[Path, typer.Argument(metavar="STYLE", help="Folder of paintings.")],
    result: Annotated[list[str], typer.Option(help="NAME=FOLDER of results.")],
    photos: Annotated[list[Path] | None, typer.Option(help="Folder of more photos.")] = None,
    write: Write = None,
) -> None:
    """Print Kendall's tau of each measure with the ranking in eyes.json."""
    if write:
        split_at_markers(write, MARKERS)
    ranking: dict[str, list[str]] = json.loads((HERE / "eyes.json").read_text())["ranking"]
    folders = {name: Path(folder) for name, _, folder in (each.partition("=") for each in result)}
    scores = _scores(kodak, paintings, {"untouched": kodak, **folders}, photos or [])
    rows = []
    for measure, (field, sign) in MEASURES.items():
        taus = [
            kendall_tau([sign * scores[name][number][field] for name in names])
            for number, names in ranking.items()
        ]
        rows.append((measure, f"{sum(taus) / len(taus):.2f}", f"{min(taus):.2f}"))
    caption = f"Agreement with a ranking by eye of four results of each of {len(ranking)} photos:"
    sheet = Sheet(caption, ("measure", "Kendall's tau, mean", "least"), rows)
    publish([sheet], "agreement.py", MARKERS, write)


def kendall_tau(values: Sequence[float]) -> float:
    """Rank correlation of values with their order, which goes from the best to the worst.

    Concordant less discordant pairs, as a share of all (Kendall 1938, tau-a).
    """
    pairs = list(combinations(values, 2))
    return sum(math.copysign(1, a - b) if a != b else 0.0 for a, b in pairs) / len(pairs)


def _scores(
    kodak: Path, paintings: Path, folders: Mapping[str, Path], photos: Sequence[Path]
) -> dict[str, dict[str, dict[str, Any]]]:
    """Scores of each picture by the name of its folder and its number."""
    with tempfile.TemporaryDirectory() as temporary:
        command = [sys.executable, "-m", "ganstyle", "evaluate", str(kodak), str(paintings)]
        for name, folder in folders.items():
            (Path(temporary) / name).symlink_to(folder.resolve())
            command += ["--results", str(Path(temporary) / name)]
        for folder in photos:
            command += ["--photos", str(folder)]
        done = subprocess.run([*command, "--json"], capture_output=True, text=True)
        if done.returncode:
            raise DataError(f"ganstyle evaluate: exit code {done.returncode}. {done.stderr}")
    candidates = json.loads(done.stdout)["candidates"]
    return {
        each["name"]: {_number(one["photo"]): one for one in each["by_picture"]}
        for each in candidates
    }


def _number(photo: str) -> str:
    numbers: list[str] = re.findall(r"\d{2}", Path(photo).stem)
    return numbers[-1]


if __name__ == "__main__":
    typer.run(main)
