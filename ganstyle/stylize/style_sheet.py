"""One content image in many styles, on one sheet to choose from."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from PIL import Image

from ganstyle import __version__
from ganstyle.config import Dials
from ganstyle.errors import ImageError
from ganstyle.images.contact_sheet import SIDE, captioned_sheet
from ganstyle.images.metadata import NO_METADATA, with_provenance
from ganstyle.images.picture import Frame, Picture
from ganstyle.images.read import read_picture
from ganstyle.images.write import format_of, write_picture
from ganstyle.models.pretrained import load_generator
from ganstyle.painting.painter import Painter
from ganstyle.runtime import Runtime
from ganstyle.sources.draft import draft_of
from ganstyle.sources.sketch import sketch_of
from ganstyle.styles import read_checkpoint

SMALLEST = 16
"""Shorter side that a content image needs, px: of less no sketch can be drawn."""


_MADE: dict[str, Callable[[Image.Image], Image.Image]] = {"sketch": sketch_of, "draft": draft_of}
"""How a content image is made out of a photo for styles that take no photos."""


def draw_style_sheet(
    path: Path, sheet: Path, styles: Mapping[str, Path], runtime: Runtime, dials: Dials
) -> None:
    """Write a sheet of a content image and of it in each style, with their names.

    path: of the content image, which is reduced to SIDE first, so that strokes have the size that
    they have in an image so large. What takes sketches or drafts gets one of it. styles:
    checkpoints by name. Raises ImageError and CheckpointError.
    """
    kind = format_of(sheet)
    content = read_picture(path, longer_side=SIDE, first_only=True).frames[0].image
    if min(content.size) < SMALLEST:
        size = f"{content.width}x{content.height} px"
        raise ImageError(f"{path}: {size}; a sheet needs {SMALLEST} or more either way.")
    cells = [(content, "photo"), *_stylized(content, styles, runtime, dials)]
    metadata = with_provenance(NO_METADATA, f"ganstyle {__version__}")
    write_picture(Picture((Frame(captioned_sheet(cells)),), metadata), sheet, kind)


def _stylized(
    content: Image.Image, styles: Mapping[str, Path], runtime: Runtime, dials: Dials
) -> Iterator[tuple[Image.Image, str]]:
    for name, path in styles.items():
        checkpoint = read_checkpoint(path)
        painter = Painter(load_generator(checkpoint), runtime, dials)
        takes = checkpoint.info.takes
        if takes in _MADE:
            yield painter.paint([_MADE[takes](content)])[0], f"{name}, from a {takes}"
        else:
            yield painter.paint([content])[0], name
