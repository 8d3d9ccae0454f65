import numpy as np
import pytest
from PIL import Image

from ganstyle.stylize import steady
from ganstyle.stylize.steady import Change, Steadiness, carried, painted_over, small_size
from tests.conftest import picture

SIZE = (200, 120)
WIDE = picture(SIZE[0] + 40, SIZE[1] + 20, seed=3)


def _noisy(image: Image.Image, deviation: float, seed: int) -> Image.Image:
    noise = np.random.default_rng(seed).normal(0, deviation, (*image.size[::-1], 3))
    return Image.fromarray((np.asarray(image) + noise).round().clip(0, 255).astype(np.uint8))


def _view(left: float, top: float = 0) -> Image.Image:
    """What a camera sees that has moved over a picture so far."""
    box = (left, top, left + SIZE[0], top + SIZE[1])
    return WIDE.resize(SIZE, Image.Resampling.BICUBIC, box=box)


def _coverage(change: Change | None) -> float:
    """Share of a frame that is painted over."""
    return 1.0 if change is None else float((np.asarray(change.mask) > 127).mean())


@pytest.fixture
def no_motion(monkeypatch: pytest.MonkeyPatch) -> None:
    """As without OpenCV."""
    monkeypatch.setattr(steady, "motion_measurable", lambda: False)


@pytest.mark.parametrize("deviation", [0, 1, 3, 6])
def test_a_still_scene_is_painted_once_for_all_its_noise(deviation: float) -> None:
    steadiness, scene = Steadiness(0.5), picture(*SIZE)
    changes = [steadiness.change(_noisy(scene, deviation, seed)) for seed in range(12)]
    assert changes[0] is None
    assert max(map(_coverage, changes[1:])) < 0.003
    assert all(change and change.motion is None for change in changes[1:])


def test_what_moves_is_painted_over_and_the_rest_kept(no_motion: None) -> None:
    steadiness, scene = Steadiness(0.5), picture(*SIZE)
    steadiness.change(_noisy(scene, 1, 0))
    moved = scene.copy()
    moved.paste((250, 40, 40), (60, 40, 90, 70))
    change = steadiness.change(_noisy(moved, 1, 1))
    assert change
    assert change.needs_paint
    pixels = np.asarray(change.mask)
    assert pixels[42:68, 62:88].min() == 255
    assert pixels[:, 110:].max() == 0
    assert 0 < pixels[55, 92] < 255  # a border that is not ragged


def test_the_painting_moves_with_the_camera() -> None:
    steadiness = Steadiness(0.5)
    painting = _view(0)
    steadiness.change(painting)
    for step in range(1, 9):
        frame = _view(1.5 * step, 0.5 * step)
        change = steadiness.change(frame)
        assert change
        assert _coverage(change) < 0.1
        painting = painted_over(carried(painting, change), frame, change.mask)
    # The video itself in the place of its paintings: what has been carried is still in place.
    assert np.abs(np.asarray(painting, int) - np.asarray(frame)).mean() < 3


def test_without_opencv_all_that_moves_is_painted(no_motion: None) -> None:
    steadiness = Steadiness(0.5)
    changes = [steadiness.change(_view(3 * step)) for step in range(4)]
    assert all(change is None or change.motion is None for change in changes)
    assert min(map(_coverage, changes)) > 0.3


def test_a_slow_camera_moves_the_painting_in_time() -> None:
    steadiness = Steadiness(0.5)
    changes = [steadiness.change(_view(0.04 * step)) for step in range(9)]
    motions = [change.motion for change in changes[1:] if change]
    assert any(motion is None for motion in motions)
    assert any(motion is not None for motion in motions)
    assert max(map(_coverage, changes[1:])) < 0.05


def test_a_cut_is_painted_anew() -> None:
    steadiness = Steadiness(0.5)
    steadiness.change(picture(*SIZE, seed=0))
    assert steadiness.change(picture(*SIZE, seed=1)) is None


def test_slow_changes_are_painted_in_time() -> None:
    steadiness = Steadiness(0.5)
    gray = [Image.new("RGB", SIZE, (100 + step,) * 3) for step in range(40)]
    changes = [steadiness.change(image) for image in gray]
    assert sum(_coverage(change) > 0 for change in changes[1:]) >= 3


def test_the_dial_goes_from_nothing_to_much() -> None:
    scene = picture(*SIZE)
    other = scene.point(lambda value: value + 5)
    coverage = []
    for amount in (0.0, 0.25, 1.0):
        steadiness = Steadiness(amount)
        steadiness.change(scene)
        coverage.append(_coverage(steadiness.change(other)))
    assert coverage[0] == coverage[1] == 1
    assert coverage[2] == 0


def test_paint_is_laid_over_where_the_mask_says() -> None:
    before, new = Image.new("RGB", (8, 4), "black"), Image.new("RGB", (8, 4), "white")
    mask = Image.new("L", (2, 1))
    mask.putpixel((1, 0), 255)
    laid = np.asarray(painted_over(before, new, mask))
    assert laid[:, :2].max() == 0
    assert laid[:, 6:].min() == 255


def test_frames_are_compared_small() -> None:
    assert small_size((1920, 1080)) == (284, 160)
    assert small_size((64, 48)) == (64, 48)
    assert small_size((5000, 2)) == (5000, 2)
