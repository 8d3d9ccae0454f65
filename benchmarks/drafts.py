"""Drafts of paintings as training makes them, to score a style on paintings that it has not seen.

python benchmarks/drafts.py OUT PAINTING...
ganstyle stylize OUT RESULTS --style NAME
ganstyle evaluate OUT PAINTINGS --style NAME

They are written to OUT as PNG under the paintings' names, twice as large as they are made.
"""

from pathlib import Path

import typer

from ganstyle.images.tensors import read_image, write_image
from ganstyle.sources.draft import USUAL, draft_of


def main(out: Path, paintings: list[Path]) -> None:
    """Write a draft of each painting; the same ones each time."""
    out.mkdir(parents=True, exist_ok=True)
    for index, path in enumerate(paintings):
        draft = draft_of(read_image(path, short_side=2 * USUAL), index)
        write_image(draft, out / f"{path.stem}.png")


if __name__ == "__main__":
    typer.run(main)
