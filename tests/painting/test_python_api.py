"""The public interface: Painter on paths, Pillow images and arrays, for as long as it takes."""

import gc
import shutil
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from weakref import ref

import numpy as np
import pytest
import torch
from PIL import ExifTags, Image

import ganstyle
from ganstyle import Dials, Painter, load_generator, stylize_image
from ganstyle.errors import CheckpointError, DeviceError, ImageError
from ganstyle.images.tensors import read_image
from ganstyle.models.generator import Generator
from ganstyle.models.int8 import Int8Generator
from ganstyle.models.noise import TileCoordinates
from ganstyle.runtime import int8_is_native
from tests.conftest import PAINTING, lively_generator, picture

PRECISIONS = ["float32", "auto"]


@pytest.fixture(scope="module")
def painter() -> Painter:
    return Painter(lively_generator(PAINTING), device="cpu", precision="float32")


@pytest.fixture
def measured() -> Generator:
    """A generator that computes in 8 bits where a CPU can; its ranges are rough ones."""
    generator = lively_generator(replace(PAINTING, int8=True))
    assert generator.ranges is not None
    for buffer in generator.ranges.buffers():
        buffer.fill_(4.0)
    return generator


def test_a_style_is_a_name_a_file_or_a_generator(checkpoint: Path) -> None:
    photo = picture(40, 30)
    results = {
        Painter(style, device="cpu", precision="float32").stylize(photo).tobytes()
        for style in (checkpoint, str(checkpoint), load_generator(checkpoint))
    }
    assert len(results) == 1
    assert Painter("hiroshige").generator.config == load_generator("hiroshige").config
    for load in (Painter, load_generator):
        with pytest.raises(CheckpointError, match="style: nobody"):
            load("nobody")
    with pytest.raises(DeviceError, match="unknown"):
        Painter(checkpoint, precision="int4")


def test_an_image_is_a_path_a_pillow_image_or_an_array(tmp_path: Path, painter: Painter) -> None:
    photo = picture(50, 40)
    photo.save(tmp_path / "a.png")
    expected = painter(photo)
    assert (expected.mode, expected.size) == ("RGB", photo.size)
    given = [tmp_path / "a.png", str(tmp_path / "a.png"), photo, np.asarray(photo)]
    for one in given:
        assert painter(one).tobytes() == expected.tobytes()  # type: ignore[call-overload]
    for several in (given, tuple(given), given * 5):
        results = painter.stylize(several)  # type: ignore[arg-type]
        assert len(results) == len(several)
        for result in results:
            # A batch may round the last bit otherwise.
            assert np.abs(np.asarray(result, int) - np.asarray(expected)).max() <= 1
    assert painter.stylize([]) == []


@pytest.mark.parametrize("strength", [1.0, 0.5, 0.0])
def test_what_is_given_stays_as_it_is(painter: Painter, strength: float) -> None:
    faint = painter.with_dials(Dials(strength=strength))
    for mode in ("RGB", "RGBA", "LA", "P", "CMYK"):
        photo = picture(30, 20).convert(mode)
        if "A" in mode:
            photo.putalpha(Image.linear_gradient("L").resize(photo.size))
        before = photo.tobytes()
        result = faint(photo)
        assert (photo.mode, photo.tobytes()) == (mode, before)
        assert result is not photo
        assert result.mode == ("RGBA" if "A" in mode else "RGB")
    array = np.asarray(picture(30, 20)).copy()
    before = array.tobytes()
    faint(array).paste("red", (0, 0, 30, 20))
    assert array.tobytes() == before


def test_orientation_is_applied_to_files_and_pillow_images(
    tmp_path: Path, painter: Painter
) -> None:
    photo, path = picture(48, 32), tmp_path / "turned.png"
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    photo.save(path, exif=exif)
    upright = painter(photo.transpose(Image.Transpose.ROTATE_270))
    with Image.open(path) as turned:
        for image in (path, turned):
            result = painter(image)
            assert result.size == (32, 48)
            assert result.tobytes() == upright.tobytes()
        assert stylize_image(turned, painter.generator).size == (32, 48)


def test_transparent_parts_stay_transparent(painter: Painter) -> None:
    holed = picture(40, 30).convert("RGBA")
    holed.paste((0, 0, 0, 0), (0, 0, 20, 30))
    for image in (holed, np.asarray(holed)):
        result = painter(image)
        assert result.mode == "RGBA"
        assert result.getchannel("A").tobytes() == holed.getchannel("A").tobytes()
    opaque = np.dstack([np.asarray(picture(8, 8)), np.full((8, 8), 255, np.uint8)])
    assert painter(opaque).mode == "RGB"


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 2), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((2, 4, 4, 3), np.uint8),
    ],
)
def test_other_arrays_are_named(painter: Painter, array: np.ndarray) -> None:
    with pytest.raises(ImageError, match=r"uint8 of shape \(H, W, 3\) or \(H, W, 4\)"):
        painter(array)


