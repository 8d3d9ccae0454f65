import numpy as np
import pytest
import torch

from ganstyle.images.tensors import to_pixels
from ganstyle.painting.tiling import crop_padded, plan_tiles, tile_side
from tests.conftest import picture


@pytest.mark.parametrize("size", [(1, 1), (7, 130), (200, 64), (333, 257)])
@pytest.mark.parametrize("side", [None, 64, 100])
def test_tiles_cover_every_pixel_once(size: tuple[int, int], side: int | None) -> None:
    covered = np.zeros((size[1], size[0]), int)
    for tile in plan_tiles(size, side, halo=50, stride=8):
        left, top, right, bottom = tile.inner
        covered[top:bottom, left:right] += 1
        assert all(edge % 8 == 0 for edge in tile.outer)  # on the generator's grid
        assert min(tile.offset) >= 0
        width, height = tile.outer_size
        assert right - left + tile.offset[0] <= width
        assert bottom - top + tile.offset[1] <= height
    assert (covered == 1).all()


def test_a_halo_reaches_as_far_as_the_generator_unless_the_picture_ends() -> None:
    middle = plan_tiles((600, 600), 200, halo=50, stride=8)[4]
    assert middle.inner == (200, 200, 400, 400)
    assert middle.outer == (144, 144, 456, 456)  # 50 rounded up to whole strides
    first = plan_tiles((600, 600), 200, halo=50, stride=8)[0]
    assert first.outer == (0, 0, 312, 312)  # as large as the others


def test_as_few_tiles_as_will_do_are_as_small_as_they_can() -> None:
    tiles = plan_tiles((1000, 100), 600, halo=50, stride=8)
    assert [tile.inner for tile in tiles] == [(0, 0, 504, 100), (504, 0, 1000, 100)]
    assert {tile.outer_size for tile in tiles} == {(616, 104)}


def test_the_side_leaves_room_for_the_halo() -> None:
    assert tile_side(500 * 500, 50) == 400
    assert tile_side(10, 50) == 64


def test_pixels_beyond_the_edge_repeat_it() -> None:
    batch = to_pixels([picture(6, 4)])
    [whole] = batch
    [pixels] = crop_padded(batch, (-2, -1, 8, 4))
    assert pixels.shape == (5, 10, 3)
    assert (pixels[1:, 2:8] == whole).all()
    assert (pixels[0, 2:8] == whole[0]).all()
    assert (pixels[1:, 0] == whole[:, 0]).all()
    assert (pixels[1:, 9] == whole[:, 5]).all()
    assert (crop_padded(batch, (2, 1, 5, 3))[0] == whole[1:3, 2:5]).all()
    red = torch.tensor([[[[255, 0, 0]]]], dtype=torch.uint8)
    assert (crop_padded(red, (-1, -1, 2, 2)) == red).all()
