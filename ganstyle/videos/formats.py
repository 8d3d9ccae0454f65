"""Containers of videos, and the package that reads them."""

from importlib.util import find_spec
from pathlib import Path

from ganstyle.errors import ImageError

VIDEO_REMEDY = "pip install av"
"""The command that installs what reads videos: PyAV, whose wheels hold FFmpeg."""

_CONTAINERS = {
    ".mp4": "mp4",
    ".m4v": "mp4",
    ".mov": "mov",
    ".mkv": "matroska",
    ".webm": "webm",
}
"""FFmpeg's names of the containers that are written, by extension."""

_MATROSKA = b"\x1a\x45\xdf\xa3"
_ATOMS = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot"}
_PICTURE_BRANDS = (b"mif1", b"msf1", b"avif", b"avis", b"hei", b"hev")
"""Beginnings of Matroska, of MP4 and QuickTime files, and of their relatives HEIC and AVIF."""


def videos_readable() -> bool:
    """Whether PyAV is installed. It is not imported, which would take a tenth of a second."""
    return find_spec("av") is not None


def container_of(path: Path) -> str:
    """FFmpeg's name of the container that a path's extension stands for. Raises ImageError."""
    if path.suffix.lower() not in _CONTAINERS:
        found = f"unsupported extension {path.suffix}" if path.suffix else "no extension"
        raise ImageError(f"{path}: {found} for a video; use .mp4, .mov, .mkv or .webm.")
    return _CONTAINERS[path.suffix.lower()]


def demuxer_of(path: Path) -> str:
    """FFmpeg's name of what takes a file apart, by its first bytes; "" if it is no such video.

    FFmpeg is never left to guess: it knows playlists, too, which name other files and addresses.
    """
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError:
        return ""
    if head.startswith(_MATROSKA):
        return "matroska"
    is_picture = head[4:8] == b"ftyp" and head[8:12].startswith(_PICTURE_BRANDS)
    return "mov" if head[4:8] in _ATOMS and not is_picture else ""
