"""Contact sheets: rows of photos and what became of them."""

from collections.abc import Sequence

from PIL import Image

_GAP = 4


def contact_sheet(rows: Sequence[Sequence[Image.Image]], *, height: int = 256) -> Image.Image:
    """One picture of the rows, each picture scaled to `height` pixels, on white.

    rows: at least one row of at least one picture.
    """
    scaled = [
        [image.resize((max(1, image.width * height // image.height), height)) for image in row]
        for row in rows
    ]
    width = max(sum(image.width + _GAP for image in row) for row in scaled) - _GAP
    sheet = Image.new("RGB", (width, len(rows) * (height + _GAP) - _GAP), "white")
    for index, row in enumerate(scaled):
        left = 0
        for image in row:
            sheet.paste(image, (left, index * (height + _GAP)))
            left += image.width + _GAP
    return sheet
