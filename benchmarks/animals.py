"""How often an animal is found in photos, and how long that takes.

python benchmarks/animals.py FOLDER... [--look FACES.png]

What is right, and what was missed, is for the eye: --look writes each face that was found.
"""

from pathlib import Path
from time import process_time
from typing import Annotated

import typer
from faces import crop, write_crops
from PIL import Image
from report import Sheet

from ganstyle.files import find_images
from ganstyle.images.tensors import read_image
from ganstyle.painting.animals import find_animal_faces


def main(folders: list[Path], look: Annotated[Path | None, typer.Option()] = None) -> None:
    """Print a table of the photos with an animal, and of the time that a photo takes."""
    find_animal_faces(Image.new("RGB", (640, 480)))  # loads the network
    rows, crops = [], []
    for folder in folders:
        with_animal, seconds, paths = 0, 0.0, find_images(folder)
        for path in paths:
            image = read_image(path)
            start = process_time()
            boxes = find_animal_faces(image)
            seconds += process_time() - start
            with_animal += bool(boxes)
            crops += [crop(image, box) for box in boxes]
        time = f"{1000 * seconds / max(1, len(paths)):.0f}"
        rows.append((folder.name, str(len(paths)), str(with_animal), time))
    columns = ("folder", "photos", "with an animal", "ms per photo")
    print(Sheet("Animals, and the time of all cores", columns, rows).markdown())
    if look and crops:
        write_crops(crops, look)


if __name__ == "__main__":
    typer.run(main)
