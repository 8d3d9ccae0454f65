"""One photo in many styles, on one sheet to choose from."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from PIL import Image

from ganstyle import __version__
from ganstyle.config import Dials
from ganstyle.errors import ImageError
from ganstyle.images.contact_sheet import captioned_sheet
from ganstyle.images.metadata import NO_METADATA, with_provenance
from ganstyle.images.read import Frame, Picture, read_picture
from ganstyle.images.write import format_of, write_picture
from ganstyle.models.pretrained import load_generator
from ganstyle.painting.painter import Painter
from ganstyle.runtime import Runtime
from ganstyle.sources.sketch import sketch_of
from ganstyle.styles import read_checkpoint

SIDE = 640
"""Longer side of the pictures on the sheet, px."""

SMALLEST = 16
"""Shorter side that a photo needs, px: of less no sketch can be drawn."""


def draw_overview(
    photo: Path, sheet: Path, styles: Mapping[str, Path], runtime: Runtime, dials: Dials
) -> None:
    """Write a sheet of a photo and of what each style makes of it, with their names.

    The photo is reduced to SIDE first, so that strokes have the size that they have in a picture
    so large. What takes sketches gets one of the photo. styles: checkpoints by name.
    Raises ImageError and CheckpointError.
    """
    kind = format_of(sheet)
    small = read_picture(photo, longer_side=SIDE, first_only=True).frames[0].image
    if min(small.size) < SMALLEST:
        size = f"{small.width}x{small.height} px"
        raise ImageError(f"{photo}: {size}; a sheet needs {SMALLEST} or more either way.")
    drawn = captioned_sheet([(small, "photo"), *_redrawn(small, styles, runtime, dials)])
    metadata = with_provenance(NO_METADATA, f"ganstyle {__version__}")
    write_picture(Picture((Frame(drawn),), metadata), sheet, kind)


def _redrawn(
    photo: Image.Image, styles: Mapping[str, Path], runtime: Runtime, dials: Dials
) -> Iterator[tuple[Image.Image, str]]:
    for name, path in styles.items():
        checkpoint = read_checkpoint(path)
        painter = Painter(load_generator(checkpoint), runtime, dials)
        if checkpoint.info.takes == "sketch":
            yield painter.paint([sketch_of(photo)])[0], f"{name}, from a sketch"
        else:
            yield painter.paint([photo])[0], name
