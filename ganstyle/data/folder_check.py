"""Inspection of training images for broken, small, blank and duplicated ones."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageStat

from ganstyle.errors import ImageError, are, counted
from ganstyle.images.duplicates import fingerprint, near_duplicates
from ganstyle.images.read import peek_size
from ganstyle.images.tensors import read_image

LOOKED_AT = 4000
"""Most images of a folder that are inspected; of a larger folder, every n-th is."""

_BLANK = 4.0
"""Standard deviation of each channel, of 255, below which an image counts as blank."""

_NAMED = 5
"""Files that a line names."""


@dataclass(frozen=True)
class Inspection:
    """Findings in a folder: numbers of images, and files by problem. Pairs are near-duplicates."""

    training: int
    held_out: int
    unreadable: tuple[Path, ...]
    small: tuple[Path, ...]
    blank: tuple[Path, ...]
    duplicates: tuple[tuple[Path, Path], ...]
    overlap: tuple[tuple[Path, Path], ...]

    def lines(self, name: str, crop: int) -> list[str]:
        """Lines for the user. name: of the folder. crop: side in pixels."""
        found = [
            f"{name}: {counted(self.training, 'picture')} to train on, {self.held_out} held out."
        ]
        if self.unreadable:
            found.append(
                f"{name}: {len(self.unreadable)} cannot be read: {_list(_names(self.unreadable))}."
            )
        if self.small:
            found.append(
                f"{name}: {len(self.small)} {are(len(self.small))} smaller than a crop of {crop} "
                f"px and will be enlarged: {_list(_names(self.small))}."
            )
        if self.blank:
            found.append(
                f"{name}: {len(self.blank)} of a single colour; remove such pictures, unless the "
                f"style has blank areas of that size: {_list(_names(self.blank))}."
            )
        if self.duplicates:
            count, pairs = len(self.duplicates), _list(_pairs(self.duplicates))
            found.append(f"{name}: {counted(count, 'near-duplicate')}: {pairs}.")
        if self.overlap:
            found.append(
                f"{name}: {counted(len(self.overlap), 'held-out picture')} also among the training "
                f"pictures, so scores will be too good: {_list(_pairs(self.overlap))}."
            )
        return found


def inspect(training: Sequence[Path], held_out: Sequence[Path], crop: int) -> Inspection:
    """Inspect the images of one folder. crop: side of the training crops in pixels."""
    step = max(1, -(-len(training) // LOOKED_AT))
    paths = [*training[::step], *held_out]
    with ThreadPoolExecutor() as pool:
        images = dict(zip(paths, pool.map(_thumbnail, paths), strict=True))
    readable = {path: image for path, image in images.items() if image}
    blank = tuple(path for path, image in readable.items() if _is_blank(image))
    kept_out = set(held_out)
    hashes = [(path, fingerprint(readable[path])) for path in readable if path not in blank]
    alike = near_duplicates(hashes)
    return Inspection(
        training=len(training),
        held_out=len(held_out),
        unreadable=tuple(path for path in paths if path not in readable),
        small=tuple(path for path in readable if min(peek_size(path)) < crop),
        blank=blank,
        duplicates=tuple(p for p in alike if not kept_out & set(p)),
        overlap=tuple(p for p in alike if len(kept_out & set(p)) == 1),
    )


def _thumbnail(path: Path) -> Image.Image | None:
    """The image, reduced; None if it cannot be read."""
    try:
        return read_image(path, short_side=64)
    except ImageError:
        return None


def _is_blank(image: Image.Image) -> bool:
    return max(ImageStat.Stat(image).stddev) < _BLANK


def _names(paths: Sequence[Path]) -> list[str]:
    return [path.name for path in paths]


def _pairs(pairs: Sequence[tuple[Path, Path]]) -> list[str]:
    return [f"{a.name} and {b.name}" for a, b in pairs]


def _list(names: Sequence[str]) -> str:
    """The first few of many."""
    return ", ".join([*names[:_NAMED], *(["..."] if len(names) > _NAMED else [])])
