"""One painting at all sizes of a photo, or another at each?

python benchmarks/same_painting.py PHOTO... --style NAME|FILE [--write docs/benchmarks.md]

Each photo is enlarged or reduced (Lanczos) to 1, 12 and 48 megapixels and painted by
`ganstyle stylize`. Compared is what the style adds to the photo, seen from afar and without what
is broad in it: 1 is the same painting, 0 another one.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import fmean
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer
from PIL import Image, ImageOps
from report import Sheet, Write, publish, split_at_markers

from ganstyle.errors import DataError

MARKERS = "sizes"
"""Name of the markers between which --write puts the table."""

MEGAPIXELS = (1, 12, 48)
"""Sizes of the photos; the others are compared with the first."""

SEEN = (576, 384)
"""Longer and shorter side to which results are reduced, px."""

BROAD = 4.0
"""Standard deviation of the blur whose result is taken away, px of SEEN."""


def main(
    photos: list[Path],
    style: Annotated[str, typer.Option(help="Name of a shipped style, or a file.")],
    write: Write = None,
) -> None:
    """Print the correlations of the larger paintings of each photo with the smallest."""
    if write:
        split_at_markers(write, MARKERS)
    found = [compare_sizes(path, style) for path in photos]
    rows = [(path.stem, *map(_shown, values)) for path, values in zip(photos, found, strict=True)]
    sizes = list(zip(*found, strict=True))  # the values of all photos by size
    rows.append(("mean", *(_shown(fmean(values)) for values in sizes)))
    rows.append(("least", *(_shown(min(values)) for values in sizes)))
    columns = ("photo", *(f"{size} megapixels" for size in MEGAPIXELS[1:]))
    caption = (
        f"Strokes of `{Path(style).stem}` on photos of several sizes: correlation with those at "
        f"{MEGAPIXELS[0]} megapixel:"
    )
    publish([Sheet(caption, columns, rows)], "same_painting.py", MARKERS, write)


def _shown(value: float) -> str:
    return f"{value:.2f}"


def compare_sizes(path: Path, style: str) -> list[float]:
    """Correlations of the larger paintings of a photo with the smallest, smallest first."""
    with Image.open(path) as file:
        photo = ImageOps.exif_transpose(file).convert("RGB")
    with tempfile.TemporaryDirectory() as temporary:
        paintings = [paint(photo, megapixels, style, Path(temporary)) for megapixels in MEGAPIXELS]
    return [stroke_correlation(photo, paintings[0], other) for other in paintings[1:]]


def paint(photo: Image.Image, megapixels: float, style: str, folder: Path) -> Image.Image:
    """The painting of a photo of that size, reduced to SEEN; files are made in folder.

    Raises DataError when ganstyle fails.
    """
    ratio = (megapixels * 1e6 / (photo.width * photo.height)) ** 0.5
    size = (round(photo.width * ratio), round(photo.height * ratio))
    source, target = folder / f"{megapixels}.jpg", folder / f"{megapixels}-painted.jpg"
    photo.resize(size, Image.Resampling.LANCZOS).save(source, quality=95, subsampling=0)
    words = ("stylize", str(source), str(target), "--style", style)
    done = subprocess.run(
        [sys.executable, "-m", "ganstyle", *words], capture_output=True, text=True
    )
    if done.returncode:
        raise DataError(f"{megapixels} megapixels were not painted:\n{done.stderr}")
    with Image.open(target) as painting:
        assert painting.size == size
        return seen(painting)


def seen(image: Image.Image) -> Image.Image:
    """An image as it looks from afar: RGB of the size SEEN, upright or lying as it is."""
    size = SEEN if image.width >= image.height else SEEN[::-1]
    return image.convert("RGB").resize(size, Image.Resampling.LANCZOS)


def stroke_correlation(photo: Image.Image, one: Image.Image, other: Image.Image) -> float:
    """Correlation in [-1, 1] of what two paintings add to a photo, less what is broad in it.

    Images of any size and one shape. 1 is the same painting; strokes laid otherwise are near 0.
    """
    first, second = (strokes(photo, painting).ravel() for painting in (one, other))
    return float(np.corrcoef(first, second)[0, 1])


def strokes(photo: Image.Image, painting: Image.Image) -> npt.NDArray[np.float64]:
    """What a painting adds to a photo, both reduced to SEEN, less its blur: (H, W, 3)."""
    painted, plain = (np.asarray(seen(image), dtype=np.float64) for image in (painting, photo))
    added: npt.NDArray[np.float64] = painted - plain
    return added - _blurred(_blurred(added, 0), 1)


def _blurred(planes: npt.NDArray[np.float64], axis: int) -> npt.NDArray[np.float64]:
    """Planes convolved along an axis with a Gaussian of BROAD px, mirrored at the border."""
    reach = int(4 * BROAD)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / BROAD) ** 2)
    padding = [(reach, reach) if index == axis else (0, 0) for index in range(planes.ndim)]
    windows = np.lib.stride_tricks.sliding_window_view(
        np.pad(planes, padding, mode="symmetric"), 2 * reach + 1, axis
    )
    blurred: npt.NDArray[np.float64] = windows @ (weights / weights.sum())
    return blurred


if __name__ == "__main__":
    typer.run(main)
