"""A strip of photos and the same photos in a style, for the README and the styles' cards.

python benchmarks/gallery.py OUT.jpg PHOTO... [--style NAME|FILE] [--height PX]
"""

from pathlib import Path

import typer

from ganstyle.checkpoint import load_generator
from ganstyle.config import DEFAULT_STYLE
from ganstyle.data.imageio import read_image, write_image
from ganstyle.data.sheet import contact_sheet
from ganstyle.styles import find_style
from ganstyle.stylize import stylize_image


def main(out: Path, photos: list[Path], style: str = DEFAULT_STYLE, height: int = 240) -> None:
    """Write the strip: a row of photos, below it the row of results."""
    generator = load_generator(find_style(style))
    originals = [read_image(path) for path in photos]
    results = [stylize_image(photo, generator) for photo in originals]
    write_image(contact_sheet([originals, results], height=height), out)


if __name__ == "__main__":
    typer.run(main)
