"""Motion between frames of a video, and images moved along it.

Dense inverse search (Kroeger et al., Fast Optical Flow using Dense Inverse Search, 2016) by OpenCV.
"""

from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

MOTION_REMEDY = "pip install opencv-python-headless"
"""The command that installs what measures motion."""

_LEAST_SIDE = 12
"""Shorter side, px, of the smallest frames in which motion can be measured."""

_AGREEMENT, _PER_PIXEL = 0.5, 0.05
"""Distance, px, by which motion forward and back may miss the pixel where it began, and how much it
may grow with each pixel of motion (after Sundaram et al., Dense Point Trajectories, 2010)."""

Pixels = npt.NDArray[Any]


class Motion(NamedTuple):
    """Motion from one frame to the next.

    displacement: float32 (H, W, 2), where each pixel of the next frame lies in the one before, from
    its own place, px to the right and down. agrees: bool (H, W), where motion forward and back
    agree: what is false has just come into sight, or is not known.
    """

    displacement: npt.NDArray[np.float32]
    agrees: npt.NDArray[np.bool_]


def motion_measurable() -> bool:
    """Whether OpenCV is installed. It is not imported, which would take a tenth of a second."""
    return find_spec("cv2") is not None


def no_motion(size: tuple[int, ...]) -> Motion:
    """Motion of frames of that height and width in which nothing moves."""
    return Motion(np.zeros((*size, 2), np.float32), np.ones(size, np.bool_))


def measured_motion(before: npt.NDArray[np.uint8], after: npt.NDArray[np.uint8]) -> Motion:
    """Motion between two frames, uint8 (H, W): greys. None at all in frames of a few pixels."""
    if min(after.shape) < _LEAST_SIDE:
        return no_motion(after.shape)
    import cv2

    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    back = _displacement(flow.calc(after, before, None))  # type: ignore[call-overload]
    forward = _displacement(flow.calc(before, after, None))  # type: ignore[call-overload]
    returned = _sampled(forward, back, cv2.INTER_LINEAR)
    miss = np.linalg.norm(back + returned, axis=2)
    length = np.linalg.norm(back, axis=2) + np.linalg.norm(returned, axis=2)
    return Motion(back, (miss < _AGREEMENT + _PER_PIXEL * length) & _lands_inside(back))


def moved(pixels: Pixels, displacement: npt.NDArray[np.float32]) -> Pixels:
    """Pixels (H, W, C) of a frame, where they have moved to; by Lanczos's filter.

    displacement: as of a Motion, may be measured on smaller frames.
    """
    import cv2

    height, width = pixels.shape[:2]
    rows, columns = displacement.shape[:2]
    if (rows, columns) != (height, width):
        scale = np.array([width / columns, height / rows], np.float32)
        displacement = scale * _displacement(cv2.resize(displacement, (width, height)))
    return _sampled(pixels, displacement, cv2.INTER_LANCZOS4)


def _sampled(pixels: Pixels, displacement: npt.NDArray[np.float32], filter_: int) -> Pixels:
    """Pixels at the places that a displacement names; beyond the edges, those of the edges."""
    import cv2

    columns, rows = _places(displacement)
    return cv2.remap(pixels, columns, rows, filter_, borderMode=cv2.BORDER_REPLICATE)


def _lands_inside(displacement: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    height, width = displacement.shape[:2]
    columns, rows = _places(displacement)
    inside = (columns >= 0) & (columns <= width - 1) & (rows >= 0) & (rows <= height - 1)
    return np.asarray(inside)


def _places(displacement: npt.NDArray[np.float32]) -> tuple[Pixels, Pixels]:
    """Columns and rows, (H, W) each, that a displacement names."""
    height, width = displacement.shape[:2]
    columns = displacement[..., 0] + np.arange(width, dtype=np.float32)
    return columns, displacement[..., 1] + np.arange(height, dtype=np.float32)[:, None]


def _displacement(array: Pixels) -> npt.NDArray[np.float32]:
    return np.asarray(array, np.float32)
