"""Candidates for scoring: styles, and folders of results that any tool made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from PIL import Image

from ganstyle.data.pairs import common_suffix, match_pairs
from ganstyle.files import find_images
from ganstyle.images.tensors import read_image
from ganstyle.painting.painter import Painter
from ganstyle.runtime import Runtime
from ganstyle.styles import read_info

_NAMED = 10
"""Most photos without a partner that are named one by one."""


class Candidate(Protocol):
    """Source of results for photos."""

    in_files: ClassVar[bool]
    """Whether the results are files, which are read in threads and inspected for warnings."""

    @property
    def trained_on(self) -> frozenset[str]:
        """Hashes of the files that it was trained on, as far as known."""

    @property
    def name(self) -> str:
        """Name in the ranking."""

    def file(self, path: Path, /) -> Path | None:
        """The file of the result for the photo at path, None if there is none."""

    def result(self, path: Path, photo: Image.Image, /) -> Image.Image:
        """The result for a photo and its path. Raises ImageError for a file that is broken."""


@dataclass(frozen=True)
class FolderCandidate:
    """Folder of results of any size."""

    in_files: ClassVar[bool] = True
    name: str
    files: Mapping[Path, Path]
    """The result of each photo."""
    trained_on: frozenset[str] = frozenset()

    def file(self, path: Path) -> Path | None:
        return self.files.get(path)

    def result(self, path: Path, _: Image.Image) -> Image.Image:
        return read_image(self.files[path])


@dataclass(frozen=True)
class CheckpointCandidate:
    """Generator that paints its results, of the photos' sizes, as they are scored."""

    in_files: ClassVar[bool] = False
    name: str
    painter: Painter
    trained_on: frozenset[str] = frozenset()

    def file(self, _: Path) -> Path | None:
        return None

    def result(self, _: Path, photo: Image.Image) -> Image.Image:
        return self.painter.paint([photo])[0]


@dataclass(frozen=True)
class Untouched:
    """The photos themselves, which every candidate starts from."""

    in_files: ClassVar[bool] = True
    name: str = "untouched photos"
    trained_on: frozenset[str] = frozenset()

    def file(self, path: Path) -> Path | None:
        return path

    def result(self, _: Path, photo: Image.Image) -> Image.Image:
        return photo


def checkpoint_candidate(name: str, checkpoint: Path, runtime: Runtime) -> CheckpointCandidate:
    """The style in a checkpoint. Raises CheckpointError."""
    trained_on = frozenset(read_info(checkpoint).trained_on)
    return CheckpointCandidate(name, Painter(checkpoint, runtime=runtime), trained_on)


def folder_candidate(
    folder: Path,
    name: str,
    content: Path,
    photos: Sequence[Path],
    on_message: Callable[[str], None],
) -> FolderCandidate:
    """The results in a folder and its subfolders, each for the photo at its path below content.

    Extensions are ignored, as is a suffix that the tool added to all names. on_message gets a line
    for each file without a partner. Raises DataError when nothing matches, or a file has two
    partners.
    """
    found = find_images(folder)
    suffix = common_suffix(photos, found)
    files, alone = match_pairs(photos, found, roots=(content, folder), suffix=suffix)
    for line in alone[:_NAMED]:
        on_message(f"{folder}: {line}")
    if len(alone) > _NAMED:
        on_message(f"{folder}: {len(alone) - _NAMED} more files have no partner; left out.")
    return FolderCandidate(name, files)


def photos_of_all(photos: Sequence[Path], candidates: Sequence[Candidate]) -> list[Path]:
    """The photos for which every candidate has a result: only these can be compared."""
    in_files = [candidate for candidate in candidates if candidate.in_files]
    return [path for path in photos if all(candidate.file(path) for candidate in in_files)]
