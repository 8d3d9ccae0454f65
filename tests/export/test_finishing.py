import numpy as np
import pytest

from ganstyle.export.finishing import at_full_size
from ganstyle.painting import finish
from tests.export.running import computed, planes
from tests.export.test_resizing import grainy, to_size


@pytest.mark.parametrize("zoom", [0.5, 1, 1.05, 1.2, 1.35, 1.6])
def test_a_canvas_is_enlarged_and_sharpened(zoom: float) -> None:
    canvas = grainy()
    size = round(canvas.width * zoom), round(canvas.height * zoom)
    wanted = planes(finish._at_full_size(canvas, size))
    found = computed(lambda x, row: at_full_size(x, to_size(row)), planes(canvas), np.array(size))
    assert np.abs(found - wanted).max() <= 2
    assert (found != wanted).mean() < 0.01
