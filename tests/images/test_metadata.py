from io import BytesIO

import pytest
from PIL import ExifTags, Image

from ganstyle import __version__
from ganstyle.images.metadata import DIGITAL_SOURCE, Metadata, read_metadata, with_provenance
from ganstyle.images.picture import Frame, Picture
from ganstyle.images.read import read_picture
from ganstyle.images.write import write_picture
from tests.conftest import picture

XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4"/></rdf:RDF></x:xmpmeta>'
)


def _photo(orientation: int = 6) -> bytes:
    """A JPEG as a camera writes it, with a thumbnail (IFD1) in its EXIF block."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Camera"
    exif[ExifTags.Base.Orientation] = orientation
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.ISOSpeedRatings] = 400
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    thumbnail = BytesIO()
    picture(16, 8, seed=9).save(thumbnail, "JPEG")
    block = bytearray(exif.tobytes())
    stream = BytesIO()
    picture(48, 32).save(stream, "JPEG", exif=bytes(block), xmp=XMP.encode())
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_and_xmp_go_with_the_picture(kind: str) -> None:
    photo = read_picture(_photo())
    assert photo.frames[0].image.size == (32, 48)  # turned upright
    stream = BytesIO()
    metadata = with_provenance(photo.metadata, "x")
    write_picture(Picture(photo.frames, metadata), stream, kind)
    back = read_picture(stream.getvalue())
    assert back.frames[0].image.size == (32, 48)
    exif = Image.open(BytesIO(stream.getvalue())).getexif()
    assert exif.get(ExifTags.Base.Orientation, 1) == 1
    assert exif[ExifTags.Base.Make] == "Camera"
    assert exif[ExifTags.Base.Software] == f"ganstyle {__version__}, style x"
    assert exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.ISOSpeedRatings] == 400
    assert exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] == "N"
    assert not exif.get_ifd(ExifTags.IFD.IFD1)
    assert 'xmp:Rating="4"' in back.metadata.xmp
    assert DIGITAL_SOURCE in back.metadata.xmp


def test_provenance_needs_no_metadata_before() -> None:
    made = with_provenance(Metadata())
    assert DIGITAL_SOURCE in made.xmp
    other = Metadata(xmp=made.xmp.replace(DIGITAL_SOURCE, "http://example.org/digitalCapture"))
    assert with_provenance(other).xmp == made.xmp
    assert made.xmp.count("<rdf:RDF") == made.xmp.count("</rdf:RDF>") == 1
    twice = with_provenance(made, "y")
    assert twice.xmp.count(DIGITAL_SOURCE) == 1


def test_an_orientation_in_xmp_is_not_applied_twice() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    tiff = 'xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"'
    xmp = XMP.replace("xmp:Rating", f"{tiff} xmp:Rating")
    stream, out = BytesIO(), BytesIO()
    picture(48, 32).save(stream, "JPEG", exif=exif, xmp=xmp.encode())
    photo = read_picture(stream.getvalue())
    assert photo.frames[0].image.size == (32, 48)
    write_picture(Picture(photo.frames, with_provenance(photo.metadata, "x")), out, "JPEG")
    assert read_picture(out.getvalue()).frames[0].image.size == (32, 48)


def test_tags_on_the_storage_of_pixels_stay_behind() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.ImageWidth] = 4000
    exif[ExifTags.Base.PhotometricInterpretation] = 6
    exif[ExifTags.Base.Artist] = "Ann"
    stream, out = BytesIO(), BytesIO()
    picture(48, 32).save(stream, "JPEG", exif=exif)
    photo = read_picture(stream.getvalue())
    write_picture(photo, out, "TIFF")
    back = read_picture(out.getvalue())
    assert back.frames[0].image.tobytes() == photo.frames[0].image.tobytes()
    assert Image.open(BytesIO(out.getvalue())).getexif()[ExifTags.Base.Artist] == "Ann"


def test_metadata_too_long_for_a_jpeg_stay_behind() -> None:
    long = Metadata(xmp=XMP + " " * 70_000)
    out = BytesIO()
    write_picture(Picture((Frame(picture(8, 8)),), long), out, "JPEG")
    assert read_picture(out.getvalue()).metadata.xmp == ""


def test_a_thumbnail_is_dropped() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Camera"
    exif.get_ifd(ExifTags.IFD.IFD1)[ExifTags.Base.Compression] = 6
    image = Image.new("RGB", (4, 4))
    image.info["exif"] = exif.tobytes()
    metadata, note = read_metadata(image)
    assert note == ""
    back = Image.Exif()
    back.load(metadata.exif)
    assert back[ExifTags.Base.Make] == "Camera"
    assert not back.get_ifd(ExifTags.IFD.IFD1)


def test_damaged_exif_is_told_and_the_picture_kept() -> None:
    stream = BytesIO()
    picture(20, 10).save(stream, "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff" + b"\xff" * 40)
    photo = read_picture(stream.getvalue())
    assert photo.frames[0].image.size == (20, 10)
    assert photo.frames == (Frame(photo.frames[0].image),)


def test_of_a_tiff_only_what_describes_the_picture_is_kept() -> None:
    stream = BytesIO()
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "Ann"
    picture(20, 10).save(stream, "TIFF", exif=exif)
    kept = Image.Exif()
    kept.load(read_picture(stream.getvalue()).metadata.exif)
    assert dict(kept) == {ExifTags.Base.Artist: "Ann"}
