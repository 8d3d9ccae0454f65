"""HEIC by pillow-heif and AVIF by Pillow, and what is said where they cannot be read."""

import ast
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

import ganstyle
from ganstyle.errors import DataError, ImageError, MissingReaderError
from ganstyle.images.color import srgb_profile
from ganstyle.images.formats import is_heif, missing_reader, readable, reads_avif
from ganstyle.images.read import format_within, peek_size, read_picture
from ganstyle.images.write import format_of, write_picture
from tests.conftest import HEIC_HEAD, heic, picture

needs_avif = pytest.mark.skipif(not reads_avif(), reason="this Pillow reads no AVIF")


def _difference(first: Image.Image, second: Image.Image) -> float:
    assert first.size == second.size
    return float(np.abs(np.asarray(first, int) - np.asarray(second, int)).mean())


def test_a_heic_upright_with_its_metadata() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Camera"
    exif[ExifTags.Base.Orientation] = 6
    lying = picture(48, 32)
    data = heic(lying, exif=exif.tobytes(), icc_profile=srgb_profile())
    photo = read_picture(data)
    assert _difference(photo.frames[0].image, lying.transpose(Image.Transpose.ROTATE_270)) < 2
    kept = Image.Exif()
    kept.load(photo.metadata.exif)
    assert kept[ExifTags.Base.Make] == "Camera"
    assert kept.get(ExifTags.Base.Orientation, 1) == 1
    assert photo.notes == ()
    assert format_within(data) == "JPEG"  # what is written of it


def test_a_heic_keeps_its_holes() -> None:
    image = picture(32, 24).convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 10, 10))
    [frame] = read_picture(heic(image)).frames
    assert frame.alpha
    assert [frame.alpha.getpixel(at) for at in ((2, 2), (20, 20))] == [0, 255]
    solid = image.crop((12, 12, 32, 24)).convert("RGB")
    assert _difference(frame.image.crop((12, 12, 32, 24)), solid) < 2


def test_the_main_image_of_a_heic_with_several() -> None:
    images = [picture(32, 24, seed=seed) for seed in range(3)]
    [frame] = read_picture(heic(*images, primary_index=1)).frames
    assert _difference(frame.image, images[1]) < 2


def test_colours_of_a_heic_are_converted(tmp_path: Path) -> None:
    """By its profile, as those of any other: here one that shows red and blue exchanged."""
    swapped = bytearray(srgb_profile())
    red, blue = swapped.find(b"rXYZ"), swapped.find(b"bXYZ")
    swapped[red : red + 4], swapped[blue : blue + 4] = b"bXYZ", b"rXYZ"
    swapped = bytearray(bytes(swapped).replace(b"s\0R\0G\0B", b"x\0R\0G\0B"))
    swapped = bytearray(bytes(swapped).replace(b"sRGB", b"xRGB"))
    image = Image.new("RGB", (16, 16), (220, 30, 30))
    (tmp_path / "a.heic").write_bytes(heic(image, icc_profile=bytes(swapped)))
    pixel = read_picture(tmp_path / "a.heic").frames[0].image.getpixel((8, 8))
    assert isinstance(pixel, tuple)
    assert pixel[2] > 180
    assert pixel[0] < 80
    assert peek_size(tmp_path / "a.heic") == (16, 16)


def test_ten_bits_are_told() -> None:
    heic(picture(8, 8))  # skips where it cannot be written
    import pillow_heif

    deep = np.asarray(picture(16, 16), np.uint16) * 257
    stream = BytesIO()
    pillow_heif.encode("RGB;16", (16, 16), deep.tobytes(), stream, quality=-1, chroma=444)
    photo = read_picture(stream.getvalue())
    assert photo.notes == ("10-bit colour was read as 8-bit",)
    assert _difference(photo.frames[0].image, picture(16, 16)) < 4


