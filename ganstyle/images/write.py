"""Writer of image files, whole or not at all: frames, colour profile and metadata."""

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

from ganstyle.errors import ImageError
from ganstyle.files import HEIF_SUFFIXES, atomic_path
from ganstyle.images.alpha import on_paper
from ganstyle.images.color import srgb_profile
from ganstyle.images.formats import AVIF_REMEDY, load_plugins, reads_avif
from ganstyle.images.picture import Frame, Picture
from ganstyle.images.read import ANIMATED, PAGED, reason_of

_KINDS = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".png": "PNG",
    ".apng": "PNG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
    ".gif": "GIF",
    ".avif": "AVIF",
}
"""Pillow's names of the writable formats, by extension."""

_OPAQUE = {"JPEG", "BMP"}
_SEGMENT = 65_000
"""Most bytes of EXIF or XMP that fit into a JPEG, with room for their headers."""


def write_picture(
    picture: Picture,
    target: Path | BinaryIO,
    kind: str,
    *,
    quality: int = 95,
    on_whole: Callable[[Path], None] = lambda _: None,
) -> tuple[str, ...]:
    """Write a picture in Pillow's format `kind`; a path is replaced only when the file is whole.

    If the format holds one frame only, the others are left out; if it has no transparency, the
    picture is laid over white; EXIF or XMP too long for a JPEG are left out. The returned notes
    tell the user. on_whole gets the finished temporary file before it replaces the target. Raises
    ImageError.
    """
    name = target if isinstance(target, Path) else "stdout"
    try:
        if isinstance(target, Path):
            with atomic_path(target) as temporary:
                _save(picture, temporary, kind, quality)
                on_whole(temporary)
        else:
            buffer = BytesIO()  # some encoders seek, which a pipe does not allow
            _save(picture, buffer, kind, quality)
            target.write(buffer.getvalue())
            target.flush()
    except BrokenPipeError:
        raise
    except Exception as error:  # encoders may raise anything from OSError to struct.error
        raise ImageError(f"{name}: cannot be written ({reason_of(error)}).") from error
    return tuple(_notes(picture, kind))


def format_of(path: Path) -> str:
    """Pillow's name of the format that a path's extension stands for. Raises ImageError."""
    suffix = path.suffix.lower()
    if suffix in HEIF_SUFFIXES:
        raise ImageError(f"{path}: HEIC is read, but not written; name a .jpg or a .png instead.")
    if not suffix:
        raise ImageError(f"{path}: no extension; add one such as .jpg.")
    if suffix not in _KINDS:
        raise ImageError(
            f"{path}: unsupported extension {path.suffix}; "
            "use .jpg, .png, .webp, .tiff, .bmp, .gif or .avif."
        )
    if suffix == ".avif" and not reads_avif():
        raise ImageError(f"{path}: this Pillow writes no AVIF: {AVIF_REMEDY}.")
    return _KINDS[suffix]


def _save(picture: Picture, target: Path | BinaryIO, kind: str, quality: int) -> None:
    load_plugins()
    images = list(_joined(picture, kind))
    options = _options(picture, kind, quality)
    if len(images) > 1:
        options |= {"save_all": True, "append_images": images[1:]}
        if kind in ANIMATED:
            options["duration"] = [frame.duration for frame in picture.frames]
        if picture.loop is not None:
            options["loop"] = picture.loop
    images[0].save(target, kind, **options)


def _joined(picture: Picture, kind: str) -> Iterator[Image.Image]:
    """The frames in a mode of the format: RGB or RGBA."""
    for frame in _written(picture, kind):
        if frame.alpha is None or kind in _OPAQUE:
            yield on_paper(frame.image, frame.alpha)
        else:
            image = frame.image.copy()
            image.putalpha(frame.alpha)
            yield image


def _written(picture: Picture, kind: str) -> tuple[Frame, ...]:
    """The frames that the format can hold."""
    return picture.frames if kind in ANIMATED | PAGED else picture.frames[:1]


def _notes(picture: Picture, kind: str) -> Iterator[str]:
    """What a picture loses in a format, in words for the user."""
    frames = _written(picture, kind)
    if len(frames) < len(picture.frames):
        yield f"only the first of {len(picture.frames)} frames was written"
    if kind in _OPAQUE and any(frame.alpha for frame in frames):
        yield "transparency was laid over white"
    if kind == "JPEG":
        for name, data in (("EXIF", picture.metadata.exif), ("XMP", picture.metadata.xmp.encode())):
            if len(data) > _SEGMENT:
                yield f"its {name} data are too long for a JPEG and were left out"


def _options(picture: Picture, kind: str, quality: int) -> dict[str, object]:
    """Options of Image.save for the format, metadata included."""
    exif, xmp = picture.metadata.exif, picture.metadata.xmp
    profile = srgb_profile()
    if kind == "JPEG":
        # A segment holds 64 KiB. Longer data, mostly an editor's history, are left out.
        exif = exif if len(exif) <= _SEGMENT else b""
        xmp = xmp if len(xmp.encode()) <= _SEGMENT else ""
        options: dict[str, object] = {"quality": quality, "subsampling": 0, "icc_profile": profile}
        return options | _present(exif=exif, xmp=xmp.encode())
    if kind in ("WEBP", "AVIF"):
        options = {"quality": quality, "icc_profile": profile}
        options |= {"subsampling": "4:4:4"} if kind == "AVIF" else {}
        return options | _present(exif=exif, xmp=xmp.encode())
    if kind == "PNG":
        options = {"compress_level": 4, "icc_profile": profile}
        if xmp:
            options["pnginfo"] = texts = PngInfo()
            texts.add_itxt("XML:com.adobe.xmp", xmp)
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
        return {"disposal": 2} if any(frame.alpha for frame in picture.frames) else {}
    return {}


def _present(**options: bytes) -> dict[str, object]:
    return {name: value for name, value in options.items() if value}
