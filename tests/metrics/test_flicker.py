import numpy as np
import pytest
from PIL import Image

from ganstyle.metrics.flicker import flicker
from tests.videos.clips import moving

pytest.importorskip("cv2")

FRAMES = moving(5, (96, 64))
"""A camera that moves by two pixels a frame."""


def _lighter(image: Image.Image, by: int) -> Image.Image:
    return image.point(lambda value: value // 2 + by)


def test_what_moves_with_the_original_does_not_flicker() -> None:
    steady = [_lighter(frame, 20) for frame in FRAMES]
    flickering = [_lighter(frame, 20 + 10 * (index % 2)) for index, frame in enumerate(FRAMES)]
    own, calm, lively = flicker(FRAMES, [steady, flickering])
    assert own.overall < 1
    assert calm.overall < 1
    assert lively.overall == pytest.approx(10, abs=1)
    assert lively.moving == pytest.approx(10, abs=1)


def test_paint_that_stays_where_the_camera_moves_flickers() -> None:
    rng = np.random.default_rng(0)
    grain = Image.fromarray(rng.integers(0, 255, (64, 96, 3), np.uint8))
    on_the_screen = [Image.blend(frame, grain, 0.2) for frame in FRAMES]
    assert flicker(FRAMES, [on_the_screen])[1].overall > 10


def test_still_and_moving_pixels_are_told_apart() -> None:
    still = [FRAMES[0]] * 3
    result = [_lighter(FRAMES[0], 10 * index) for index in range(3)]
    own, found = flicker(still, [result])
    assert own.still == 0
    assert found.still == pytest.approx(10)
    assert np.isnan(found.moving)


def test_a_result_may_be_smaller_but_not_shorter() -> None:
    small = [frame.resize((48, 32)) for frame in FRAMES]
    assert flicker(FRAMES, [small])[1].overall < 2
    with pytest.raises(ValueError, match="shorter"):
        flicker(FRAMES, [small[:3]])
