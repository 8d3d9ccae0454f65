import numpy as np
import pytest
import torch

from ganstyle.export.kuwahara import careful_draft, kuwahara, refining_source
from ganstyle.images.tensors import to_pixels
from ganstyle.sources import abstraction, photo
from ganstyle.sources.abstraction import Abstraction, abstract_pixels
from tests.conftest import picture
from tests.export.running import computed, planes
from tests.export.test_resizing import grainy, to_size

RULE = Abstraction(factor=3.125, radius=2)


@pytest.mark.parametrize("radius", [0, 1, 3])
def test_the_filter_is_that_of_torch(radius: int) -> None:
    image = planes(grainy()) / 255
    wanted = abstraction.kuwahara(torch.from_numpy(image), radius).numpy()
    assert np.abs(computed(lambda x: kuwahara(x, radius) * 1.0, image) - wanted).max() < 1e-4


def test_a_photo_becomes_the_same_careful_draft() -> None:
    image, rule = grainy(), Abstraction(factor=16, radius=2)
    wanted = photo.careful_draft(to_pixels([image]), rule).numpy()
    found = computed(lambda x: careful_draft(x, rule, lambda reduced: reduced), planes(image))
    apart = np.abs(found.transpose(0, 2, 3, 1) - wanted)
    assert apart.max() <= 1
    assert (apart > 0).mean() < 0.01


@pytest.mark.parametrize("size", [(80, 60), (120, 90), (147, 110), (240, 180)])
def test_a_canvas_becomes_the_same_source(size: tuple[int, int]) -> None:
    canvas = picture(120, 90)
    wanted = abstract_pixels(to_pixels([canvas]), size, RULE)
    found = computed(
        lambda x, row: refining_source(x, to_size(row), RULE), planes(canvas), np.array(size)
    )
    apart = np.abs(found.transpose(0, 2, 3, 1) - wanted.numpy())
    assert apart.max() <= 1
    assert (apart > 0).mean() < 0.01
