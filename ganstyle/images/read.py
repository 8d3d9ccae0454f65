"""Reader of image files: any supported format to upright frames in sRGB."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from ganstyle.errors import ImageError, MissingReaderError
from ganstyle.images.alpha import split_alpha
from ganstyle.images.color import to_srgb
from ganstyle.images.formats import missing_reader, open_image
from ganstyle.images.metadata import NO_METADATA, read_metadata
from ganstyle.images.picture import Frame, Picture
from ganstyle.images.resize import Limit, Size, sized

MAX_PIXELS = 2**28
"""Most pixels of all frames together; a larger animation is refused before it is decoded."""

_DEEP = re.compile(r"RGB[AX]?;16[BLN]")
"""Pillow's modes with 16 bits per channel."""

_SAME = {"MPO": "JPEG", "HEIF": "JPEG"}
"""Formats that are written as another one, such as phones' JPEGs with several images."""

_ON_ITS_SIDE = 5
"""Lowest EXIF orientation of an image that lies on its side."""

ANIMATED = frozenset({"GIF", "WEBP", "PNG", "AVIF"})
PAGED = frozenset({"TIFF"})
"""Pillow's names of the formats that hold several frames, or several pages."""


def read_picture(
    source: Path | bytes,
    *,
    longer_side: int | None = None,
    shorter_side: int | None = None,
    first_only: bool = False,
    enough: Callable[[Size], Size] | None = None,
) -> Picture:
    """Read a file, or its bytes, with all frames as upright sRGB.

    longer_side, shorter_side: sides in pixels to which larger frames are reduced. first_only:
    read neither metadata nor any frame but the first. enough: gives, for a frame's size, the size
    to which it may be reduced further if that makes decoding faster, as for JPEG. Raises
    ImageError, naming the file, if it is not an image, damaged, or too large.
    """
    with _opened(source) as image:
        return _read(image, Limit(longer_side, shorter_side), first_only, enough)


def frame_of(image: Image.Image) -> Frame:
    """Upright frame of a Pillow image of any mode, which is not changed; see read_picture."""
    frame, _ = _frame(image, Limit(), None, reduced=False)
    return replace(frame, image=image.copy()) if frame.image is image else frame


def peek_pixels(path: Path) -> int:
    """Pixels of all frames according to the file's header; 0 when it cannot be read."""
    with suppress(ImageError), _opened(path) as image:
        return _frame_count(image) * image.width * image.height
    return 0  # whoever reads the whole file will say what is wrong


def peek_size(path: Path) -> tuple[int, int]:
    """Width and height according to the file's header, px; (0, 0) when it cannot be read."""
    with suppress(ImageError), _opened(path) as image:
        return image.size
    return 0, 0  # whoever reads the whole file will say what is wrong


def format_within(source: Path | bytes) -> str:
    """Pillow's name of the format of a file, or of its bytes. Raises ImageError."""
    with _opened(source) as image:
        kind = _SAME.get(image.format or "", image.format or "")
    return kind if kind in Image.SAVE else "PNG"


@contextmanager
def _opened(source: Path | bytes) -> Iterator[Image.Image]:
    """Open the image in a file, or in its bytes, without decoding it.

    Raises ImageError, naming the file, for any error within the block.
    """
    name = source if isinstance(source, Path) else "stdin"
    try:
        size = source.stat().st_size if isinstance(source, Path) else len(source)
        if size == 0:
            raise ValueError("the file is empty, 0 bytes")
        with open_image(source) as image:
            yield image
    except Exception as error:  # decoders may raise anything from OSError to struct.error
        unknown = isinstance(error, UnidentifiedImageError)
        if remedy := missing_reader(source) if unknown else "":
            message = f"{name}: cannot be read for want of a package: {remedy}"
            raise MissingReaderError(message, remedy) from error
        raise ImageError(f"{name}: cannot be read as a picture ({reason_of(error)}).") from error


def _frame_count(image: Image.Image) -> int:
    """Number of frames or pages; 1 for a phone's JPEG or HEIC with several images: the main one."""
    return int(getattr(image, "n_frames", 1)) if image.format in ANIMATED | PAGED else 1


def _check_size(count: int, pixels: int) -> None:
    if count > 1 and pixels > MAX_PIXELS:
        raise ValueError(f"{count} frames have {pixels} px, more than the limit of {MAX_PIXELS}")


def _read(
    image: Image.Image, limit: Limit, first_only: bool, enough: Callable[[Size], Size] | None
) -> Picture:
    full_size, reduced = None, False
    if image.format in ("JPEG", "MPO"):
        full_size = limit.size(image.size)
        needed = enough(full_size) if enough else full_size
        image.draft(None, needed)  # at 1/2, 1/4 or 1/8, rounded up
        reduced = needed != full_size
    count = 1 if first_only else _frame_count(image)
    _check_size(count, count * image.width * image.height)
    notes: dict[str, None] = {}  # in order, each once
    tiles = getattr(image, "tile", ())  # gone once it is loaded
    depth = 16 if any(_DEEP.search(str(tile[3])) for tile in tiles) else 8
    depth = image.info.get("bit_depth", depth)  # of HEIC
    if depth > 8:
        notes[f"{depth}-bit colour was read as 8-bit"] = None
    metadata = NO_METADATA
    if not first_only:
        metadata, note = read_metadata(image)
        notes[note] = None
    frames: list[Frame] = []
    pixels = 0
    # An APNG may begin with an image for readers that cannot show animations.
    first = 1 if count > 1 and getattr(image, "default_image", False) else 0
    for index in range(first, count):
        if index:
            image.seek(index)
            pixels += image.width * image.height
            _check_size(index + 1, pixels)  # pages may be larger than the first
        frame, note = _frame(image, limit, full_size, reduced=reduced)
        frames.append(frame)
        notes[note] = None
    loop = image.info.get("loop") if count > 1 else None
    return Picture(tuple(frames), metadata, loop, tuple(note for note in notes if note))


def _frame(
    file: Image.Image, limit: Limit, full_size: Size | None, *, reduced: bool
) -> tuple[Frame, str]:
    """The current frame of the file, and a note about its colours, or "".

    full_size: before it is turned upright, if it differs from that of the decoded pixels. reduced:
    whether the pixels may stay a reduced copy of a frame of that size.
    """
    file.load()
    duration = file.info.get("duration", 0)
    orientation = _orientation(file)
    image, note = to_srgb(_upright(file, orientation))
    if full_size and orientation >= _ON_ITS_SIDE:
        full_size = full_size[1], full_size[0]
    if full_size and not reduced:
        image = sized(image, full_size)  # a JPEG at 1/2 has one pixel more than half of 1365
    rgb, alpha = split_alpha(limit.reduce(image))
    if rgb is file and getattr(file, "is_animated", False):
        rgb = rgb.copy()  # the next frame will take the same memory
    duration = duration if isinstance(duration, int | float) else 0
    return Frame(rgb, alpha, duration, None if full_size == rgb.size else full_size), note


def _orientation(image: Image.Image) -> int:
    with suppress(Exception):  # damaged EXIF data are not a reason to refuse the image
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    return 1


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    with suppress(Exception):
        return ImageOps.exif_transpose(image) if orientation != 1 else image  # it would copy
    return image


def reason_of(error: Exception) -> str:
    """Pillow's reason for an error, in one line."""
    # Pillow's "cannot identify image file '/long/path'" repeats the path.
    text = str(error).split("file '")[0].strip() or type(error).__name__
    if text.startswith("cannot identify"):
        return "not a picture, or of an unsupported format"
    return text.splitlines()[0]
