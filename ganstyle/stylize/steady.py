"""The painting of a video moves with what it shows, and is painted over where that changes.

Hertzmann and Perlin, Painterly Rendering for Video and Interaction (2000), who paint over the last
frame where the video has changed, and carry it along the motion. A painting answers noise, which
nobody sees, and motion with other strokes.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from PIL import Image

from ganstyle.images.resize import Size
from ganstyle.videos.motion import Motion, measured_motion, motion_measurable, moved, no_motion

SIDE = 160
"""Shorter side, px, at which frames are compared: half of that of the first canvas."""

_LEAST, _MOST = 3 / 255, 16 / 255
"""Change, of 1, that counts as noise in a clean video, and the most that does in a noisy one."""

_NOISES = 5.0
"""Standard deviations of the noise that no pixel of a still part is likely to exceed."""

_CALM, _BLOCK = 0.3, 8
"""Share of the blocks of a frame, and their side in px, that are taken to stand still."""

_AROUND = 9
"""Side, px, of the square whose mean difference is no noise, but a change of light."""

_MEAN_TO_DEVIATION = 1.2533
"""Standard deviation of a normal variable over its mean magnitude."""

_CUT = 0.7
"""Share of a frame that changes from which all of it is painted anew."""

_MARGIN, _SMOOTH = 3, 5
"""Sides, px, of the squares by which a change is widened, and its border is smoothed."""

_STEEPNESS = 8
"""How much narrower than that square the seam is in which old and new strokes mix: where they do,
both look out of focus."""

_CAMERA_MOVES, _GRID = 0.1, 4
"""Motion, px, from which the camera has moved: then all that the painting shows is carried along,
skies as well, in which no motion can be seen. Cells along each side of the frame by which it is
told: half of them move."""

_EXPLAINED = 0.9
"""Share of the difference between frames that the camera's motion leaves at most: what seems to
move in noise leaves all of it."""

_FEW, _ONSET = 0.1, 4.0
"""Share of the pixels around one that may differ without its moving; how fast motion sets in as
more do."""

_WHEN_MOVING = 2.0
"""How much more may differ while the camera moves, since pixels fall between pixels."""

_Pixels = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Change:
    """What becomes of the last painting in the next frame.

    motion: float32 (h, w, 2), where it moves from, see Motion; None: it stays. mask: L of (w, h),
    what is painted over it; seams are where it crosses half of white.
    """

    motion: _Pixels | None
    mask: Image.Image

    @property
    def needs_paint(self) -> bool:
        """Whether any of the frame is painted."""
        return self.mask.getextrema()[1] > 255 // 2  # type: ignore[operator]


class Steadiness:
    """Compares each frame with what the painting shows, and says what becomes of the painting.

    amount: 0 to 1; 0 paints every frame, 0.5 keeps what differs by no more than noise, 1 twice
    that. Kept, for each pixel, is the content that it was last painted from, moved along with the
    painting. Motion is measured from there, not from the last frame, so errors do not add up, and
    what changes slowly is painted over, too, sooner or later. Without OpenCV nothing moves.
    """

    def __init__(self, amount: float) -> None:
        self.amount = amount
        self._shown: _Pixels | None = None
        self._measurable = motion_measurable()

    def change(self, image: Image.Image) -> Change | None:
        """What to do for the next frame; None to paint all of it.

        image: RGB, in the size of small_size().
        """
        frame = _smoothed(image)
        if self._shown is None or self.amount == 0:
            self._shown = frame
            return None
        motion, camera_moves = self._motion(frame)
        moves = bool(motion.displacement.any())
        if moves:
            self._shown = moved(self._shown, motion.displacement)
        difference = frame - self._shown
        least = self._least(difference, _WHEN_MOVING if camera_moves else 1.0)
        changed = (np.abs(difference).max(2) > least) | ~motion.agrees
        if changed.mean() > _CUT:
            self._shown = frame
            return None
        mask = _mean_around(_widened(changed), _SMOOTH)
        self._shown = np.where(mask[..., None] > 0.5, frame, self._shown)
        mask_image = Image.fromarray((mask * 255).round().astype(np.uint8))
        return Change(motion.displacement if moves else None, mask_image)

    def _motion(self, frame: _Pixels) -> tuple[Motion, bool]:
        """Motion of what the painting shows, and whether it is the camera that moves."""
        assert self._shown is not None
        if not self._measurable:
            return no_motion(frame.shape[:2]), False
        motion = measured_motion(_gray(self._shown), _gray(frame))
        difference = frame - self._shown
        left = frame - moved(self._shown, motion.displacement)
        explained = np.square(left).sum() < _EXPLAINED**2 * np.square(difference).sum()
        if explained and _camera_motion(motion) > _CAMERA_MOVES:
            return _without_still(motion), True
        return _of_things(motion, np.abs(difference).max(2) > self._least(difference)), False

    def _least(self, difference: _Pixels, times: float = 1.0) -> float:
        """Difference, of 1, from which a pixel counts as changed: `times` that of still frames."""
        noise = max(_LEAST, _NOISES * _noise(difference))
        return 2 * self.amount * min(_MOST, times * noise)


def small_size(size: Size) -> Size:
    """Size in which frames of that size are compared."""
    ratio = min(1.0, SIDE / min(size))
    return max(1, round(size[0] * ratio)), max(1, round(size[1] * ratio))


def carried(painting: Image.Image, change: Change) -> Image.Image:
    """The last painting, moved along."""
    if change.motion is None:
        return painting
    return Image.fromarray(moved(np.asarray(painting), change.motion))


def painted_over(before: Image.Image, new: Image.Image, mask: Image.Image) -> Image.Image:
    """The painting before, with the new one where the mask, which may be smaller, says so."""
    levels = [round(255 * min(1, max(0, (v / 255 - 0.5) * _STEEPNESS + 0.5))) for v in range(256)]
    mask = mask.resize(new.size, Image.Resampling.BILINEAR).point(levels)
    return Image.composite(new, before, mask)


def _camera_motion(motion: Motion) -> float:
    """Length of the camera's motion, px: the median of those of parts of the frame."""
    rows = np.array_split(motion.displacement, _GRID)
    cells = [cell for row in rows for cell in np.array_split(row, _GRID, axis=1) if cell.size]
    medians = np.array([np.median(cell.reshape(-1, 2), axis=0) for cell in cells])
    return float(np.median(np.linalg.norm(medians, axis=1)))