def test_a_damaged_heic_is_named(tmp_path: Path) -> None:
    whole = heic(picture(64, 48))
    for name, data in (("cut", whole[: len(whole) // 2]), ("head", HEIC_HEAD)):
        path = tmp_path / f"{name}.heic"
        path.write_bytes(data)
        with pytest.raises(ImageError, match=rf"{name}.heic: cannot be read as a picture"):
            read_picture(path)


def test_heic_is_not_written() -> None:
    for name in ("a.heic", "a.HIF"):
        with pytest.raises(ImageError, match="HEIC is read, but not written"):
            format_of(Path(name))


@pytest.mark.usefixtures("no_pillow_heif")
def test_a_heic_without_its_reader_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(HEIC_HEAD)  # whatever it is called
    for source, name in ((tmp_path / "a.jpg", "a.jpg"), (HEIC_HEAD, "stdin")):
        with pytest.raises(MissingReaderError, match=f"{name}: .*pip install pillow-heif") as found:
            read_picture(source)
        assert found.value.remedy == "pip install pillow-heif"


def test_an_avif_without_its_reader_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif" + bytes(40)
    monkeypatch.delitem(Image.registered_extensions(), ".avif", raising=False)
    assert not is_heif(data)
    with pytest.raises(MissingReaderError, match="pip install --upgrade pillow"):
        read_picture(data)


@pytest.mark.usefixtures("no_pillow_heif")
def test_a_line_for_all_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    for name in ("b.heic", "c.HEIC"):
        (tmp_path / name).write_bytes(HEIC_HEAD)
    said: list[str] = []
    assert readable(sorted(tmp_path.iterdir()), "photos", said.append) == [tmp_path / "a.png"]
    assert len(said) == 1
    assert said[0].startswith("photos: 2 pictures cannot be read")
    with pytest.raises(DataError, match=r"photos: 1 picture cannot .*pip install pillow-heif"):
        readable([tmp_path / "b.heic"], "photos", said.append)


def test_files_that_no_package_helps() -> None:
    for data in (b"", b"no picture", picture(4, 4).tobytes(), b"\0\0\0\x18ftypmp42" + bytes(40)):
        assert missing_reader(data) == ""
    assert missing_reader(Path("nowhere.heic")) == ""


@needs_avif
@pytest.mark.parametrize("holes", [False, True])
def test_an_avif_with_frames_timing_holes_and_metadata(holes: bool) -> None:
    frames = [picture(32, 24, seed=seed).convert("RGBA" if holes else "RGB") for seed in range(3)]
    for frame in frames if holes else ():
        frame.paste((0, 0, 0, 0), (0, 0, 10, 10))
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Camera"
    stream = BytesIO()
    options = {"append_images": frames[1:], "duration": [100, 200, 300], "exif": exif}
    frames[0].save(stream, "AVIF", save_all=True, quality=95, **options)
    read = read_picture(stream.getvalue())
    for _ in range(2):
        assert [frame.duration for frame in read.frames] == [100, 200, 300]
        for result, wanted in zip(read.frames, frames, strict=True):
            assert (result.alpha is not None) == holes
            part = (12, 12, 32, 24)
            assert _difference(result.image.crop(part), wanted.crop(part).convert("RGB")) < 4
        kept = Image.Exif()
        kept.load(read.metadata.exif)
        assert kept[ExifTags.Base.Make] == "Camera"
        stream = BytesIO()
        write_picture(read, stream, "AVIF")
        read = read_picture(stream.getvalue())


@needs_avif
def test_colours_of_an_avif_are_named_and_its_quality_kept(tmp_path: Path) -> None:
    sizes = []
    for quality in (95, 20):
        write_picture(read_picture(_png(picture)), tmp_path / "a.avif", "AVIF", quality=quality)
        sizes.append((tmp_path / "a.avif").stat().st_size)
    assert sizes[1] < sizes[0]
    with Image.open(tmp_path / "a.avif") as image:
        assert image.info["icc_profile"] == srgb_profile()
    assert format_of(tmp_path / "a.avif") == "AVIF"


def _png(draw: Callable[[int, int], Image.Image]) -> bytes:
    stream = BytesIO()
    draw(64, 48).save(stream, "PNG")
    return stream.getvalue()


EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n%%EndComments\nshowpage\n%%EOF\n"


def _in(kind: str) -> bytes:
    stream = BytesIO()
    picture(16, 12).convert("RGB").save(stream, kind)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["EPS", "PPM", "TGA", "ICO", "JPEG2000", "PDF"])
def test_other_formats_are_refused_under_any_name(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above all such as start another program, as Pillow does to read an EPS."""

    def never(*_: object, **__: object) -> None:
        raise AssertionError("a process was started")

    Image.init()
    data = EPS if kind == "EPS" else _in(kind)
    for name in ("Popen", "run", "check_call", "check_output", "call"):
        monkeypatch.setattr(f"subprocess.{name}", never)
    (tmp_path / "a.jpg").write_bytes(data)
    for source in (tmp_path / "a.jpg", data):
        with pytest.raises(ImageError, match="unsupported format"):
            read_picture(source)
    assert peek_size(tmp_path / "a.jpg") == (0, 0)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF"])
def test_formats_that_are_read_are_told_by_their_bytes(kind: str, tmp_path: Path) -> None:
    (tmp_path / "a.xyz").write_bytes(_in(kind))
    for source in (tmp_path / "a.xyz", _in(kind)):
        assert read_picture(source).frames[0].size == (16, 12)


def test_pillow_is_told_the_formats_wherever_it_opens_a_picture() -> None:
    for path in Path(ganstyle.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Image.open":
                assert "formats" in {keyword.arg for keyword in node.keywords}, path
