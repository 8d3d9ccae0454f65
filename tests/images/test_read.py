import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from ganstyle.errors import ImageError
from ganstyle.images import read as picture_module
from ganstyle.images.read import format_within, peek_pixels, peek_size, read_picture
from ganstyle.images.resize import Limit
from ganstyle.images.write import format_of, write_picture
from tests.conftest import picture


def _animation(kind: str, count: int = 4, loop: int = 3, *, holes: bool = False) -> bytes:
    frames = []
    for index in range(count):
        frame = picture(32, 24, seed=index).convert("RGBA" if holes else "RGB")
        if holes:
            frame.paste((0, 0, 0, 0), (0, 0, 10, 10))
        frames.append(frame)
    stream = BytesIO()
    durations = [100 * (index + 1) for index in range(count)]
    options = {"save_all": True, "append_images": frames[1:], "duration": durations, "loop": loop}
    frames[0].save(stream, kind, **options, **({"lossless": True} if kind == "WEBP" else {}))
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
@pytest.mark.parametrize("holes", [False, True])
def test_an_animation_keeps_frames_timing_loop_and_holes(kind: str, holes: bool) -> None:
    read = read_picture(_animation(kind, holes=holes))
    for _ in range(2):
        assert [frame.duration for frame in read.frames] == [100, 200, 300, 400]
        assert read.loop == 3
        for index, frame in enumerate(read.frames):
            wanted = np.asarray(picture(32, 24, seed=index), dtype=int)[12:, 12:]
            found = np.asarray(frame.image, dtype=int)[12:, 12:]
            assert np.abs(found - wanted).mean() < 12  # a GIF has 256 colours
            assert (frame.alpha is not None) == holes
        stream = BytesIO()
        write_picture(read, stream, kind)
        read = read_picture(stream.getvalue())


def test_all_pages_of_a_tiff_each_in_its_size() -> None:
    stream = BytesIO()
    pages = [picture(20 + 4 * index, 16, seed=index) for index in range(3)]
    pages[0].save(stream, "TIFF", save_all=True, append_images=pages[1:])
    read = read_picture(stream.getvalue())
    assert [frame.image.tobytes() for frame in read.frames] == [page.tobytes() for page in pages]
    again = BytesIO()
    write_picture(read, again, "TIFF")
    assert [f.image.size for f in read_picture(again.getvalue()).frames] == [p.size for p in pages]


def test_pages_are_turned_upright_each() -> None:
    stream = BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    pages = [picture(20, 16, seed=seed) for seed in range(2)]
    pages[0].save(stream, "TIFF", save_all=True, append_images=pages[1:], exif=exif)
    assert read_picture(stream.getvalue()).frames[0].image.size == (16, 20)


def test_the_picture_for_readers_without_animations_is_no_frame() -> None:
    stream = BytesIO()
    frames = [picture(20, 16, seed=seed) for seed in range(3)]
    frames[0].save(
        stream, "PNG", save_all=True, append_images=frames[1:], default_image=True, duration=80
    )
    read = read_picture(stream.getvalue())
    assert [f.image.tobytes() for f in read.frames] == [f.tobytes() for f in frames[1:]]


def test_formats_of_one_frame_get_the_first() -> None:
    stream = BytesIO()
    write_picture(read_picture(_animation("GIF")), stream, "JPEG")
    assert len(read_picture(stream.getvalue()).frames) == 1


def test_longer_side_reduces_larger_pictures_only(tmp_path: Path) -> None:
    picture(400, 300).save(tmp_path / "a.jpg")
    assert read_picture(tmp_path / "a.jpg", longer_side=100).frames[0].image.size == (100, 75)
    assert read_picture(tmp_path / "a.jpg", longer_side=1000).frames[0].image.size == (400, 300)


def test_more_pixels_than_the_limit_are_refused_before_they_are_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = _animation("GIF")
    monkeypatch.setattr(picture_module, "MAX_PIXELS", 32 * 24 * 3)
    with pytest.raises(ImageError, match="4 frames have 3072 px, more than the limit"):
        read_picture(data)


