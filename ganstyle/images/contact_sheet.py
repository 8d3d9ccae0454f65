"""Contact sheets: rows of content images and their results."""

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

SIDE = 640
"""Longer side to which images are reduced for a captioned sheet, px."""

_GAP = 4

_FRAME, _CAPTION = 20, 40
"""Pixels around the images of a captioned sheet, and below each, for its caption."""


def contact_sheet(rows: Sequence[Sequence[Image.Image]], *, height: int = 256) -> Image.Image:
    """One sheet of the rows, each image scaled to `height` pixels, on white.

    rows: at least one row of at least one image.
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


def captioned_sheet(cells: Sequence[tuple[Image.Image, str]]) -> Image.Image:
    """One sheet of images of equal size and their captions, about twice as wide as high.

    cells: at least one. They stand in rows from the left, on white.
    """
    width, height = cells[0][0].size
    columns = min(len(cells), max(1, round(math.sqrt(2 * len(cells) * height / width))))
    rows = math.ceil(len(cells) / columns)
    wide, high = width + _FRAME, height + _FRAME + _CAPTION
    sheet = Image.new("RGB", (columns * wide + _FRAME, rows * high + _FRAME), "white")
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(_CAPTION // 2)
    for index, (image, caption) in enumerate(cells):
        left, top = _FRAME + index % columns * wide, _FRAME + index // columns * high
        sheet.paste(image, (left, top))
        draw.text((left, top + height + _CAPTION // 4), caption, fill="black", font=font)
    return sheet
