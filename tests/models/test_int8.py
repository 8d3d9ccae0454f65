from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from ganstyle.config import Dials
from ganstyle.errors import ConfigError
from ganstyle.models.generator import Generator, GeneratorConfig
from ganstyle.models.int8 import measure_ranges
from ganstyle.painting.painter import Painter
from ganstyle.runtime import Runtime, int8_is_native, pick_runtime
from tests.conftest import TINY, lively_generator, picture

INT8 = Runtime(torch.device("cpu"), torch.float32, int8=True)
NOISY = replace(TINY, noise=True)

needs_int8 = pytest.mark.skipif(not int8_is_native(), reason="needs fast 8-bit products")


def _measured(config: GeneratorConfig) -> Generator:
    """A lively generator that knows the ranges of one picture."""
    generator = lively_generator(config)
    ranges = measure_ranges(generator, lambda: _paint(generator, pick_runtime("cpu", "float32")))
    measured = Generator(replace(config, int8_ranges=ranges)).requires_grad_(False)
    measured.load_state_dict(generator.state_dict())
    return measured


def _paint(generator: Generator, runtime: Runtime, tile: int = 0) -> np.ndarray:
    photo = picture(301, 211)
    return np.asarray(Painter(generator, runtime, Dials(), tile).paint([photo])[0], np.int16)


def test_ranges_are_the_largest_values_before_each_convolution() -> None:
    generator = lively_generator(TINY)
    ranges = measure_ranges(generator, lambda: generator(torch.rand(1, 3, 16, 16)))
    assert len(ranges) == 2 * sum(TINY.encoder_blocks + TINY.decoder_blocks)
    assert all(1 < normed < 4 for normed in ranges[::2])  # of 8 and 12 channels of variance 1


@needs_int8
def test_8_bits_give_nearly_what_floats_give() -> None:
    exact = _paint(_measured(NOISY), pick_runtime("cpu", "float32"))
    difference = np.abs(_paint(_measured(NOISY), INT8) - exact)
    assert 0 < difference.mean() < 1
    assert np.percentile(difference, 99) <= 4


@needs_int8
def test_tiles_equal_the_whole_to_the_bit_in_8_bits() -> None:
    whole = _paint(_measured(NOISY), INT8)
    assert np.array_equal(_paint(_measured(NOISY), INT8, tile=64), whole)


@needs_int8
@pytest.mark.parametrize("size", [(1, 1), (1, 7), (33, 18)])
def test_any_size_will_do(size: tuple[int, int]) -> None:
    painter = Painter(_measured(NOISY), INT8, Dials())
    assert painter.paint([Image.new("RGB", size, "teal")])[0].size == size


def test_a_generator_that_was_not_measured_keeps_its_precision() -> None:
    generator = lively_generator(TINY)
    painter = Painter(generator, INT8, Dials())
    assert painter.runtime.precision == "float32"


@pytest.mark.parametrize("ranges", [(1.0,), (1.0,) * 7 + (0.0,), (float("nan"),) * 8])
def test_damaged_ranges_are_an_error(ranges: tuple[float, ...]) -> None:
    with pytest.raises(ConfigError, match="int8_ranges"):
        replace(TINY, int8_ranges=ranges)
