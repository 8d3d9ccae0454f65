"""Readable formats, and the packages that some of them need."""

import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from importlib import import_module
from io import BytesIO
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from ganstyle.errors import DataError, counted
from ganstyle.files import HEIF_SUFFIXES

_HEIF_REMEDY = "pip install pillow-heif"
AVIF_REMEDY = "pip install --upgrade pillow"

_AVIF_BRANDS = {b"avif", b"avis"}
_HEIF_BRANDS = {b"mif1", b"msf1"} | {
    start + end for start in (b"hei", b"hev") for end in (b"c", b"x", b"m", b"s")
}
"""Brands in the heads of files (ISO/IEC 23008-12); AVIF files list mif1 or msf1 as well."""


_READ = ("JPEG", "MPO", "PNG", "WEBP", "TIFF", "BMP", "GIF", "HEIF", "AVIF")
"""Pillow's names of the readable formats. Pillow knows forty more, and tries all of them on any
file: an EPS named .jpg would start Ghostscript."""

_PLUGINS = ("Jpeg", "Mpo", "Png", "WebP", "Tiff", "Bmp", "Gif", "Avif")


def open_image(source: Path | bytes) -> Image.Image:
    """Open a file, or its bytes, in a readable format; nothing is decoded yet.

    Raises UnidentifiedImageError for another format, and OSError.
    """
    load_plugins()
    _silence_pillow()

    def opened() -> Image.Image:
        formats = [kind for kind in _READ if kind in Image.OPEN]
        return Image.open(source if isinstance(source, Path) else BytesIO(source), formats=formats)

    try:
        return opened()
    except UnidentifiedImageError:
        if not (is_heif(source) and register_heif()):
            raise
    return opened()


def _silence_pillow() -> None:
    """Add a first warnings filter that ignores those of Pillow only.

    Pillow warns of images between one and two times its size limit, which it then reads, and of
    damaged metadata, which we drop with a note. The filter stays: catch_warnings() would undo what
    other threads have set in the meantime.
    """
    global _filter
    if not warnings.filters or warnings.filters[0] is not _filter:
        warnings.filterwarnings("ignore", module=r"(PIL|pillow_heif)\b")
        _filter = warnings.filters[0]


_filter: object = None


@cache
def load_plugins() -> None:
    """Load Pillow's plugins for these formats, and no others."""
    for name in _PLUGINS:
        with suppress(ImportError):  # Pillow below 11.3 has none for AVIF
            import_module(f"PIL.{name}ImagePlugin")


@cache
def register_heif() -> bool:
    """Let Pillow read HEIC with pillow-heif; returns whether that is installed."""
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        return False
    # Only the photo: the depth maps and gain maps of phones are not pictures.
    register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    return True


def reads_avif() -> bool:
    """Whether this Pillow reads and writes AVIF: from 11.3 on, where it was built with libavif."""
    load_plugins()
    return ".avif" in Image.EXTENSION


def is_heif(source: Path | bytes) -> bool:
    """Whether a file, or its bytes, is HEIC or another HEIF, but not AVIF, by its header."""
    brands = _brands(source)
    return bool(brands & _HEIF_BRANDS) and not brands & _AVIF_BRANDS


def missing_reader(source: Path | bytes) -> str:
    """The command that installs the reader of a file, or of its bytes; "" when none is missing."""
    if is_heif(source):
        return "" if register_heif() else _HEIF_REMEDY
    return AVIF_REMEDY if _brands(source) & _AVIF_BRANDS and not reads_avif() else ""


def readable(paths: Iterable[Path], name: str, on_message: Callable[[str], None]) -> list[Path]:
    """The paths that have a reader; on_message gets a line about all others.

    name: of the folder, for that line. Raises DataError when none is left.
    """
    found, missing = [], Counter[str]()
    for path in paths:
        rare = path.suffix.lower() in HEIF_SUFFIXES | {".avif"}
        if remedy := missing_reader(path) if rare else "":
            missing[remedy] += 1
        else:
            found.append(path)
    lines = [f"{name}: {missing_line(count, remedy)}" for remedy, count in missing.items()]
    if lines and not found:
        raise DataError("\n".join(lines))
    for line in lines:
        on_message(line)
    return found


def missing_line(count: int, remedy: str, noun: str = "picture") -> str:
    """A line for the user about pictures that cannot be read, with the remedy."""
    return f"{counted(count, noun)} cannot be read for want of a package: {remedy}"


def _brands(source: Path | bytes) -> set[bytes]:
    """Brands in the header of an ISO base media file; none for other files."""
    if isinstance(source, bytes):
        head = source[:64]
    else:
        try:
            with source.open("rb") as file:
                head = file.read(64)
        except OSError:
            return set()
    end = int.from_bytes(head[:4]) if head[4:8] == b"ftyp" else 0
    return {head[at : at + 4] for at in range(8, min(end, len(head)), 4)}
