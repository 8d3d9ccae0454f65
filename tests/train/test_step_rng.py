import pytest
import torch
from torch import Tensor

from ganstyle.distributed import Ranks
from ganstyle.models.noise import TileCoordinates, row_heights
from ganstyle.train.step_rng import StepRng

CPU = torch.device("cpu")


def _rng(step: int = 3, ranks: Ranks | None = None, seed: int = 0) -> StepRng:
    return StepRng.of_step(seed, step, CPU, ranks or Ranks())


def _coordinates(rng: StepRng, shape: tuple[int, ...], stride: int) -> TileCoordinates:
    """The place of images that are whole."""
    return rng.coordinates(
        torch.zeros(shape), torch.tensor([[-1.0, 1.0]]).expand(shape[0], 2), stride
    )


def _together(parts: list[Tensor], groups: int) -> Tensor:
    """The whole batch out of the ranks' parts of each of its groups."""
    split = [part.view(groups, -1, part.shape[-1]) for part in parts]
    return torch.cat(split, 1).flatten(0, 1)


@pytest.mark.parametrize("groups", [1, 2, 3])
def test_parts_of_ranks_are_the_whole(groups: int) -> None:
    whole = _rng().grouped(groups)
    parts = [_rng(ranks=Ranks(rank, 2)).grouped(groups) for rank in range(2)]
    for draw in (StepRng.normal, StepRng.uniforms):
        expected = draw(whole, (4 * groups, 5))
        assert expected.shape == (4 * groups, 5)
        halves = [draw(part, (2 * groups, 5)) for part in parts]
        assert torch.equal(_together(halves, groups), expected)
    numbers = {(rng.integer(0, 10**6), rng.uniform(2, 5)) for rng in (whole, *parts)}
    assert len(numbers) == 1


def test_places_of_ranks_are_those_of_the_whole() -> None:
    whole = _coordinates(_rng().grouped(2), (8, 3, 12, 16), 4)
    parts = [
        _coordinates(_rng(ranks=Ranks(rank, 2)).grouped(2), (4, 3, 12, 16), 4) for rank in range(2)
    ]
    assert torch.equal(_together([part.rows for part in parts], 2), whole.rows)
    assert torch.equal(_together([part.columns for part in parts], 2), whole.columns)
    assert {part.seed for part in parts} == {whole.seed}


def test_a_step_of_a_run_has_chance_of_its_own() -> None:
    found = [
        _rng(step, seed=seed).normal((2, 3))
        for seed in (-1, 0, 1, 2**40 + 7)
        for step in (3, 4, 2**31 + 3)
    ]
    assert len({tuple(draw.flatten().tolist()) for draw in found}) == 12
    assert torch.equal(_rng(3).normal((2, 3)), found[3])
    rng = _rng()
    assert not torch.equal(rng.normal((2, 3)), rng.normal((2, 3)))


def test_global_chance_has_no_part_in_it() -> None:
    before = torch.get_rng_state()
    rng = _rng()
    drawn = rng.normal((2, 3)), rng.uniform(0, 1), _coordinates(rng, (1, 3, 8, 8), 4)
    assert drawn
    assert torch.equal(torch.get_rng_state(), before)


def test_numbers_are_in_their_ranges() -> None:
    rng = _rng()
    assert {rng.integer(2, 5) for _ in range(50)} == {2, 3, 4}
    numbers = [rng.uniform(2.5, 5) for _ in range(50)]
    assert 2.5 <= min(numbers) < 3 < 4.5 < max(numbers) < 5
    uniforms = rng.uniforms((500, 2))
    assert 0 <= uniforms.min() < 0.05 < 0.95 < uniforms.max() < 1


def test_a_place_lies_on_the_grid_of_the_stride() -> None:
    coordinates = _coordinates(_rng(), (6, 3, 24, 16), 8)
    assert coordinates.rows.shape == (6, 24)
    assert coordinates.columns.shape == (6, 16)
    for lines in (coordinates.rows, coordinates.columns):
        assert (lines.diff(dim=1) == 1).all()
        assert (lines[:, 0] % 8 == 0).all()
        assert lines.min() >= 0
        assert len(set(lines[:, 0].tolist())) == 6
    assert torch.allclose(coordinates.heights, row_heights(torch.arange(24), 24).expand(6, -1))
    assert coordinates.amplitude == 1
    assert coordinates.seed != _coordinates(_rng(4), (6, 3, 24, 16), 8).seed


def test_rows_of_a_crop_have_the_heights_that_they_have_in_the_whole_image() -> None:
    """As the painter gives them to tiles: a model may not tell a crop from a whole image."""
    boxes = [(0, 0, 64, 64), (5, 13, 69, 77), (40, 36, 104, 100)]
    whole = [TileCoordinates.of_box(box, 100) for box in boxes]
    edges = torch.tensor([[2 * top / 100 - 1, 2 * bottom / 100 - 1] for _, top, _, bottom in boxes])
    coordinates = _rng().coordinates(torch.zeros(3, 3, 64, 64), edges, 8)
    expected = torch.cat([each.heights for each in whole])
    assert torch.allclose(coordinates.heights, expected, atol=1e-6)
    assert coordinates.heights.dtype == expected.dtype
    halved = torch.cat([each.at_stride(2).heights for each in whole])
    assert torch.allclose(coordinates.at_stride(2).heights, halved, atol=1e-6)


def test_each_row_of_a_batch_has_chance_of_its_own_on_whichever_rank() -> None:
    def numbers(rng: StepRng, count: int) -> list[float]:
        return [float(torch.rand((), generator=each)) for each in rng.generators(count)]

    whole = numbers(_rng(), 4)
    assert len(set(whole)) == 4
    assert [d for rank in range(2) for d in numbers(_rng(ranks=Ranks(rank, 2)), 2)] == whole