def test_a_large_jpeg_is_decoded_small_and_comes_back_whole(
    tmp_path: Path, painter: Painter
) -> None:
    photo = picture(600, 403)
    photo.save(tmp_path / "a.jpg", quality=95)
    by_path, by_image = painter(tmp_path / "a.jpg"), painter(read_image(tmp_path / "a.jpg"))
    assert by_path.size == by_image.size == photo.size
    assert np.abs(np.asarray(by_path, int) - np.asarray(by_image)).mean() < 3


@pytest.mark.parametrize("precision", [*PRECISIONS, "bfloat16"])
def test_the_generator_of_the_caller_stays_as_it_is(measured: Generator, precision: str) -> None:
    measured.train()
    measured.requires_grad_(True)
    before = {name: value.clone() for name, value in measured.state_dict().items()}
    painter = Painter(measured, precision=precision, device="cpu")
    painter(picture(40, 30))
    stylize_image(picture(40, 30), measured, precision=precision)
    assert measured.training
    for name, value in measured.state_dict().items():
        assert value.dtype == before[name].dtype == torch.float32
        assert value.device == before[name].device
        assert torch.equal(value, before[name])
    assert all(parameter.requires_grad for parameter in measured.encoder.parameters())
    result = painter(picture(40, 30))
    with torch.no_grad():
        for parameter in measured.parameters():
            parameter.zero_()
    measured.half()
    assert painter(picture(40, 30)).tobytes() == result.tobytes()


def test_dials_are_turned_without_a_second_network(painter: Painter) -> None:
    other = painter.with_dials(Dials(seed=3))
    assert other.network is painter.network
    assert (painter.dials.seed, other.dials.seed) == (0, 3)
    photo = picture(40, 30)
    assert other(photo).tobytes() != painter(photo).tobytes()


def _counts() -> dict[type, int]:
    gc.collect()
    kinds = (TileCoordinates, Int8Generator, Generator, torch.Tensor, Image.Image)
    return {kind: sum(issubclass(type(each), kind) for each in gc.get_objects()) for kind in kinds}


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("how", ["Painter", "stylize_image"])
def test_many_calls_leave_nothing_behind(measured: Generator, precision: str, how: str) -> None:
    painter = Painter(measured, device="cpu", precision=precision)

    def call(index: int) -> None:
        photo = picture(40 + index % 9, 30, seed=index)  # more sizes than are kept
        if how == "Painter":
            painter.with_dials(Dials(seed=index))(photo)
        else:
            stylize_image(photo, measured, Dials(seed=index), precision)

    for index in range(10):
        call(index)
    before = _counts()
    tracemalloc.start()
    try:
        start = tracemalloc.get_traced_memory()[0]
        for index in range(20):
            call(index)
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - start
    finally:
        tracemalloc.stop()
    after = _counts()
    assert all(after[kind] <= before[kind] + 12 for kind in before), (before, after)
    assert grown < 120_000


@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_painter_is_gone_once_nobody_holds_it(measured: Generator, precision: str) -> None:
    painter = Painter(measured, device="cpu", precision=precision)
    painter(picture(40, 30))
    found = ref(painter.network), ref(painter.generator)
    gc.collect()
    gc.disable()  # on a GPU nobody waits for the next collection
    try:
        del painter
        assert [each() for each in found] == [None, None]
    finally:
        gc.enable()


@pytest.mark.parametrize("precision", PRECISIONS)
def test_threads_may_share_a_painter(measured: Generator, precision: str) -> None:
    painter = Painter(measured, device="cpu", precision=precision)
    photos = [picture(40 + 8 * (seed % 3), 32, seed=seed) for seed in range(24)]
    serial = [painter(photo).tobytes() for photo in photos]
    fresh = Painter(measured, device="cpu", precision=precision)
    with ThreadPoolExecutor(6, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        assert [each.tobytes() for each in pool.map(fresh, photos)] == serial


def test_a_run_folder_is_a_style(tmp_path: Path, checkpoint: Path) -> None:
    shutil.copy(checkpoint, tmp_path / "checkpoint.safetensors")
    photo = picture(24, 24)
    expected = Painter(checkpoint)(photo).tobytes()
    for style in (tmp_path, str(tmp_path)):
        assert Painter(style)(photo).tobytes() == expected


@pytest.mark.skipif(not int8_is_native(), reason="needs fast 8-bit products")
def test_auto_takes_8_bits_where_the_style_was_measured(measured: Generator) -> None:
    assert Painter(measured, device="cpu").runtime.precision == "int8"
    assert Painter(lively_generator(PAINTING), device="cpu").runtime.precision != "int8"


def test_the_package_names_its_interface() -> None:
    assert {"Dials", "Painter", "load_generator", "stylize_image"} <= set(dir(ganstyle))
    with pytest.raises(AttributeError, match="no attribute 'painter_of'"):
        ganstyle.painter_of  # noqa: B018
