from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from ganstyle.errors import ImageError
from ganstyle.files import HEIF_SUFFIXES, IMAGE_SUFFIXES
from ganstyle.images.formats import reads_avif
from ganstyle.images.metadata import NO_METADATA, Metadata
from ganstyle.images.picture import Frame, Picture
from ganstyle.images.read import read_picture
from ganstyle.images.write import format_of, write_picture


def test_transparency_is_laid_over_white_where_there_is_none() -> None:
    alpha = Image.new("L", (20, 20), 0)
    stream = BytesIO()
    write_picture(Picture((Frame(Image.new("RGB", (20, 20), "red"), alpha),)), stream, "JPEG")
    pixel = read_picture(stream.getvalue()).frames[0].image.getpixel((9, 9))
    assert pixel == pytest.approx((255, 255, 255), abs=3)


def _notes(kind: str, frames: int = 1, *, holes: bool = False, exif: int = 0) -> tuple[str, ...]:
    alpha = Image.new("L", (20, 20), 90) if holes else None
    image = Image.new("RGB", (20, 20), "red")
    metadata = Metadata(b"Exif\0\0" + bytes(exif)) if exif else NO_METADATA
    picture = Picture((Frame(image, alpha, 100),) * frames, metadata)
    return write_picture(picture, BytesIO(), kind)


def test_frames_and_transparency_that_a_format_cannot_hold_are_told() -> None:
    paper = "transparency was laid over white"
    assert _notes("JPEG", 12) == ("only the first of 12 frames was written",)
    assert _notes("BMP", 2, holes=True) == ("only the first of 2 frames was written", paper)
    assert _notes("JPEG", holes=True) == (paper,)
    long = "its EXIF data are too long for a JPEG and were left out"
    assert _notes("JPEG", exif=70_000) == (long,)
    for kind in ("PNG", "GIF", "WEBP", "TIFF"):
        assert _notes(kind, 3, holes=True) == ()
    assert _notes("JPEG") == ()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a", r"a: no extension; add one such as \.jpg\."),
        ("a.", r"a\.: no extension; add one such as \.jpg\."),
        (
            "a.Xyz",
            r"a\.Xyz: unsupported extension \.Xyz; "
            r"use \.jpg, \.png, \.webp, \.tiff, \.bmp, \.gif or \.avif\.$",
        ),
        ("a.eps", "unsupported extension"),
        ("a.heic", "HEIC is read, but not written"),
    ],
)
def test_extensions_that_stand_for_no_format_are_named(name: str, message: str) -> None:
    with pytest.raises(ImageError, match=message):
        format_of(Path(name))


def test_an_avif_that_pillow_cannot_write_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ganstyle.images.write.reads_avif", lambda: False)
    with pytest.raises(ImageError, match=r"writes no AVIF: pip install --upgrade pillow\."):
        format_of(Path("a.avif"))


def test_every_extension_that_counts_as_an_image_is_written_or_is_heic() -> None:
    for suffix in IMAGE_SUFFIXES - HEIF_SUFFIXES:
        if suffix != ".avif" or reads_avif():
            assert format_of(Path(f"a{suffix.upper()}"))
