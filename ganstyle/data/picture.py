"""Whole pictures: every frame with its transparency and timing, and the metadata."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from PIL import ExifTags, Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from ganstyle.data.alpha import split_alpha
from ganstyle.data.color import srgb_profile, to_srgb
from ganstyle.data.metadata import NO_METADATA, Metadata, read_metadata
from ganstyle.errors import ImageError
from ganstyle.files import atomic_path

MAX_PIXELS = 2**31
"""Pixels of all frames together above which a picture is refused, before any is decoded."""

_ANIMATED = {"GIF", "WEBP", "PNG"}
_PAGED = {"TIFF"}
_OPAQUE = {"JPEG", "BMP"}

FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "tiff": "TIFF"}
"""Pillow's name of each format that --format takes."""


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
        raise ImageError(f"{name}: cannot be read as a picture ({_reason(error)}).") from error


def write_picture(
    picture: Picture, target: Path | BinaryIO, kind: str, *, quality: int = 95
) -> None:
    """Write a picture in Pillow's format `kind`; a path is replaced only when the file is whole.

    Frames beyond the first are left out where the format has none; transparency is laid over
    white where it has none. Raises ImageError.
    """
    name = target if isinstance(target, Path) else "stdout"
    try:
        if isinstance(target, Path):
            with atomic_path(target) as temporary:
                _save(picture, temporary, kind, quality)
        else:
            _save(picture, target, kind, quality)
    except BrokenPipeError:
        raise
    except (OSError, ValueError, RuntimeError, OverflowError) as error:
        raise ImageError(f"{name}: cannot be written ({_reason(error)}).") from error


def format_of(path: Path) -> str:
    """Pillow's name of the format that the ending stands for. Raises ImageError for none."""
    kind = Image.registered_extensions().get(path.suffix.lower())
    if kind not in Image.SAVE:
        raise ImageError(f"{path}: {path.suffix or 'no ending'} is no picture format.")
    return kind


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
    several = image.format in _ANIMATED | _PAGED and not first_only
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


def _save(picture: Picture, target: Path | BinaryIO, kind: str, quality: int) -> None:
    images = list(_joined(picture, kind))
    options = _options(picture, kind, quality)
    if len(images) > 1:
        options |= {"save_all": True, "append_images": images[1:]}
        if kind in _ANIMATED:
            options["duration"] = [frame.duration for frame in picture.frames]
        if picture.loop is not None:
            options["loop"] = picture.loop
    images[0].save(target, kind, **options)


def _joined(picture: Picture, kind: str) -> Iterator[Image.Image]:
    """The frames as the format holds them: RGB, or RGBA."""
    frames = picture.frames if kind in _ANIMATED | _PAGED else picture.frames[:1]
    for frame in frames:
        if frame.alpha is None:
            yield frame.image
        elif kind in _OPAQUE:
            yield Image.composite(
                frame.image, Image.new("RGB", frame.image.size, "white"), frame.alpha
            )
        else:
            image = frame.image.copy()
            image.putalpha(frame.alpha)
            yield image


def _options(picture: Picture, kind: str, quality: int) -> dict[str, object]:
    """What Image.save takes for the format, metadata included."""
    exif, xmp = picture.metadata.exif, picture.metadata.xmp
    profile = srgb_profile()
    if kind == "JPEG":
        options: dict[str, object] = {"quality": quality, "subsampling": 0, "icc_profile": profile}
        return options | _present(exif=exif, xmp=xmp.encode())
    if kind == "WEBP":
        options = {"quality": quality, "icc_profile": profile}
        return options | _present(exif=exif, xmp=xmp.encode())
    if kind == "PNG":
        options = {"compress_level": 4, "icc_profile": profile}
        if xmp:
            options["pnginfo"] = PngInfo()
            options["pnginfo"].add_itxt("XML:com.adobe.xmp", xmp)
        return options | _present(exif=exif)
    if kind == "TIFF":
        tags = Image.Exif()
        if exif:
            tags.load(exif)
        if xmp:
            tags[ExifTags.Base.XMLPacket] = xmp.encode()
        # Pillow's libtiff cannot write EXIF directories; without compression it is not needed.
        nested = ExifTags.IFD.Exif in tags or ExifTags.IFD.GPSInfo in tags
        compression = "raw" if nested else "tiff_lzw"
        return {"compression": compression, "icc_profile": profile, "exif": tags}
    if kind == "GIF":
        return {"disposal": 2} if picture.frames[0].alpha else {}
    return {}


def _present(**options: bytes) -> dict[str, object]:
    return {name: value for name, value in options.items() if value}


def _reason(error: Exception) -> str:
    # Pillow's "cannot identify image file '/long/path'" says the path twice.
    text = str(error).split("file '")[0].strip() or type(error).__name__
    if text.startswith("cannot identify"):
        return "not a picture, or of an unknown format"
    return text.splitlines()[0]
