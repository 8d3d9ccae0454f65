import pytest
import torch

from ganstyle.models.noise import TileCoordinates, coarse_map, random_map

WHOLE = TileCoordinates.of_box((0, 0, 128, 96), 96, seed=3)


def _part(rows: slice, columns: slice, seed: int = 3) -> TileCoordinates:
    return TileCoordinates(
        WHOLE.rows[:, rows], WHOLE.columns[:, columns], WHOLE.heights[:, rows], seed=seed
    )


@pytest.mark.parametrize("cell", [1, 3, 8])
def test_a_part_has_the_numbers_of_the_whole_to_the_bit(cell: int) -> None:
    rows, columns = slice(17, 60), slice(5, 101)
    for coordinates, expected in (
        (_part(rows, columns), (rows, columns)),
        (_part(slice(0, 96), columns), (slice(0, 96), columns)),
    ):
        part, whole = _map(coordinates, cell), _map(WHOLE, cell)
        assert torch.equal(part, whole[..., expected[0], expected[1]])


@pytest.mark.parametrize("cell", [1, 3, 8])
def test_maps_have_mean_zero_and_variance_one(cell: int) -> None:
    coordinates = TileCoordinates.of_box((0, 0, 512, 512), 512)
    noise = _map(coordinates, cell)
    assert abs(float(noise.mean())) < 0.05 * cell
    assert float(noise.std()) == pytest.approx(1, abs=0.02 * cell)


@pytest.mark.parametrize("cell", [1, 3, 8])
def test_the_amplitude_is_the_deviation(cell: int) -> None:
    whole, half, none = (
        _map(TileCoordinates.of_box((0, 0, 128, 96), 96, amplitude=amplitude), cell)
        for amplitude in (1.0, 0.5, 0.0)
    )
    assert torch.allclose(half, whole / 2, atol=1e-6)
    assert not none.any()
    assert TileCoordinates.of_box((0, 0, 128, 96), 96, amplitude=0.5).at_stride(2).amplitude == 0.5


def test_neighbours_seeds_and_numbers_have_nothing_in_common() -> None:
    noise = random_map(WHOLE, 0)[0, 0]
    others = [
        random_map(WHOLE, 1)[0, 0],
        random_map(_part(slice(0, 96), slice(0, 128), seed=4), 0)[0, 0],
    ]
    pairs = [(noise, other) for other in others]
    pairs += [
        (noise[:, 1:], noise[:, :-1]),
        (noise[1:], noise[:-1]),
        (noise[1:, 1:], noise[:-1, :-1]),
    ]
    for a, b in pairs:
        assert abs(float((a * b).mean())) < 0.04  # 4 standard errors


def test_coarse_maps_vary_slowly() -> None:
    noise = coarse_map(WHOLE, 0, 8)[0, 0]
    steps = (noise[:, 1:] - noise[:, :-1]).square().mean()
    assert steps < 0.1  # 2 for white noise


def test_tiles_of_a_batch_have_places_of_their_own() -> None:
    rows = torch.stack([WHOLE.rows[0, :32], WHOLE.rows[0, 40:72]])
    columns = torch.stack([WHOLE.columns[0, 8:40], WHOLE.columns[0, 64:96]])
    both = coarse_map(TileCoordinates(rows, columns, rows.double(), seed=3), 0, 3)
    whole = coarse_map(WHOLE, 0, 3)
    assert torch.equal(both[0], whole[0, :, :32, 8:40])
    assert torch.equal(both[1], whole[0, :, 40:72, 64:96])


def test_a_stride_keeps_places_and_mean_heights() -> None:
    half = WHOLE.at_stride(4)
    assert half.rows[0].tolist() == list(range(24))
    assert half.heights[0, 0] == WHOLE.heights[0, :4].mean()


def _map(coordinates: TileCoordinates, cell: int) -> torch.Tensor:
    return random_map(coordinates, 0) if cell == 1 else coarse_map(coordinates, 0, cell)


def test_maps_of_a_place_are_made_once() -> None:
    coordinates = TileCoordinates.of_box((0, 0, 16, 16), 16)
    for make in (lambda: coordinates.at_stride(2), lambda: random_map(coordinates.at_stride(2), 1)):
        assert make() is make()
    assert random_map(coordinates, 1) is not random_map(coordinates, 2)
