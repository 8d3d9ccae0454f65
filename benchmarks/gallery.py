"""A strip of photos and the same photos in styles, for the README and the styles' cards.

python benchmarks/gallery.py OUT.jpg PHOTO... [--style NAME|FILE]... [--height PX] [--sketch PX]
                             [--drawing FILE] [--detail PX]

With --sketch photos are reduced to that shorter side and drawn as sketches, which the style gets;
the photos stand below. --drawing adds a sketch by hand, which has no photo. With --detail the
middle of each is shown, a square of so many pixels, where strokes are seen.
"""

from pathlib import Path
from typing import Annotated

import typer
from PIL import Image

from ganstyle.config import DEFAULT_STYLE
from ganstyle.images.contact_sheet import contact_sheet
from ganstyle.images.tensors import read_image, write_image
from ganstyle.models.pretrained import load_generator
from ganstyle.painting.painter import stylize_image
from ganstyle.sources.sketch import sketch_of
from ganstyle.styles import find_style


def main(
    out: Path,
    photos: list[Path],
    style: Annotated[list[str], typer.Option()] = [DEFAULT_STYLE],  # noqa: B006
    height: int = 240,
    sketch: int = 0,
    drawing: Path | None = None,
    detail: int = 0,
) -> None:
    """Write the strip: a row of photos, or sketches of them, and below it rows of results."""
    generators = [load_generator(find_style(name)) for name in style]
    originals = [read_image(path, short_side=sketch or None) for path in photos]
    inputs = [sketch_of(photo) if sketch else photo for photo in originals]
    if drawing:
        inputs.append(read_image(drawing, short_side=sketch or None))
    rows = [inputs]
    rows += [[stylize_image(image, generator) for image in inputs] for generator in generators]
    rows = [*rows, originals] if sketch else rows
    if detail:
        rows = [[_middle(image, detail) for image in row] for row in rows]
    write_image(contact_sheet(rows, height=height), out)


def _middle(image: Image.Image, side: int) -> Image.Image:
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side))


if __name__ == "__main__":
    typer.run(main)
