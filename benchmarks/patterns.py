"""Patterns that styles draw into flat areas: skies, walls, backgrounds out of focus.

python benchmarks/patterns.py PHOTOS [--style NAME|FILE]... [--brush B]

For each style the median and the largest of the flat patterns (ganstyle/metrics/flat_pattern.py) of
the photos that have a flat area: 0 is none, a hatching has 0.3 and more. The photos themselves
stand above. All shipped styles are measured unless some are named.
"""

from pathlib import Path
from statistics import median
from typing import Annotated

import typer
from PIL import Image
from report import Sheet

from ganstyle.config import Dials
from ganstyle.files import find_images
from ganstyle.images.tensors import read_image, to_batch
from ganstyle.metrics.flat_pattern import flat_pattern
from ganstyle.painting.painter import Painter
from ganstyle.runtime import tune_cpu
from ganstyle.styles import shipped_styles


def main(
    folder: Path,
    style: Annotated[list[str], typer.Option()] = [],  # noqa: B006
    brush: float = 1.0,
) -> None:
    """Print a table of the styles named, or of all shipped ones."""
    tune_cpu()
    photos = [read_image(path) for path in find_images(folder)]
    rows = [_row("photos", photos, photos)]
    for name in style or shipped_styles():
        painter = Painter(name, Dials(treat_as="photo", brush=brush))
        rows.append(_row(name, photos, [painter.paint([photo])[0] for photo in photos]))
    caption = (
        f"The largest peak of the autocorrelation where a photo is flat, on {folder.name}: of the "
        "photos that have flat areas:"
    )
    print(Sheet(caption, ("style", "median", "largest"), rows).markdown())


def _row(name: str, photos: list[Image.Image], results: list[Image.Image]) -> tuple[str, str, str]:
    pairs = zip(photos, results, strict=True)
    found = [flat_pattern(*(to_batch([image])[0] for image in (r, p))) for p, r in pairs]
    known = [value for value in found if value == value]
    return (name, f"{median(known):.2f}", f"{max(known):.2f}") if known else (name, "", "")


if __name__ == "__main__":
    typer.run(main)
