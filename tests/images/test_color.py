import subprocess
import sys
import time
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageCms

from ganstyle.images.color import keep_chroma, srgb_profile, to_srgb
from ganstyle.images.read import read_picture
from tests.conftest import picture
from tests.profiles import ADOBE_RGB, matrix_profile

WIDE = matrix_profile(ADOBE_RGB, 2.2)


def _solid(color: tuple[int, ...], mode: str = "RGB", profile: bytes = b"") -> Image.Image:
    image = Image.new(mode, (4, 4), color)
    if profile:
        image.info["icc_profile"] = profile
    return image


def test_a_wide_gamut_is_brought_to_srgb() -> None:
    """Adobe RGB (0, 200, 100) by the published matrices of both spaces."""
    linear = (np.array([0, 200, 100]) / 255) ** 2.2
    xyz = np.array(ADOBE_RGB).T @ linear
    to_linear_srgb = np.linalg.inv(
        [[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]]
    )
    srgb = (to_linear_srgb @ xyz).clip(0, 1)
    encoded = np.where(srgb <= 0.0031308, 12.92 * srgb, 1.055 * srgb ** (1 / 2.4) - 0.055) * 255
    image, note = to_srgb(_solid((0, 200, 100), profile=WIDE))
    assert note == ""
    assert image.getpixel((0, 0)) == pytest.approx(tuple(encoded), abs=2)
    assert image.getpixel((0, 0)) != (0, 200, 100)


def test_transparency_survives_the_conversion() -> None:
    image, _ = to_srgb(_solid((0, 200, 100, 77), "RGBA", WIDE))
    assert image.getpixel((0, 0))[3] == 77  # type: ignore[index]
    assert image.getpixel((0, 0))[:3] == to_srgb(_solid((0, 200, 100), profile=WIDE))[0].getpixel(  # type: ignore[index]
        (0, 0)
    )


def test_srgb_is_left_as_it_is() -> None:
    photo = picture(20, 10)
    photo.info["icc_profile"] = srgb_profile()
    assert to_srgb(photo)[0].tobytes() == photo.tobytes()


def test_a_linear_profile_is_not_taken_for_srgb() -> None:
    """Its name says sRGB, its gamma is 1: left as it is, a photo would come out far too dark."""
    linear = matrix_profile(ADOBE_RGB, 1.0).replace(b"wide test", b"sRGB-g10.")
    image, _ = to_srgb(_solid((50, 50, 50), profile=linear))
    assert image.getpixel((0, 0))[0] > 110  # type: ignore[index]


def test_a_broken_or_foreign_profile_is_named_and_srgb_assumed() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for profile in (b"garbage", WIDE[:200], lab):
        image, note = to_srgb(_solid((1, 2, 3), profile=profile))
        assert "profile" in note
        assert image.getpixel((0, 0)) == (1, 2, 3)


def test_lab_is_converted() -> None:
    to_lab = ImageCms.buildTransform(
        ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
    )
    lab = ImageCms.applyTransform(_solid((200, 30, 90)), to_lab)
    assert lab is not None
    assert to_srgb(lab)[0].getpixel((0, 0)) == pytest.approx((200, 30, 90), abs=4)


def test_16_bits_are_scaled_and_colour_of_16_bits_is_told() -> None:
    gray = Image.fromarray(np.array([[0, 25700, 65535]], dtype=np.uint16))
    assert [to_srgb(gray)[0].getpixel((x, 0)) for x in range(3)] == [
        (0, 0, 0),
        (100, 100, 100),
        (255, 255, 255),
    ]
    floats = Image.fromarray(np.array([[0.0, 0.5, 1.0]], dtype=np.float32))
    assert to_srgb(floats)[0].getpixel((1, 0)) == (128, 128, 128)
    deep = read_picture(_png_of_16_bit_colour())
    assert deep.notes == ("16-bit colour was read as 8-bit",)
    assert deep.frames[0].image.getpixel((0, 0)) == (255, 128, 0)


def test_keep_chroma_takes_luminance_from_one_and_colour_from_the_other() -> None:
    result = keep_chroma(_solid((90, 90, 90)), _solid((140, 100, 60)))
    red, green, blue = result.getpixel((0, 0))  # type: ignore[misc]
    assert 0.299 * red + 0.587 * green + 0.114 * blue == pytest.approx(90, abs=1)
    assert (red - green, green - blue) == (pytest.approx(40, abs=2), pytest.approx(40, abs=2))


def _png_of_16_bit_colour() -> bytes:
    """One pixel; Pillow itself cannot write such files."""
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", 1, 1, 16, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" + struct.pack(">HHH", 65535, 32896, 0))
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def test_the_profile_that_is_embedded_does_not_tell_the_time() -> None:
    code = "import sys; from ganstyle.images.color import srgb_profile as profile\n"
    code += "sys.stdout.buffer.write(profile())"
    first = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
    time.sleep(1.1)  # of which seconds are noted
    srgb_profile.cache_clear()
    assert first == srgb_profile()
    profile = ImageCms.ImageCmsProfile(BytesIO(first))
    assert profile.profile.creation_date.year == 2026  # type: ignore[union-attr]
    assert "sRGB" in ImageCms.getProfileDescription(profile)
