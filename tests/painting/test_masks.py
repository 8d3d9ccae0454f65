import numpy as np
import pytest

from ganstyle.painting.masks import soft_ellipse


def test_an_ellipse_is_whole_within_and_soft_at_its_border() -> None:
    mask = soft_ellipse((100, 80), (20, 10, 80, 70), feather=3)
    assert (mask.mode, mask.size) == ("L", (100, 80))
    row = np.asarray(mask, int)[40]
    assert row[50] == 255
    assert row[0] == row[-1] == 0
    assert row[20] == pytest.approx(127, abs=25)
    assert (np.diff(row[:50]) >= 0).all()
    assert np.diff(row).max() < 60


@pytest.mark.parametrize("box", [(-40, -40, 20, 20), (90, 70, 300, 300), (200, 200, 300, 300)])
def test_an_ellipse_may_reach_beyond_the_image(box: tuple[float, float, float, float]) -> None:
    mask = np.asarray(soft_ellipse((100, 80), box, feather=2.5))
    assert mask.shape == (80, 100)
    assert mask[40, 50] == 0
