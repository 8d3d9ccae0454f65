import numpy as np
import pytest

from ganstyle.export.graph import Value, op, side, stacked
from ganstyle.export.levels import Levels
from ganstyle.export.resizing import Size
from ganstyle.painting.levels import plan_levels
from tests.export.running import computed


def sizes_of(
    width: int, height: int, brush: float, most: int, finest: int
) -> list[tuple[int, int]]:
    """Sizes of the levels of a picture, as a graph has them, and nothing after the last."""

    def make(lengths: Value, brush: Value) -> Value:
        size = Size(*(op("Gather", lengths, np.array(index)) for index in (0, 1)))
        zero = side(lengths, 0) * 0
        levels = Levels.of(size, zero + 320, brush, zero + most, zero + finest)
        found = [levels.size_of(zero + index) for index in range(6)]
        rows = [length for each in found for length in (each.width, each.height)]
        return stacked(levels.count, *rows)

    count, *rows = computed(make, np.array([width, height]), np.array(brush, np.float32))
    return list(zip(rows[::2], rows[1::2], strict=True))[:count]


@pytest.mark.parametrize("brush", [0.5, 1, 1.5])
@pytest.mark.parametrize(("most", "finest"), [(2, 320), (10, 0)])
def test_levels_have_the_sizes_of_the_painter(brush: float, most: int, finest: int) -> None:
    rng = np.random.default_rng(0)
    sizes = [(387, 384), (672, 544), (512, 512), (1024, 768), (1, 1), (5000, 20), (3000, 2000)]
    sizes += [(int(width), int(height)) for width, height in rng.integers(1, 3000, (12, 2))]
    for width, height in sizes:
        planned = plan_levels((width, height), 320 / brush, most, finest)
        assert sizes_of(width, height, brush, most, finest) == list(planned), (width, height)
