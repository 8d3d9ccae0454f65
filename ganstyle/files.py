"""Finding images in folders and writing files so that only whole ones are ever seen."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ganstyle.errors import DataError, NoPicturesError

HEIF_SUFFIXES = frozenset({".heic", ".heif", ".hif"})
"""Endings, in lower case, of images that can be read but not written."""

IMAGE_SUFFIXES = HEIF_SUFFIXES | {
    ".jpg",
    ".jpeg",
    ".png",
    ".apng",
    ".webp",
    ".tif",
    ".tiff",
    ".bmp",
    ".gif",
    ".avif",
}
"""Endings, in lower case, of the files that count as images."""


def find_images(root: Path, *, leave_out: Path | None = None) -> list[Path]:
    """Pictures below root, linked folders included, sorted by path.

    Hidden files and folders are left out, and so is everything below leave_out.
    A file whose ending is no image format's is not listed. Raises DataError when root is no folder
    or holds no image.
    """
    if not root.is_dir():
        raise DataError(f"{root}: not a folder.")
    skipped = leave_out.resolve() if leave_out else None
    seen: set[Path] = set()  # a link may point to a folder above itself
    found: list[Path] = []
    for folder, subfolders, names in os.walk(root, followlinks=True):
        real = Path(folder).resolve()
        if real in seen or real == skipped:
            subfolders.clear()
            continue
        seen.add(real)
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        found += [Path(folder, name) for name in names if _is_image_name(name)]
    if not found:
        raise NoPicturesError(
            f"{root}: no pictures found; JPEG, PNG, WebP, TIFF, BMP, GIF, HEIC and AVIF count."
        )
    return sorted(found)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


_UMASK = _umask()  # once: asking means setting it, for all threads
_TEMPORARY = ".ganstyle-"
_ABANDONED_SECONDS = 30


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` that replaces it when the block ends well.

    The temporary file keeps the ending of `path` and is hidden. When the block raises,
    it is removed and what stood at `path` before is untouched. Missing parent folders are made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    prefix = f"{_TEMPORARY}{os.getpid()}-"
    handle, name = tempfile.mkstemp(prefix=prefix, suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        # mkstemp makes files private; an image gets the permissions that open() would give it.
        temporary.chmod(0o666 & ~_UMASK)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())  # or a power cut may leave an empty file under the new name
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def is_folder(path: Path) -> bool:
    """Whether path is a folder; one that cannot be looked at, or cannot exist, is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def is_file(path: Path) -> bool:
    """Whether path is a file; one that cannot be looked at, or cannot exist, is none."""
    try:
        return path.is_file()
    except OSError:
        return False


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, unless it is there. Raises DataError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"{folder}: cannot be made ({error.strerror}).") from error


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files that killed processes have left in a folder."""
    for path in folder.glob(f"{_TEMPORARY}*-*"):
        owner = path.name.removeprefix(_TEMPORARY).split("-")[0]
        with suppress(OSError):  # gone, or not ours to remove
            # The age, for on a shared disk the owner may be alive on another machine.
            idle = time.time() - path.stat().st_mtime > _ABANDONED_SECONDS
            if owner.isdigit() and idle and not _is_alive(int(owner)):
                path.unlink()


def file_signature(path: Path) -> list[int] | None:
    """Size in bytes and time of the last change in ns; None when there is no such file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return [status.st_size, status.st_mtime_ns]


def _is_alive(process: int) -> bool:
    if os.name == "nt":
        return True  # there is no harmless question there
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True


def _is_image_name(name: str) -> bool:
    return not name.startswith(".") and Path(name).suffix.lower() in IMAGE_SUFFIXES
