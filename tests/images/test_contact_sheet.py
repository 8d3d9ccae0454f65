import numpy as np
import pytest
from PIL import Image

from ganstyle.images.contact_sheet import captioned_sheet


@pytest.mark.parametrize(
    ("size", "count", "columns"), [((90, 60), 8, 3), ((60, 90), 8, 5), ((90, 60), 1, 1)]
)
def test_a_captioned_sheet_is_wider_than_high(
    size: tuple[int, int], count: int, columns: int
) -> None:
    sheet = captioned_sheet([(Image.new("RGB", size, "red"), "a name")] * count)
    assert sheet.width == columns * (size[0] + 20) + 20
    captions = np.asarray(sheet)[20 + size[1] : size[1] + 60, :, :].min(2)
    assert captions.min() < 100  # letters below the first row
