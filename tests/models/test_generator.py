import json
from dataclasses import asdict, replace

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from ganstyle.errors import ConfigError
from ganstyle.models.generator import BRIGHTEST, Generator, GeneratorConfig
from ganstyle.models.geometry import receptive_field
from ganstyle.models.noise import TileCoordinates, row_heights
from ganstyle.models.presets import PRESETS
from ganstyle.sources.tones import Tones
from tests.conftest import PAINTING, TINY, lively_generator


def test_untrained_generator_is_the_identity_inside_its_range() -> None:
    photo = torch.rand(2, 3, 24, 40) * BRIGHTEST + (1 - BRIGHTEST) / 2
    assert torch.allclose(Generator(PRESETS["standard"])(photo), photo, atol=1e-5)


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (5, 3), (33, 18)])
def test_any_size_keeps_its_size_and_range(lively: Generator, size: tuple[int, int]) -> None:
    result = lively(torch.rand(1, 3, *size))
    assert result.shape == (1, 3, *size)
    assert 0 <= result.min() <= result.max() <= 1


def test_pictures_of_a_batch_do_not_touch_each_other(lively: Generator) -> None:
    batch = torch.rand(3, 3, 16, 24)
    alone = torch.cat([lively(image[None]) for image in batch])
    assert torch.allclose(lively(batch), alone, atol=1e-6)


@pytest.mark.parametrize(
    "config",
    [
        TINY,
        GeneratorConfig(widths=(4,), encoder_blocks=(1,), decoder_blocks=(0,)),
        GeneratorConfig(widths=(4, 4, 4), encoder_blocks=(0, 1, 1), decoder_blocks=(1, 0, 1)),
        GeneratorConfig(widths=(4, 4), encoder_blocks=(0, 0), decoder_blocks=(1, 1), noise=True),
    ],
)
def test_receptive_field_is_what_one_pixel_reaches(config: GeneratorConfig) -> None:
    generator = lively_generator(config).double()
    reach = receptive_field(generator)
    side = 2 * reach + 4 * config.stride
    photo = torch.full((1, 3, side, side), 0.5, dtype=torch.double)
    before = generator(photo)
    farthest = 0
    for offset in range(config.stride):
        at = side // 2 + offset
        changed = photo.clone()
        changed[..., at, at] = 0.9
        rows = (generator(changed) != before).any(1)[0].any(1).nonzero().flatten()
        farthest = max(farthest, at - int(rows.min()), int(rows.max()) - at)
    assert farthest == reach


