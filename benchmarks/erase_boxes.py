"""Copies of pictures with boxes made transparent, which training fills from their surroundings.

python benchmarks/erase_boxes.py IN OUT BOXES.csv

How seals and inscriptions were taken out of the prints that `hiroshige` was trained on: with
docs/training/hiroshige_boxes.csv, whose rows are file,left,top,right,bottom in pixels.
"""

import csv
from collections import defaultdict
from pathlib import Path

import typer
from PIL import Image

from ganstyle.files import find_images
from ganstyle.images.tensors import read_image, write_image


def main(source: Path, target: Path, boxes: Path) -> None:
    """Write a PNG for every picture below source."""
    erased = defaultdict(list)
    with boxes.open(newline="") as file:
        for row in csv.DictReader(file):
            box = int(row["left"]), int(row["top"]), int(row["right"]), int(row["bottom"])
            erased[row["file"]].append(box)
    for path in find_images(source):
        image = read_image(path)
        alpha = Image.new("L", image.size, 255)
        for box in erased.pop(path.name, []):
            alpha.paste(0, box)
        image.putalpha(alpha)
        write_image(image, target / f"{path.stem}.png")
    if erased:
        raise SystemExit(f"{boxes}: no such pictures in {source}: {', '.join(erased)}")


if __name__ == "__main__":
    typer.run(main)
