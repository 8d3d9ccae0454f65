"""A strip or a grid of pictures in styles, for the README, the documentation and the styles' cards.

python benchmarks/gallery.py OUT.jpg PICTURE... [--style NAME|FILE]... [--results-only]
                             [--columns N] [--height PX] [--detail PX]

PICTURE is a photo or a draft. The strip has a row of pictures, and below it a row of results of
each style; --results-only leaves the first row out. With --columns all of that stands in a grid of
so many a row, each fitted into an equal cell, as the picture of a card does:

python benchmarks/gallery.py weights/NAME.jpg PICTURE... --style NAME --results-only --columns 4

With --detail the middle of each is shown, a square of so many pixels, where strokes are seen.
"""

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Annotated

import typer
from PIL import Image, ImageOps

from ganstyle.config import DEFAULT_STYLE
from ganstyle.images.contact_sheet import contact_sheet
from ganstyle.images.tensors import read_image, write_image
from ganstyle.models.pretrained import load_generator
from ganstyle.painting.stylize_image import stylize_image
from ganstyle.styles import find_style


def main(
    out: Path,
    pictures: list[Path],
    style: Annotated[list[str], typer.Option()] = [DEFAULT_STYLE],  # noqa: B006
    results_only: Annotated[bool, typer.Option("--results-only", help="Leave inputs out.")] = False,
    columns: Annotated[int, typer.Option(min=0, help="Of a grid; 0 for a strip.")] = 0,
    height: Annotated[int, typer.Option(min=1, help="Of each picture, px.")] = 240,
    detail: Annotated[int, typer.Option(min=0, help="Side of the middle, px; 0: all.")] = 0,
) -> None:
    """Write the strip or the grid."""
    generators = [load_generator(find_style(name)) for name in style]
    inputs = [read_image(path) for path in pictures]
    rows = [] if results_only else [inputs]
    rows += [[stylize_image(image, generator) for image in inputs] for generator in generators]
    if detail:
        rows = [[_middle(image, detail) for image in row] for row in rows]
    if columns:
        cells = in_cells([image for row in rows for image in row], height)
        rows = [cells[start : start + columns] for start in range(0, len(cells), columns)]
    write_image(contact_sheet(rows, height=height), out)


def in_cells(images: Sequence[Image.Image], height: int) -> list[Image.Image]:
    """Images, whole, in the middle of white cells of that height and their usual shape."""
    width = max(1, round(height * median(image.width / image.height for image in images)))
    return [ImageOps.pad(image, (width, height), color="white") for image in images]


def _middle(image: Image.Image, side: int) -> Image.Image:
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side))


if __name__ == "__main__":
    typer.run(main)
