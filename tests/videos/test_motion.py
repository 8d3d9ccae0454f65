import numpy as np
import pytest
from PIL import Image

from ganstyle.videos.motion import measured_motion, moved
from tests.conftest import picture

pytest.importorskip("cv2")

WIDE = picture(120, 80, seed=3)


def _view(left: float, top: float) -> np.ndarray:
    return np.asarray(
        WIDE.crop((0, 0, 120, 80)).resize((96, 64), box=(left, top, left + 96, top + 64))
    )


def _gray(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(pixels).convert("L"))


def test_the_motion_of_a_camera_is_found_and_images_follow_it() -> None:
    before, after = _view(2, 3), _view(5, 1)
    motion = measured_motion(_gray(before), _gray(after))
    inner = motion.displacement[8:-8, 8:-8]
    assert np.median(inner[..., 0]) == pytest.approx(3, abs=0.2)
    assert np.median(inner[..., 1]) == pytest.approx(-2, abs=0.2)
    assert motion.agrees[8:-8, 8:-8].mean() > 0.9
    assert not motion.agrees[:, -1].any()  # it has just come into sight
    error = np.abs(moved(before, motion.displacement).astype(int) - after)
    assert error[motion.agrees].mean() < 2


def test_motion_may_be_measured_on_smaller_frames() -> None:
    image = np.zeros((40, 60, 3), np.uint8)
    image[20:24, 30:36] = 255
    displacement = np.full((10, 15, 2), (1, -1), np.float32)
    assert (moved(image, displacement) == np.roll(image, (4, -4), (0, 1))).all()


@pytest.mark.parametrize("size", [(1, 1), (3, 9), (11, 11), (2, 40)])
def test_frames_of_any_size(size: tuple[int, int]) -> None:
    frame = np.zeros(size, np.uint8)
    motion = measured_motion(frame, frame)
    assert motion.displacement.shape == (*size, 2)
    assert np.abs(motion.displacement).max() == 0
    assert motion.agrees.all()
