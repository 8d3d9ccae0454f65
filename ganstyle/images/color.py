"""Colours: any mode and profile to 8-bit sRGB, and transfer of the content's chroma."""

import struct
from functools import cache
from io import BytesIO

from PIL import Image, ImageCms

_PROFILED_MODES = {"RGB", "RGBA", "CMYK", "L", "LAB"}
"""Modes that the colour management converts directly; others become one of them first."""


_CREATED, _CREATION = slice(24, 36), struct.pack(">6H", 2026, 1, 1, 0, 0, 0)
"""Position of the creation date in a profile's header (ICC.1:2022, 7.2.1), and a fixed date."""


@cache
def srgb_profile() -> bytes:
    """An sRGB profile to embed, the same bytes each time."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[_CREATED] = _CREATION  # Pillow writes the current time
    return bytes(profile)


def to_srgb(image: Image.Image) -> tuple[Image.Image, str]:
    """Convert an image to 8-bit sRGB, RGB or RGBA; returns it and a note, "" if all went well.

    16-bit gray is scaled; palettes, CMYK and Lab are converted; an embedded profile is applied.
    """
    profile = image.info.get("icc_profile")
    image = _to_8_bits(image)
    if image.mode == "LAB":
        return _convert(image, ImageCms.createProfile("LAB")), ""
    if not profile:
        return _plain(image), ""
    if image.mode not in _PROFILED_MODES or image.has_transparency_data:
        image = _plain(image)
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if image.mode in ("RGB", "RGBA") and _is_srgb(source):
            return image, ""
        return _convert(image, source), ""
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return _plain(image), "its colour profile cannot be used, sRGB was assumed"


def keep_chroma(stylized: Image.Image, content: Image.Image) -> Image.Image:
    """The luminance of `stylized` with the colours of `content`, both RGB of the same size."""
    luminance = stylized.convert("YCbCr").getchannel(0)
    _, blue, red = content.convert("YCbCr").split()
    return Image.merge("YCbCr", (luminance, blue, red)).convert("RGB")


def _to_8_bits(image: Image.Image) -> Image.Image:
    """Scale more than 8 bits down to 8: convert("RGB") would cut off everything above 255."""
    if image.mode == "F":
        low, high = image.getextrema()
        assert isinstance(low, float)
        assert isinstance(high, float)
        gain = 255.0 if high <= 1 else 1.0 if high <= 255 else 255 / high
        return image.point(lambda value: value * gain + 0.5).convert("L")
    if image.mode.startswith("I"):
        wide = image.convert("I")
        high = wide.getextrema()[1]
        assert isinstance(high, int)
        gain = 1 / 257 if high <= 65535 else 255 / high
        return wide.point(lambda value: value * gain + 0.5).convert("L")
    return image


def _plain(image: Image.Image) -> Image.Image:
    mode = "RGBA" if image.has_transparency_data else "RGB"
    return image if image.mode == mode else image.convert(mode)  # convert() would copy it


def _convert(image: Image.Image, source: object) -> Image.Image:
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    converted = ImageCms.profileToProfile(
        image,
        source,  # type: ignore[arg-type]
        ImageCms.createProfile("sRGB"),
        outputMode=mode,
    )
    assert converted is not None  # only an in-place conversion returns nothing
    return converted


def _is_srgb(profile: ImageCms.ImageCmsProfile) -> bool:
    """Whether its description says so: comparing curves would cost more than it saves."""
    name = ImageCms.getProfileDescription(profile).lower()
    return "srgb" in name and not any(word in name for word in ("linear", "g10", "scrgb"))
