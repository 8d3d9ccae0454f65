"""One content image in many styles, on one sheet to choose from."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from PIL import Image

from ganstyle.config import Dials
from ganstyle.images.contact_sheet import SIDE, captioned_sheet
from ganstyle.images.metadata import NO_METADATA, with_provenance
from ganstyle.images.picture import Frame, Picture
from ganstyle.images.read import read_picture
from ganstyle.images.write import format_of, write_picture
from ganstyle.painting.painter import Painter
from ganstyle.runtime import Runtime


def draw_style_sheet(
    path: Path, sheet: Path, styles: Mapping[str, Path], runtime: Runtime, dials: Dials
) -> None:
    """Write a sheet of a content image and of it in each style, with their names.

    path: of the content image, which is reduced to SIDE first, so that strokes have the size that
    they have in an image so large. styles: checkpoints by name. Raises ImageError and
    CheckpointError.
    """
    kind = format_of(sheet)
    content = read_picture(path, longer_side=SIDE, first_only=True).frames[0].image
    cells = [(content, path.stem), *_stylized(content, styles, runtime, dials)]
    picture = Picture((Frame(captioned_sheet(cells)),), with_provenance(NO_METADATA))
    write_picture(picture, sheet, kind)


def _stylized(
    content: Image.Image, styles: Mapping[str, Path], runtime: Runtime, dials: Dials
) -> Iterator[tuple[Image.Image, str]]:
    for name, path in styles.items():
        painter = Painter(path, dials, runtime=runtime)
        yield painter.paint([content])[0], name