def test_a_decompression_bomb_is_refused_by_its_size() -> None:
    stream = BytesIO()
    Image.new("1", (20_000, 20_000)).save(stream, "PNG")
    with pytest.raises(ImageError, match="exceeds limit"):
        read_picture(stream.getvalue())


def test_size_and_format_without_decoding(tmp_path: Path) -> None:
    picture(40, 30).save(tmp_path / "a.webp")
    assert peek_size(tmp_path / "a.webp") == (40, 30)
    assert peek_size(tmp_path / "nowhere") == (0, 0)
    assert format_within(tmp_path / "a.webp") == "WEBP"
    with pytest.raises(ImageError, match="stdin: cannot be read"):
        format_within(b"no picture")
    assert format_of(Path("a.JPG")) == "JPEG"
    with pytest.raises(ImageError, match="a: no extension"):
        format_of(Path("a"))


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_jpeg_is_decoded_no_larger_than_is_enough(orientation: int) -> None:
    stream = BytesIO()
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    picture(400, 301).save(stream, "JPEG", quality=95, exif=exif)
    asked: list[tuple[int, int]] = []

    def enough(size: tuple[int, int]) -> tuple[int, int]:
        asked.append(size)
        return 90, 70

    [frame] = read_picture(stream.getvalue(), enough=enough).frames
    assert asked == [(400, 301)]
    assert frame.size == ((400, 301) if orientation == 1 else (301, 400))
    assert frame.image.size == ((100, 76) if orientation == 1 else (76, 100))
    [whole] = read_picture(stream.getvalue()).frames
    assert whole.size == whole.image.size == frame.size


def test_what_is_limited_anyway_has_the_size_of_the_limit() -> None:
    stream = BytesIO()
    picture(400, 300).save(stream, "JPEG")
    [frame] = read_picture(stream.getvalue(), longer_side=200, enough=lambda _: (90, 60)).frames
    assert (frame.size, frame.image.size) == ((200, 150), (100, 75))


@pytest.mark.parametrize("size", [(408, 273), (273, 408), (2048, 1365), (401, 299)])
@pytest.mark.parametrize("longer_side", [None, 204, 1024, 100])
def test_a_jpeg_has_the_size_that_the_limit_says(
    size: tuple[int, int], longer_side: int | None
) -> None:
    stream = BytesIO()
    Image.new("RGB", size).save(stream, "JPEG")
    [frame] = read_picture(stream.getvalue(), longer_side=longer_side).frames
    assert frame.size == frame.image.size == Limit(longer=longer_side).size(size)


def _bomb() -> bytes:
    """A picture whose size Pillow warns of, and reads."""
    stream = BytesIO()
    Image.new("1", (9_500, 9_500)).save(stream, "PNG")
    return stream.getvalue()


def _damaged_exif() -> bytes:
    """A TIFF of which Pillow warns that its metadata are damaged."""
    stream = BytesIO()
    picture(24, 16).save(stream, "TIFF", description="x" * 50)
    return stream.getvalue().replace(b"x" * 50, b"")  # what follows has moved


def test_pillow_warns_of_nothing_while_a_file_is_read(recwarn: pytest.WarningsRecorder) -> None:
    bomb = _bomb()
    assert read_picture(bomb).frames[0].size == (9_500, 9_500)
    with suppress(ImageError):
        read_picture(_damaged_exif())
    assert not recwarn.list


def test_warnings_of_all_others_stay_on_where_threads_read_files() -> None:
    """catch_warnings() in threads puts back what another thread has set, for good."""
    stream = BytesIO()
    picture(64, 48).save(stream, "PNG")
    data = stream.getvalue()
    with warnings.catch_warnings():
        warnings.simplefilter("always")

        def read(_: int) -> None:
            read_picture(data)
            peek_pixels(Path(__file__))  # no picture

        read(0)
        before = list(warnings.filters)
        interval = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)
        try:
            with ThreadPoolExecutor(8) as pool:
                list(pool.map(read, range(400)))
        finally:
            sys.setswitchinterval(interval)
        assert list(warnings.filters) == before
        with pytest.warns(UserWarning, match="still here"):
            warnings.warn("still here", UserWarning, stacklevel=1)
