from itertools import pairwise

import pytest
import torch
from PIL import Image

from ganstyle.images.tensors import scaled, to_batch, to_pixels, to_tensor
from ganstyle.models.palette import PaletteTransfer
from ganstyle.painting.levels import content_pyramid, draw_sources, plan_levels
from ganstyle.sources.abstraction import Abstraction, abstract
from tests.conftest import picture

HALF = Abstraction(factor=2, radius=0)


def test_an_image_near_the_coarsest_size_is_painted_at_once() -> None:
    assert [level.size for level in plan_levels((320, 240), 200, HALF)] == [(320, 240)]


@pytest.mark.parametrize(("size", "painted"), [((150, 100), (300, 200)), ((60, 40), (120, 80))])
def test_a_small_image_is_enlarged_twice_at_most(
    size: tuple[int, int], painted: tuple[int, int]
) -> None:
    assert [level.size for level in plan_levels(size, 200, HALF)] == [painted]


def test_without_a_coarsest_size_an_image_is_painted_at_once() -> None:
    [level] = plan_levels((4000, 3000), 0, None)
    assert level.size == level.reduced == (4000, 3000)


@pytest.mark.parametrize("side", [260, 512, 1000, 4001])
def test_large_and_small_images_begin_with_one_size(side: int) -> None:
    levels = plan_levels((side * 3 // 2, side), 200, HALF)
    shorts = [min(level.size) for level in levels]
    assert shorts[0] == 200
    assert shorts[-1] == side
    ratios = [fine / coarse for coarse, fine in pairwise(shorts)]
    assert all(1 < ratio <= 2.02 for ratio in ratios)


def test_sources_are_reduced_by_the_factor() -> None:
    for level in plan_levels((1000, 700), 200, Abstraction(factor=2.5)):
        assert level.reduced == tuple(round(side / 2.5) for side in level.size)


def test_the_first_source_is_the_abstraction_of_the_image() -> None:
    content, abstraction = picture(96, 64), Abstraction(factor=3, radius=1)
    [level] = plan_levels(content.size, 0, abstraction)
    pyramid = content_pyramid(content, [level])
    source = draw_sources(pyramid.images, None, level, abstraction, None)
    expected = abstract(to_batch([content]), abstraction)
    assert torch.allclose(scaled(source), expected, atol=2.5 / 255)  # rounded twice


def test_a_canvas_is_kept_where_it_shows_the_image_and_redrawn_where_it_does_not() -> None:
    content = Image.new("RGB", (64, 64), (100, 100, 100))
    canvas = content.copy()
    canvas.paste((106, 106, 106), (0, 0, 32, 64))  # a stroke
    canvas.paste((200, 30, 30), (32, 0, 64, 64))  # something else
    [level] = plan_levels(content.size, 0, Abstraction(factor=1, radius=0))
    pyramid = content_pyramid(content, [level])
    abstraction = Abstraction(factor=1, radius=0)
    [pixels] = draw_sources(pyramid.images, to_pixels([canvas]), level, abstraction, None)
    assert (pixels[:, :28] == 106).all()
    assert (pixels[:, 36:] == 100).all()


@pytest.mark.parametrize("radius", [0, 1, 3])
@pytest.mark.parametrize("drafts", [False, True])
def test_bands_equal_the_whole_to_the_last_bit(
    radius: int, drafts: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    abstraction, palette = Abstraction(factor=1, radius=radius), PaletteTransfer()
    palette.matrix += 0.1
    [level] = plan_levels((61, 83), 0, abstraction)
    contents = [picture(61, 83, seed=seed) for seed in range(2)]
    canvases = to_pixels([Image.blend(each, picture(61, 83, seed=9), 0.3) for each in contents])

    def drawn() -> list[list[int]]:
        sources = [
            *draw_sources(contents, None, level, abstraction, palette, drafts=drafts),
            *draw_sources(contents, canvases, level, abstraction, palette, drafts=drafts),
        ]
        return [source.flatten().tolist() for source in sources]

    whole = drawn()
    monkeypatch.setattr("ganstyle.painting.levels._BAND_PIXELS", 1)
    monkeypatch.setattr("ganstyle.painting.levels._LEAST_ROWS", 6)
    assert drawn() == whole
    monkeypatch.setattr("ganstyle.painting.levels._LOST_REACH", 0)
    assert (drawn() == whole) == (drafts or radius > 1)  # what is around a band does count


def test_a_draft_is_drawn_on_as_it_is_at_the_first_level_and_no_more_later() -> None:
    first, second = plan_levels((600, 400), 200, HALF, drafts=True)
    assert first.size == first.reduced == (300, 200)
    assert (second.size, second.reduced) == ((600, 400), (300, 200))
    draft = picture(600, 400)
    pyramid = content_pyramid(draft, [first, second])
    [source] = draw_sources(pyramid.images[:1], None, first, HALF, None, drafts=True)
    assert source.equal(to_tensor(pyramid.images[0]))
    canvas = to_pixels([Image.new("RGB", (300, 200), (200, 30, 30))])
    [source] = draw_sources(pyramid.images[1:], canvas, second, HALF, None, drafts=True)
    assert source.equal(to_tensor(Image.new("RGB", (600, 400), (200, 30, 30))))


def test_a_small_draft_is_enlarged_to_the_coarsest_size() -> None:
    [level] = plan_levels((32, 32), 200, HALF, drafts=True)
    assert level.size == level.reduced == (200, 200)
    [level] = plan_levels((4, 8), 200, HALF, drafts=True)
    assert level.size == (40, 80)
