"""A strip of photos and the same photos in styles, for the README and the styles' cards.

python benchmarks/gallery.py OUT.jpg PHOTO... [--style NAME|FILE]... [--height PX] [--detail PX]

PHOTO may be a draft for styles that take those. With --detail the middle of each is shown, a square
of so many pixels, where strokes are seen.
"""

from pathlib import Path
from typing import Annotated

import typer
from PIL import Image

from ganstyle.config import DEFAULT_STYLE
from ganstyle.images.contact_sheet import contact_sheet
from ganstyle.images.tensors import read_image, write_image
from ganstyle.models.pretrained import load_generator
from ganstyle.painting.stylize_image import stylize_image
from ganstyle.styles import find_style


def main(
    out: Path,
    photos: list[Path],
    style: Annotated[list[str], typer.Option()] = [DEFAULT_STYLE],  # noqa: B006
    height: int = 240,
    detail: int = 0,
) -> None:
    """Write the strip: a row of photos, and below it a row of results of each style."""
    generators = [load_generator(find_style(name)) for name in style]
    originals = [read_image(path) for path in photos]
    rows = [originals]
    rows += [[stylize_image(image, generator) for image in originals] for generator in generators]
    if detail:
        rows = [[_middle(image, detail) for image in row] for row in rows]
    write_image(contact_sheet(rows, height=height), out)


def _middle(image: Image.Image, side: int) -> Image.Image:
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side))


if __name__ == "__main__":
    typer.run(main)
