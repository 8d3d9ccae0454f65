"""Finding pictures in folders and writing files so that only whole ones are ever seen."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ganstyle.errors import DataError

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp"})
"""Endings, in lower case, of the files that count as pictures."""


def find_images(root: Path, *, leave_out: Path | None = None) -> list[Path]:
    """Pictures below root, linked folders included, sorted by path.

    Hidden files and folders are left out, and so is everything below leave_out.
    A file whose ending is no picture's is not listed. Raises DataError when root is no folder
    or holds no picture.
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
        raise DataError(f"{root}: no pictures found; JPEG, PNG, WebP, TIFF and BMP count.")
    return sorted(found)


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` that replaces it when the block ends well.

    The temporary file keeps the ending of `path` and is hidden. When the block raises,
    it is removed and what stood at `path` before is untouched. Missing parent folders are made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".ganstyle-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        # mkstemp makes files private; a picture gets the permissions that open() would give it.
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _is_image_name(name: str) -> bool:
    return not name.startswith(".") and Path(name).suffix.lower() in IMAGE_SUFFIXES


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
