"""What can be scored: a style that redraws the photos, or a folder that another tool made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from ganstyle.config import Dials
from ganstyle.data.pairs import common_suffix, match_pairs
from ganstyle.files import find_images
from ganstyle.images.tensors import read_image
from ganstyle.models.pretrained import load_generator
from ganstyle.painting.painter import Painter
from ganstyle.runtime import Runtime

_NAMED = 10
"""Photos without a partner that are named one by one."""


@dataclass(frozen=True)
class Stylizer:
    """A generator whose results are made as they are scored."""

    name: str
    painter: Painter

    def make(self, photo: Image.Image) -> Image.Image:
        """The redrawn photo, of its size."""
        return self.painter.paint([photo])[0]


@dataclass(frozen=True)
class Results:
    """A folder of results, files of the same stem as their photos."""

    name: str
    files: Mapping[Path, Path]
    """The result of each photo."""

    def read(self, photo: Path) -> Image.Image:
        """The result for the photo at that path, of whatever size. Raises ImageError."""
        return read_image(self.files[photo])


Candidate = Stylizer | Results


def stylizer(name: str, checkpoint: Path, runtime: Runtime) -> Stylizer:
    """The style in a checkpoint. Raises CheckpointError."""
    return Stylizer(name, Painter(load_generator(checkpoint), runtime, Dials()))


def results_in(
    folder: Path, name: str, photos: Sequence[Path], on_message: Callable[[str], None]
) -> Results:
    """The results in a folder and its subfolders, matched by stem, whatever suffix a tool adds.

    on_message gets a line for each file without partner. Raises DataError when nothing matches,
    and when two files have one stem.
    """
    found = find_images(folder)
    files, alone = match_pairs(photos, found, suffix=common_suffix(photos, found))
    for line in alone[:_NAMED]:
        on_message(f"{folder}: {line}")
    if len(alone) > _NAMED:
        on_message(f"{folder}: {len(alone) - _NAMED} more files have no partner; left out.")
    return Results(name, files)


def photos_of_all(photos: Sequence[Path], candidates: Sequence[Candidate]) -> list[Path]:
    """The photos of which each candidate has a result: only these can be compared."""
    folders = [candidate.files for candidate in candidates if isinstance(candidate, Results)]
    return [path for path in photos if all(path in files for files in folders)]
