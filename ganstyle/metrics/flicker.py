"""Flicker of a painted video: what changes from frame to frame, beside what moves.

Each result is moved along the motion of the original and compared with the next one, where motion
forward and back agree (the warping error of Lai et al., Learning Blind Video Temporal Consistency,
2018).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from PIL import Image

from ganstyle.images.resize import Limit, sized
from ganstyle.videos.motion import Motion, measured_motion, moved

_LIMIT = Limit(shorter=720)
"""Size in which larger frames are compared."""

_STILL = 0.25
"""Motion from one frame to the next, px, up to which a pixel stands still: noise seems to move."""


@dataclass(frozen=True)
class Flicker:
    """Mean change from frame to frame, in 255; NaN where there is nothing to measure.

    still, moving: of the pixels of the original that do one or the other.
    """

    overall: float
    still: float
    moving: float


class _Mean:
    """A mean over pixels of all frames."""

    def __init__(self) -> None:
        self._sum, self._count = 0.0, 0

    def add(self, values: npt.NDArray[np.float32]) -> None:
        self._sum += float(values.sum(dtype=np.float64))
        self._count += values.size

    @property
    def value(self) -> float:
        return self._sum / self._count if self._count else float("nan")


def flicker(
    original: Iterable[Image.Image],
    results: Sequence[Iterable[Image.Image]],
    motions: Iterable[Motion] | None = None,
) -> list[Flicker]:
    """Flicker of the original, and of each result.

    original, results: RGB frames, which are drawn one by one; results are brought to the size of
    the original. motions: of the original, from each frame to the next, where they are known.
    Raises ValueError if a result has more or fewer frames.
    """
    known = iter(motions) if motions is not None else None
    means = [(_Mean(), _Mean(), _Mean()) for _ in range(len(results) + 1)]
    for before, after in pairwise(_alike(original, results)):
        motion = next(known) if known else _measured(before[0], after[0])
        still = np.linalg.norm(motion.displacement, axis=2) <= _STILL
        for one, two, (overall, calm, lively) in zip(before, after, means, strict=True):
            change = _change(one, two, motion)
            overall.add(change[motion.agrees])
            calm.add(change[motion.agrees & still])
            lively.add(change[motion.agrees & ~still])
    return [Flicker(*(mean.value for mean in each)) for each in means]


def _alike(
    original: Iterable[Image.Image], results: Sequence[Iterable[Image.Image]]
) -> Iterator[list[Image.Image]]:
    """Frames of the same time in the same size, those of the original first."""
    for frames in zip(original, *results, strict=True):
        size = _LIMIT.size(frames[0].size)
        yield [sized(frame, size) for frame in frames]


def _change(before: Image.Image, after: Image.Image, motion: Motion) -> npt.NDArray[np.float32]:
    """Mean change of the channels, (H, W), in 255."""
    carried = moved(np.asarray(before), motion.displacement).astype(np.float32)
    return np.asarray(np.abs(carried - np.asarray(after)).mean(2))


def _measured(before: Image.Image, after: Image.Image) -> Motion:
    """Motion between two frames, none at all of what stands still."""
    displacement, agrees = measured_motion(_gray(before), _gray(after))
    moves = np.linalg.norm(displacement, axis=2, keepdims=True) > _STILL
    return Motion(displacement * moves, agrees)


def _gray(image: Image.Image) -> npt.NDArray[np.uint8]:
    return np.asarray(image.convert("L"))
