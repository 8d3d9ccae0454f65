from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from ganstyle.models.generator import Generator, GeneratorConfig
from ganstyle.painting.painter import Painter
from ganstyle.painting.stylize_image import stylize_image
from ganstyle.runtime import Runtime, int8_is_native, pick_runtime
from tests.conftest import TINY, lively_generator, picture

INT8 = Runtime(torch.device("cpu"), torch.float32, int8=True)
NOISY = replace(TINY, widths=(16, 16), noise=True)  # whole registers, as in test_painter

needs_int8 = pytest.mark.skipif(not int8_is_native(), reason="needs fast 8-bit products")


def _measured(config: GeneratorConfig) -> Generator:
    """A lively generator that knows the ranges of one picture."""
    generator = lively_generator(config)
    measured = Generator(replace(config, int8=True)).requires_grad_(False)
    measured.load_state_dict(generator.state_dict(), strict=False)
    assert measured.ranges is not None
    measured.ranges.measure(generator, lambda: _paint(generator, pick_runtime("cpu", "float32")))
    return measured


def _paint(generator: Generator, runtime: Runtime, tile: int = 0) -> np.ndarray:
    photo = picture(301, 211)
    return np.asarray(Painter(generator, runtime=runtime, tile=tile).paint([photo])[0], np.int16)


@needs_int8
def test_8_bits_give_nearly_what_floats_give() -> None:
    exact = _paint(_measured(NOISY), pick_runtime("cpu", "float32"))
    difference = np.abs(_paint(_measured(NOISY), INT8) - exact)
    assert 0 < difference.mean() < 1
    assert np.percentile(difference, 98) <= 4


@needs_int8
def test_tiles_equal_the_whole_to_the_bit_in_8_bits() -> None:
    whole = _paint(_measured(NOISY), INT8)
    assert np.array_equal(_paint(_measured(NOISY), INT8, tile=64), whole)


@needs_int8
@pytest.mark.parametrize("size", [(1, 1), (1, 7), (33, 18)])
def test_any_size_will_do(size: tuple[int, int]) -> None:
    painter = Painter(_measured(NOISY), runtime=INT8)
    assert painter.paint([Image.new("RGB", size, "teal")])[0].size == size


def test_a_generator_that_was_not_measured_keeps_its_precision() -> None:
    generator = lively_generator(TINY)
    painter = Painter(generator, runtime=INT8)
    assert painter.runtime.precision == "float32"


@needs_int8
def test_from_python_8_bits_are_asked_for() -> None:
    photo, generator = picture(64, 48), _measured(NOISY)
    exact, rounding = (stylize_image(photo, generator, precision=p) for p in (None, "auto"))
    [expected] = Painter(generator, runtime=INT8).paint([photo])
    assert rounding.tobytes() == expected.tobytes()
    assert rounding.tobytes() != exact.tobytes()
