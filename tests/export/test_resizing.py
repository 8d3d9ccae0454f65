import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from ganstyle.export.graph import Value, op
from ganstyle.export.resizing import (
    Kernel,
    Size,
    cubic,
    resized_floats,
    resized_in_bytes,
    smooth,
    triangle,
)
from tests.conftest import picture
from tests.export.running import computed, planes

SIZES = [(43, 32), (150, 111), (199, 147), (300, 222)]
MODES: dict[Kernel, str] = {triangle: "bilinear", cubic: "bicubic"}


def to_size(row: Value) -> Size:
    width, height = (op("Gather", row, np.array(index)) for index in (0, 1))
    return Size(width, height)


def grainy() -> Image.Image:
    noise = np.random.default_rng(0).normal(0, 20, (111, 150, 3))
    return Image.fromarray((np.asarray(picture(150, 111)) + noise).clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kernel", MODES, ids=MODES.values())
def test_bytes_and_floats_are_resized_as_torch_does_it(
    kernel: Kernel, size: tuple[int, int]
) -> None:
    image = planes(grainy())
    pixels = torch.from_numpy(image)
    mode = MODES[kernel]
    floats = F.interpolate(pixels, size=size[::-1], mode=mode, antialias=True).numpy()
    found = computed(lambda x, row: resized_floats(x, to_size(row), kernel), image, np.array(size))
    assert np.abs(found - floats).max() < 1e-3
    as_bytes = pixels.byte().contiguous(memory_format=torch.channels_last)
    whole = F.interpolate(as_bytes, size=size[::-1], mode=mode, antialias=True).numpy()
    found = computed(
        lambda x, row: resized_in_bytes(x, to_size(row), kernel), image, np.array(size)
    )
    # Where torch has no vector instructions for bytes, it may round otherwise.
    assert np.abs(found - whole).max() <= 1
    assert (found != whole).mean() < 0.01


def test_the_filter_depends_on_whether_an_image_is_reduced() -> None:
    image = planes(grainy())
    for size, kernel in (((75, 56), triangle), ((300, 222), cubic)):
        found = computed(
            lambda x, row: resized_floats(x, to_size(row), smooth(Size.of(x), to_size(row))),
            image,
            np.array(size),
        )
        fixed = computed(
            lambda x, row, kernel=kernel: resized_floats(x, to_size(row), kernel),
            image,
            np.array(size),
        )
        assert (found == fixed).all()