def test_a_part_with_a_margin_of_the_receptive_field_equals_the_whole(lively: Generator) -> None:
    margin = -(-receptive_field(lively) // TINY.stride) * TINY.stride
    photo = torch.rand(1, 3, 2 * margin + 16, 3 * margin)
    part = lively(photo[..., : 2 * margin + 8])[..., : margin + 8]
    assert torch.allclose(lively(photo)[..., : margin + 8], part, atol=1e-6)


def test_a_tile_in_its_place_equals_the_place_of_the_whole_to_the_bit() -> None:
    config = GeneratorConfig(
        widths=(4, 4), encoder_blocks=(0, 1), decoder_blocks=(1, 1), noise=True, heights=True
    )
    generator = lively_generator(config)
    margin = -(-receptive_field(generator) // config.stride) * config.stride
    H, W = 2 * margin + 16, 3 * margin + 8
    photo, whole = torch.rand(1, 3, H, W), TileCoordinates.of_box((0, 0, W, H), H, seed=7)
    columns = slice(margin - 8, W)
    tile = TileCoordinates(whole.rows, whole.columns[:, columns], whole.heights, seed=7)
    part = generator(photo[..., columns], tile)[..., margin:]
    assert torch.equal(part, generator(photo, whole)[..., columns][..., margin:])


def test_random_maps_change_what_is_drawn_and_nothing_else_does() -> None:
    config = GeneratorConfig(widths=(4,), encoder_blocks=(0,), decoder_blocks=(1,), noise=True)
    generator, gray = lively_generator(config), torch.full((1, 3, 32, 32), 0.5)
    first, second = (TileCoordinates.of_box((0, 0, 32, 32), 32, seed=seed) for seed in (0, 1))
    assert torch.equal(generator(gray, first), generator(gray, first))
    assert not torch.allclose(generator(gray, first), generator(gray, second), atol=1e-3)
    assert generator(gray, first).std() > 1e-3


def test_a_flat_picture_has_no_edges_to_draw_along(lively: Generator) -> None:
    """Nothing tells the generator where the picture ends: a sky gets no band and no frame."""
    result = lively(torch.full((1, 3, 40, 56), 0.6))
    tiles = result.unfold(2, 4, 4).unfold(3, 4, 4)  # the stride's grid is all it knows
    assert torch.allclose(tiles, tiles[:, :, :1, :1].expand_as(tiles), atol=1e-5)


def test_heights_tell_the_generator_how_far_down_it_is() -> None:
    config = GeneratorConfig(widths=(4,), encoder_blocks=(0,), decoder_blocks=(0,), heights=True)
    white = torch.full((2, 3, 40, 12), 0.9)
    rows = lively_generator(config)(white).mean((1, 3))  # (B, H)
    steps = rows.diff(dim=1)[:, 3:-3:2]
    assert steps.abs().max() > 1e-4
    assert torch.allclose(rows[0], rows[1], atol=1e-6)
    assert row_heights(torch.arange(4), 4).tolist() == [-0.75, -0.25, 0.25, 0.75]
    whole = row_heights(torch.arange(90), 90)
    assert torch.equal(row_heights(torch.arange(8, 12), 90), whole[8:12])


def test_standard_generator_needs_at_most_40_gflop_at_512() -> None:
    with torch.device("meta"):
        generator, photo = Generator(PRESETS["standard"]), torch.empty(1, 3, 512, 512)
    with FlopCounterMode(display=False) as counter:
        generator(photo)
    assert counter.get_total_flops() <= 40e9


def test_config_names_what_does_not_fit() -> None:
    with pytest.raises(ConfigError, match="one entry a level"):
        GeneratorConfig(widths=(8, 8), encoder_blocks=(1,), decoder_blocks=(1, 1))
    with pytest.raises(ConfigError, match="9 levels; there may be 8"):
        GeneratorConfig(widths=(4,) * 9, encoder_blocks=(0,) * 9, decoder_blocks=(0,) * 9)
    with pytest.raises(ConfigError, match="noise_cells are"):
        GeneratorConfig(noise_cells=(1, 2000))
    with pytest.raises(ConfigError, match="side is -1"):
        GeneratorConfig(easel={"side": -1})  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="factor is 99"):
        GeneratorConfig(easel={"photo": {"factor": 99, "radius": 2}})  # type: ignore[arg-type]


def test_a_config_comes_back_from_json_with_its_easel() -> None:
    assert PAINTING.easel
    page = torch.zeros(8, 8, 3, dtype=torch.uint8)
    config = replace(PAINTING, easel=replace(PAINTING.easel, tones=Tones.of([page])))
    assert GeneratorConfig(**json.loads(json.dumps(asdict(config)))) == config
    assert GeneratorConfig(**json.loads(json.dumps(asdict(TINY)))) == TINY


def test_as_many_levels_as_there_may_be_draw_on_any_size() -> None:
    deepest = GeneratorConfig(widths=(4,) * 8, encoder_blocks=(0,) * 8, decoder_blocks=(0,) * 8)
    assert Generator(deepest)(torch.rand(1, 3, 5, 7)).shape == (1, 3, 5, 7)


def test_the_amplitude_of_a_place_is_that_of_what_chance_adds() -> None:
    config = GeneratorConfig(widths=(4,), encoder_blocks=(0,), decoder_blocks=(1,), noise=True)
    generator, gray = lively_generator(config), torch.full((1, 3, 32, 32), 0.5)

    def drawn(seed: int, amplitude: float) -> torch.Tensor:
        coordinates = TileCoordinates.of_box((0, 0, 32, 32), 32, seed=seed, amplitude=amplitude)
        drawing: torch.Tensor = generator(gray, coordinates)
        return drawing

    assert torch.equal(drawn(0, 0.0), drawn(1, 0.0))
    spread = [float(drawn(0, amplitude).std((2, 3)).mean()) for amplitude in (0.1, 0.3, 1.0)]
    assert spread == sorted(spread)
