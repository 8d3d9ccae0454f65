import numpy as np
from PIL import Image

from ganstyle.images.alpha import split_alpha
from tests.conftest import picture


def test_opaque_pictures_have_no_alpha() -> None:
    photo = picture(10, 8)
    assert split_alpha(photo) == (photo, None)
    rgb, alpha = split_alpha(photo.convert("RGBA"))
    assert alpha is None
    assert rgb.tobytes() == photo.tobytes()


def test_colours_go_on_under_a_hole_and_opaque_pixels_stay() -> None:
    image = Image.new("RGBA", (64, 48), (0, 0, 0, 0))
    image.paste((200, 120, 40, 255), (0, 0, 32, 48))
    rgb, alpha = split_alpha(image)
    assert alpha is not None
    assert alpha.tobytes() == image.getchannel("A").tobytes()
    pixels = np.asarray(rgb, dtype=int)
    assert np.abs(pixels - (200, 120, 40)).max() <= 2  # no trace of the black under the hole


def test_the_nearest_colours_count_most() -> None:
    image = Image.new("RGBA", (128, 32), "blue")
    image.paste("red", (96, 0, 128, 32))
    image.paste((0, 0, 0, 0), (40, 8, 56, 24))
    red, _, blue = split_alpha(image)[0].getpixel((48, 16))  # type: ignore[misc]
    assert blue > 220 > 30 > red


def test_pictures_without_an_opaque_pixel_are_possible() -> None:
    rgb, alpha = split_alpha(Image.new("RGBA", (5, 7), (9, 9, 9, 0)))
    assert (rgb.size, rgb.mode) == ((5, 7), "RGB")
    assert alpha is not None
