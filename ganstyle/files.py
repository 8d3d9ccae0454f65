"""Finding images in folders, and writing files so that only complete ones are ever seen."""

import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ganstyle.errors import DataError, NoPicturesError

HEIF_SUFFIXES = frozenset({".heic", ".heif", ".hif"})
"""Extensions, in lower case, of images that can be read but not written."""

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
"""Extensions, in lower case, of the files that count as images."""

VIDEO_SUFFIXES = frozenset({".mp4", ".m4v", ".mov", ".mkv", ".webm"})
"""Extensions, in lower case, of the files that count as videos."""

_PASSED_OVER = {
    "video": (".avi", ".3gp", ".mts", ".wmv", ".mpg", ".mpeg", ".flv"),
    "PDF": (".pdf",),
    "SVG": (".svg", ".svgz"),
    "camera raw file": (
        *(".dng", ".cr2", ".cr3", ".nef", ".arw", ".raf", ".orf", ".rw2", ".pef", ".srw"),
    ),
    "unsupported picture": (
        *(".jxl", ".jp2", ".psd", ".xcf", ".kra", ".tga", ".ppm", ".ico", ".exr", ".hdr", ".eps"),
    ),
    "extensionless file": ("",),
}
"""Extensions, in lower case, of files that a user may take for pictures, by kind."""

_KIND_OF = {suffix: kind for kind, suffixes in _PASSED_OVER.items() for suffix in suffixes}


@dataclass(frozen=True)
class FolderContents:
    """Files below a folder: its images, its videos, and what looks like pictures but is not read.

    passed_over: with what each is, in the singular, such as "PDF".
    """

    images: list[Path]
    videos: list[Path]
    passed_over: list[tuple[Path, str]]


def find_images(root: Path) -> list[Path]:
    """Images below root, linked folders included, sorted by path.

    Hidden files and folders are left out. Raises DataError when root is not a folder, and
    NoPicturesError when it holds no image.
    """
    images = list_folder(root).images
    if not images:
        raise _no_pictures(root)
    return images


def list_folder(root: Path, *, leave_out: Path | None = None) -> FolderContents:
    """Contents of a folder as find_images() lists them; nothing below leave_out is listed.

    Raises DataError as find_images() does, but videos count, too.
    """
    if not root.is_dir():
        raise DataError(f"{root}: not a folder.")
    skipped = leave_out.resolve() if leave_out else None
    seen: set[Path] = set()  # a link may point to a folder above itself
    files: list[Path] = []
    for folder, subfolders, names in os.walk(root, followlinks=True):
        real = Path(folder).resolve()
        if real in seen or real == skipped:
            subfolders.clear()
            continue
        seen.add(real)
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        files += [Path(folder, name) for name in names if not name.startswith(".")]
    files.sort()
    images = [path for path in files if path.suffix.lower() in IMAGE_SUFFIXES]
    videos = [path for path in files if path.suffix.lower() in VIDEO_SUFFIXES]
    if not (images or videos):
        raise _no_pictures(root)
    kinds = ((path, _KIND_OF.get(path.suffix.lower())) for path in files)
    return FolderContents(images, videos, [(path, kind) for path, kind in kinds if kind])


def _no_pictures(root: Path) -> NoPicturesError:
    return NoPicturesError(
        f"{root}: no pictures found. Supported formats: JPEG, PNG, WebP, TIFF, BMP, GIF, HEIC "
        "and AVIF."
    )


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

    The temporary file keeps the extension of `path` and is hidden. When the block raises, it is
    removed, and what stood at `path` before is untouched. Missing parent folders are made. A file
    that is replaced keeps its permissions, and a symbolic link keeps pointing to it.
    """
    path = path.resolve() if path.is_symlink() else path
    path.parent.mkdir(parents=True, exist_ok=True)
    prefix = f"{_TEMPORARY}{os.getpid()}-"
    handle, name = tempfile.mkstemp(prefix=prefix, suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(_mode_of(path))
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())  # or a power cut may leave an empty file under the new name
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _mode_of(path: Path) -> int:
    """Permissions of the file at path, or those that open() would give a new one."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return 0o666 & ~_UMASK


def is_folder(path: Path) -> bool:
    """Whether path is a folder; one that cannot be looked at, or cannot exist, is not one."""
    try:
        return path.is_dir()
    except OSError:
        return False


def is_file(path: Path) -> bool:
    """Whether path is a file; one that cannot be looked at, or cannot exist, is not one."""
    try:
        return path.is_file()
    except OSError:
        return False


def make_folder(folder: Path) -> None:
    """Create a folder and its parents unless they exist. Raises DataError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"{folder}: cannot be created ({error.strerror}).") from error


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