def _of_things(motion: Motion, differs: npt.NDArray[np.bool_]) -> Motion:
    """Motion before a camera that stands still: none but near to what differs."""
    share = _mean_around(differs.astype(np.float32), _AROUND)
    moves = ((share - _FEW) * _ONSET).clip(0, 1)
    return Motion(motion.displacement * moves[..., None], motion.agrees | (moves == 0))


def _without_still(motion: Motion) -> Motion:
    """Motion before a camera that moves: none where some part of the frame stands still."""
    mean = _mean_around(motion.displacement, _AROUND)
    moves = (np.linalg.norm(mean, axis=2) / _CAMERA_MOVES - 1).clip(0, 1).astype(np.float32)
    return Motion(motion.displacement * moves[..., None], motion.agrees | (moves == 0))


def _smoothed(image: Image.Image) -> _Pixels:
    """A frame without most of its noise, float32 (H, W, 3) in [0, 1]."""
    return _mean_around(np.asarray(image, np.float32) / np.float32(255), 3)


def _gray(frame: _Pixels) -> npt.NDArray[np.uint8]:
    pixels = (frame.clip(0, 1) * 255).round().astype(np.uint8)
    return np.asarray(Image.fromarray(pixels).convert("L"))


def _noise(difference: _Pixels) -> float:
    """Standard deviation of the noise in a difference of frames, by its calmest blocks."""
    magnitudes = np.abs(difference - _mean_around(difference, _AROUND)).mean(2)
    blocks = F.avg_pool2d(torch.from_numpy(magnitudes)[None], _BLOCK, ceil_mode=True)
    return _MEAN_TO_DEVIATION * float(torch.quantile(blocks, _CALM))


def _mean_around(values: _Pixels, side: int) -> _Pixels:
    """Means over the square around each pixel: (H, W) or (H, W, C)."""
    planes = torch.from_numpy(np.atleast_3d(values)).permute(2, 0, 1)
    means = F.avg_pool2d(planes, side, 1, side // 2, count_include_pad=False)
    return means.permute(1, 2, 0).reshape(values.shape).numpy()


def _widened(mask: npt.NDArray[np.bool_]) -> _Pixels:
    """A mask, (H, W), 1 where it is true or nearly."""
    return F.max_pool2d(torch.from_numpy(mask)[None].float(), _MARGIN, 1, _MARGIN // 2)[0].numpy()
