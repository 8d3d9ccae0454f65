"""A strip of photos and the same photos in styles, for the README and the styles' cards.

python benchmarks/gallery.py OUT.jpg PHOTO... [--style NAME|FILE]... [--height PX] [--sketch PX]
                             [--drawing FILE]

With --sketch photos are reduced to that shorter side and drawn as sketches, which the style gets;
the photos stand below. --drawing adds a sketch by hand, which has no photo.
"""

from pathlib import Path
from typing import Annotated

import typer

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
) -> None:
    """Write the strip: a row of photos, or sketches of them, and below it rows of results."""
    generators = [load_generator(find_style(name)) for name in style]
    originals = [read_image(path, short_side=sketch or None) for path in photos]
    inputs = [sketch_of(photo) if sketch else photo for photo in originals]
    if drawing:
        inputs.append(read_image(drawing, short_side=sketch or None))
    rows = [inputs]
    rows += [[stylize_image(image, generator) for image in inputs] for generator in generators]
    write_image(contact_sheet([*rows, originals] if sketch else rows, height=height), out)


if __name__ == "__main__":
    typer.run(main)
