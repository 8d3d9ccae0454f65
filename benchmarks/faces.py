"""How well faces are found: in Kodak's 24 test pictures, in portraits, and in landscapes.

python benchmarks/faces.py KODAK PORTRAITS LANDSCAPES [--look BOXES.png]

A portrait shows one face. Whatever is found in the landscapes counts as false, and so does a second
face in a portrait: --look writes all of it, for there may be people in it.
"""

import re
from pathlib import Path
from time import process_time
from typing import Annotated

import typer
from PIL import Image
from report import Sheet

from ganstyle.files import atomic_path, find_images
from ganstyle.images.tensors import read_image
from ganstyle.painting.faces import Box, find_faces

Point = tuple[float, float]

KODAK: dict[int, list[Point]] = {
    4: [(263, 385)],
    10: [(300, 556), (332, 540)],
    12: [(342, 91), (283, 138)],
    14: [
        (120, 119),
        (163, 186),
        (268, 154),
        (383, 169),
        (273, 217),
        (446, 251),
        (522, 227),
        (570, 278),
        (579, 301),
    ],
    15: [(556, 210)],
    17: [(224, 212)],
    18: [(287, 207)],
}
"""Middles of the faces of 15 px and more by the numbers of Kodak's pictures, px of 768x512."""

_CROP = 128
"""Side of a box that is looked at, px."""


def main(
    kodak: Path,
    portraits: Path,
    landscapes: Path,
    look: Annotated[Path | None, typer.Option()] = None,
) -> None:
    """Print a table of faces found, missed and false, and of the time that a photo takes."""
    find_faces(Image.new("RGB", (640, 480)))  # loads the detector
    rows, crops = [], []
    for folder in (kodak, portraits, landscapes):
        found = false = missed = 0
        seconds = 0.0
        paths = find_images(folder)
        for path in paths:
            image = read_image(path)
            start = process_time()
            boxes = find_faces(image)
            seconds += process_time() - start
            if folder == portraits:
                hits = boxes[:1]
                missed += not boxes
            else:
                faces = _faces_of(path) if folder == kodak else []
                hits = [box for box in boxes if any(_holds(box, face) for face in faces)]
                missed += sum(not any(_holds(box, face) for box in boxes) for face in faces)
            wrong = [box for box in boxes if box not in hits]
            found, false = found + len(hits), false + len(wrong)
            crops += [crop(image, box) for box in wrong]
        time = f"{1000 * seconds / max(1, len(paths)):.0f}"
        rows.append((folder.name, str(len(paths)), str(found), str(missed), str(false), time))
    columns = ("folder", "photos", "found", "missed", "false", "ms per photo")
    print(Sheet("Faces, and the time of one core", columns, rows).markdown())
    if look and crops:
        write_crops(crops, look)


def _faces_of(path: Path) -> list[Point]:
    numbers = re.findall(r"\d+", path.stem)
    return KODAK.get(int(numbers[-1]), []) if numbers else []


def _holds(box: Box, point: Point) -> bool:
    left, top, width, height = box
    return left <= point[0] <= left + width and top <= point[1] <= top + height


def crop(image: Image.Image, box: Box) -> Image.Image:
    """The square of twice the height of a box."""
    left, top, width, height = box
    x, y = left + width / 2, top + height / 2
    square = tuple(round(edge) for edge in (x - height, y - height, x + height, y + height))
    return image.crop((square[0], square[1], square[2], square[3])).resize((_CROP, _CROP))


def write_crops(crops: list[Image.Image], path: Path) -> None:
    """Write crops as a sheet of eight columns."""
    sheet = Image.new("RGB", (8 * _CROP, -(-len(crops) // 8) * _CROP))
    for at, crop in enumerate(crops):
        sheet.paste(crop, (at % 8 * _CROP, at // 8 * _CROP))
    with atomic_path(path) as temporary:
        sheet.save(temporary, "PNG")


if __name__ == "__main__":
    typer.run(main)
