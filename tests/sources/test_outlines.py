import numpy as np
import pytest

from ganstyle.sources.outlines import (
    merge_islands,
    outlines_of,
    rounded,
    simple_shape,
    straightened,
)


def _draws() -> np.random.Generator:
    return np.random.default_rng(0)


def _grid(*rows: str) -> np.ndarray:
    return np.array([[int(cell) for cell in row] for row in rows])


def test_an_outline_goes_through_the_middles_of_the_cells_sides() -> None:
    areas = outlines_of(_grid("000", "010", "000"))
    assert areas.labels == (0, 1)  # the one with the hole is the larger one, the hole is filled
    assert areas.sizes == (9, 1)
    corners = {tuple(corner) for corner in areas.outlines[1].tolist()}
    assert corners == {(1.5, 1.0), (2.0, 1.5), (1.5, 2.0), (1.0, 1.5)}
    assert len(areas.outlines[0]) == 12


def test_equal_labels_that_only_touch_at_a_corner_are_two_areas() -> None:
    assert outlines_of(_grid("10", "01")).labels.count(1) == 2


def test_small_areas_go_to_the_neighbour_with_the_longest_border() -> None:
    grid = _grid("0000", "0212", "2222")
    merged = merge_islands(grid, 2, 0.0, _draws())
    assert merged.tolist() == _grid("0000", "0222", "2222").tolist()
    assert merge_islands(grid, 2, 1.0, _draws()).tolist() == grid.tolist()  # all of them spared
    assert merge_islands(_grid("0"), 5, 0.0, _draws()).tolist() == [[0]]  # nowhere to go


def test_straightened_keeps_the_corners_of_a_box() -> None:
    outline = outlines_of(np.ones((8, 12), int)).outlines[0]
    corners = straightened(outline, 0.8)
    assert 4 <= len(corners) <= 8
    assert np.abs(corners - [6, 4]).max(0) == pytest.approx([6, 4], abs=0.51)


def test_no_point_of_the_outline_is_farther_off_than_the_tolerance() -> None:
    angles = np.linspace(0, 2 * np.pi, 200)[:-1]
    circle = 20 * np.stack([np.cos(angles), np.sin(angles)], 1)
    few = straightened(circle, 1.0)
    assert len(few) < 20
    closed = np.concatenate([few, few[:1]])
    ends = np.linspace(closed[:-1], closed[1:], 200).reshape(-1, 2)
    nearest = np.linalg.norm(circle[:, None] - ends, axis=2).min(1)
    assert nearest.max() < 1.05


def test_rounded_stays_closed_and_cuts_corners() -> None:
    outline = outlines_of(np.ones((8, 8), int)).outlines[0]
    soft = rounded(outline, 5)
    assert len(soft) == len(outline)
    assert np.linalg.norm(soft - [4, 4], axis=1).max() < np.linalg.norm([4, 3.5])
    assert np.linalg.norm(np.roll(soft, -1, 0) - soft, axis=1).max() <= 1
    assert len(rounded(outline[:3], 9)) == 3


def test_simple_shapes_lie_where_the_area_does() -> None:
    outline = outlines_of(np.ones((8, 12), int)).outlines[0]
    shapes = [simple_shape(outline, np.random.default_rng(seed)) for seed in range(20)]
    assert {len(shape) for shape in shapes} == {3, 4, 24}
    for shape in shapes:
        assert np.abs(shape.mean(0) - [6, 4]).max() < 2
        assert np.ptp(shape, 0) == pytest.approx([12, 8], rel=0.25)
