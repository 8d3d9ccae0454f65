"""Whole pictures as they are read: every frame with transparency and timing, and the metadata."""

import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import ExifTags, Image, ImageOps

from ganstyle.data.alpha import split_alpha
from ganstyle.data.color import to_srgb
from ganstyle.data.metadata import NO_METADATA, Metadata, read_metadata
from ganstyle.errors import ImageError

MAX_PIXELS = 2**31
"""Pixels of all frames together above which a picture is refused, before any is decoded."""

ANIMATED = frozenset({"GIF", "WEBP", "PNG"})
PAGED = frozenset({"TIFF"})
"""Pillow's names of the formats that hold several frames, or several pages."""


@dataclass(frozen=True)
class Frame:
    """A frame of an animation, a page, or the one picture there is.

    image: upright 8-bit RGB in sRGB; alpha: L of the same size, or None; duration: milliseconds.
    """

    image: Image.Image
    alpha: Image.Image | None = None
    duration: float = 0


@dataclass(frozen=True)
class Picture:
    """What a file holds. notes: what of it could not be kept, in words for the user."""

    frames: tuple[Frame, ...]
    metadata: Metadata = NO_METADATA
    loop: int | None = None
    """Times an animation repeats, 0 for ever; None when the file does not say."""
    notes: tuple[str, ...] = ()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the first frame, px."""
        return self.frames[0].image.size


def read_picture(
    source: Path | bytes,
    *,
    longer_side: int | None = None,
    shorter_side: int | None = None,
    first_only: bool = False,
) -> Picture:
    """Read a file, or its bytes, with all frames as upright sRGB.

    longer_side, shorter_side: sides in pixels to which larger frames are reduced. first_only:
    leave out all frames but the first, and the metadata.
    Raises ImageError, naming the file, for what is no picture, damaged, or too large.
    """
    name = source if isinstance(source, Path) else "stdin"
    stream = source if isinstance(source, Path) else BytesIO(source)
    empty = (
        source.is_file() and not source.stat().st_size if isinstance(source, Path) else not source
    )
    if empty:
        raise ImageError(f"{name}: the file is empty (0 bytes).")
    try:
        with warnings.catch_warnings():
            # Pillow warns of pictures between one and two times its size limit, then reads them,
            # and of damaged metadata, which are dropped with a note of ours.
            warnings.simplefilter("ignore")
            with Image.open(stream) as image:
                limit = _Limit(longer_side, shorter_side)
                return _read(image, limit, first_only)
    except Exception as error:  # decoders raise anything from OSError to struct.error
        raise ImageError(f"{name}: cannot be read as a picture ({reason_of(error)}).") from error


def peek_size(path: Path) -> tuple[int, int]:
    """Width and height that the file's header names, px; (0, 0) when it cannot be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path) as image:
                return image.size
    except Exception:  # whoever reads the whole picture will say what is wrong
        return 0, 0


def format_within(source: Path | bytes) -> str:
    """Pillow's name of the format that a file, or its bytes, are in. Raises ImageError."""
    name = source if isinstance(source, Path) else "stdin"
    try:
        with Image.open(source if isinstance(source, Path) else BytesIO(source)) as image:
            kind = image.format or ""
    except Exception as error:
        raise ImageError(f"{name}: cannot be read as a picture ({reason_of(error)}).") from error
    return kind if kind in Image.SAVE else "PNG"


@dataclass(frozen=True)
class _Limit:
    """Sides to which larger pictures are reduced."""

    longer: int | None
    shorter: int | None

    def size(self, size: tuple[int, int]) -> tuple[int, int]:
        """What becomes of a picture of that size."""
        ratio = min(
            1.0, (self.longer or max(size)) / max(size), (self.shorter or min(size)) / min(size)
        )
        return max(1, round(size[0] * ratio)), max(1, round(size[1] * ratio))


def _read(image: Image.Image, limit: _Limit, first_only: bool) -> Picture:
    if image.format == "JPEG" and limit.size(image.size) != image.size:
        image.draft(None, limit.size(image.size))  # decodes at 1/2, 1/4 or 1/8: many times faster
    several = image.format in ANIMATED | PAGED and not first_only
    count = int(getattr(image, "n_frames", 1)) if several else 1
    pixels = count * image.width * image.height
    if pixels > MAX_PIXELS:
        raise ValueError(
            f"{count} frames of {image.width}x{image.height} px are more than the limit of "
            f"{MAX_PIXELS} px"
        )
    notes: dict[str, None] = {}  # in order, each once
    metadata = NO_METADATA
    if not first_only:
        metadata, note = read_metadata(image)
        notes[note] = None
    frames = []
    for index in range(count):
        if index:
            image.seek(index)
        frame, note = _frame(image.copy() if count > 1 else image, limit)
        frames.append(frame)
        notes[note] = None
    loop = image.info.get("loop") if count > 1 else None
    return Picture(tuple(frames), metadata, loop, tuple(note for note in notes if note))


def _frame(image: Image.Image, limit: _Limit) -> tuple[Frame, str]:
    """The frame that the file stands at."""
    image.load()
    duration = image.info.get("duration", 0)
    image, note = to_srgb(_upright(image))
    size = limit.size(image.size)
    if size != image.size:
        image = image.resize(size, Image.Resampling.LANCZOS)
    rgb, alpha = split_alpha(image)
    return Frame(rgb, alpha, duration if isinstance(duration, int | float) else 0), note


def _upright(image: Image.Image) -> Image.Image:
    try:
        turned = image.getexif().get(ExifTags.Base.Orientation, 1) != 1
        return ImageOps.exif_transpose(image) if turned else image  # it copies even upright ones
    except Exception:  # damaged EXIF data are no reason to refuse the picture
        return image


def reason_of(error: Exception) -> str:
    """What Pillow says of a file, in a line."""
    # Pillow's "cannot identify image file '/long/path'" says the path twice.
    text = str(error).split("file '")[0].strip() or type(error).__name__
    if text.startswith("cannot identify"):
        return "not a picture, or of an unknown format"
    return text.splitlines()[0]
