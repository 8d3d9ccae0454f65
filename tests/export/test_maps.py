import numpy as np
import pytest

from ganstyle.export.graph import Value, cast
from ganstyle.export.maps import Maps
from ganstyle.models.noise import TileCoordinates, coarse_map, random_map
from tests.export.running import computed

SEED, AMPLITUDE, WIDTH, HEIGHT, IMAGE_HEIGHT = 2**29 + 5, 0.75, 160, 112, 111
AT = TileCoordinates.of_box((0, 0, WIDTH, HEIGHT), IMAGE_HEIGHT, seed=SEED, amplitude=AMPLITUDE)


def maps(seed: Value) -> Maps:
    zero = seed * 0
    amplitude = cast(zero, np.float32) + AMPLITUDE
    return Maps(zero + WIDTH, zero + HEIGHT, zero + IMAGE_HEIGHT, seed, amplitude)


@pytest.mark.parametrize(("number", "stride"), [(0, 2), (33, 4), (81, 16)])
def test_white_noise_is_that_of_torch(number: int, stride: int) -> None:
    found = computed(lambda seed: maps(seed).white(number, stride), np.array(SEED))
    wanted = random_map(AT.at_stride(stride), number).numpy()
    assert found.shape == wanted.shape
    assert np.abs(found - wanted).max() < 1e-6


@pytest.mark.parametrize("cell", [3, 8, 64])
def test_coarse_noise_is_that_of_torch(cell: int) -> None:
    found = computed(lambda seed: maps(seed).coarse(2, 2, cell), np.array(SEED))
    wanted = coarse_map(AT.at_stride(2), 2, cell).numpy()
    assert found.shape == wanted.shape
    assert np.abs(found - wanted).max() < 1e-6
