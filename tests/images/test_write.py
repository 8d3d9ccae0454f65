from io import BytesIO

import pytest
from PIL import Image

from ganstyle.images.picture import Frame, Picture
from ganstyle.images.read import read_picture
from ganstyle.images.write import write_picture


def test_transparency_is_laid_over_white_where_there_is_none() -> None:
    alpha = Image.new("L", (20, 20), 0)
    stream = BytesIO()
    write_picture(Picture((Frame(Image.new("RGB", (20, 20), "red"), alpha),)), stream, "JPEG")
    pixel = read_picture(stream.getvalue()).frames[0].image.getpixel((9, 9))
    assert pixel == pytest.approx((255, 255, 255), abs=3)
