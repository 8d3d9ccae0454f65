from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ganstyle.errors import ImageError
from ganstyle.images.tensors import read_image, to_batch, to_images, write_image
from tests.conftest import picture


def _mean(image: Image.Image) -> list[float]:
    return [float(mean) for mean in np.asarray(image, dtype=float).mean((0, 1))]


def test_exif_orientation_is_applied(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees clockwise
    picture(40, 20).save(tmp_path / "a.jpg", exif=exif)
    assert read_image(tmp_path / "a.jpg").size == (20, 40)


@pytest.mark.parametrize("mode", ["CMYK", "L", "P", "1", "LA", "RGBA", "YCbCr"])
def test_every_mode_becomes_rgb(tmp_path: Path, mode: str) -> None:
    extension = "tif" if mode in ("CMYK", "YCbCr") else "png"
    picture(16, 16).convert(mode).save(tmp_path / f"a.{extension}")
    assert read_image(tmp_path / f"a.{extension}").mode == "RGB"


def test_16_bit_gray_is_scaled_not_cut_off(tmp_path: Path) -> None:
    gray = np.array([[0, 257 * 100, 65535]], dtype=np.uint16)
    Image.fromarray(gray).save(tmp_path / "a.png")
    assert [read_image(tmp_path / "a.png").getpixel((x, 0)) for x in range(3)] == [
        (0, 0, 0),
        (100, 100, 100),
        (255, 255, 255),
    ]


def test_short_side_reduces_larger_and_leaves_smaller_pictures(tmp_path: Path) -> None:
    picture(400, 300).save(tmp_path / "a.jpg")
    assert read_image(tmp_path / "a.jpg", short_side=100).size == (133, 100)
    assert read_image(tmp_path / "a.jpg", short_side=1000).size == (400, 300)


def test_broken_files_are_named_with_a_reason(tmp_path: Path) -> None:
    whole = tmp_path / "whole.jpg"
    picture(64, 64).save(whole)
    (tmp_path / "text.jpg").write_text("I am a letter")
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "cut.jpg").write_bytes(whole.read_bytes()[:-200])
    reasons = {"text": "not a picture", "empty": "0 bytes", "cut": "truncated", "none": "No such"}
    for name, reason in reasons.items():
        with pytest.raises(ImageError, match=rf"{name}\.jpg.*{reason}"):
            read_image(tmp_path / f"{name}.jpg")


@pytest.mark.parametrize("extension", ["jpg", "png", "webp", "tiff", "bmp"])
def test_what_is_written_can_be_read(tmp_path: Path, extension: str) -> None:
    image = picture(48, 32)
    write_image(image, tmp_path / "deep" / f"a.{extension}")
    back = read_image(tmp_path / "deep" / f"a.{extension}")
    assert back.size == image.size
    assert _mean(back) == pytest.approx(_mean(image), abs=1)


def test_jpeg_keeps_full_colour_resolution(tmp_path: Path) -> None:
    stripes = np.zeros((16, 16, 3), np.uint8)
    stripes[:, ::2, 0] = stripes[:, 1::2, 2] = 255
    write_image(Image.fromarray(stripes), tmp_path / "a.jpg")
    red, _, blue = read_image(tmp_path / "a.jpg").getpixel((4, 8))  # type: ignore[misc]
    assert red > 200 > 60 > blue


def test_an_unknown_extension_and_an_unwritable_place_are_named(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="unsupported extension"):
        write_image(picture(4, 4), tmp_path / "a.xyz")
    (tmp_path / "file").touch()
    with pytest.raises(ImageError, match="cannot be written"):
        write_image(picture(4, 4), tmp_path / "file" / "a.png")


def test_pixels_survive_the_way_through_tensors() -> None:
    images = [picture(9, 7, seed=s) for s in range(2)]
    batch = to_batch(images)
    assert batch.shape == (2, 3, 7, 9)
    assert batch.dtype == torch.float32
    assert [i.tobytes() for i in to_images(batch)] == [i.tobytes() for i in images]
