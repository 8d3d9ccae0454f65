"""Faces that are lost in a result, and patterns that are put into it."""

from PIL import Image

from ganstyle.images.resize import Limit
from ganstyle.images.tensors import to_batch
from ganstyle.metrics.flat_pattern import flat_pattern
from ganstyle.painting.faces import Box, faces_available, find_faces, shared_area

_SAME_PLACE = 0.3
"""Intersection over union from which two boxes are the same face."""

_SIDE = 480
"""Shorter side at which patterns are looked for, px, and the least that an image must have."""


def faces_kept(result: Image.Image, photo: Image.Image) -> tuple[int, int]:
    """Faces in a photo, and how many of them are found again at the same places in its result.

    Both RGB; the result is stretched to the photo's shape. Zero without the detector.
    """
    if not faces_available():
        return 0, 0
    boxes = find_faces(photo)
    if not boxes or result is photo:
        return len(boxes), len(boxes)
    again = find_faces(result.resize(photo.size) if result.size != photo.size else result)
    kept = sum(any(_overlap(box, other) >= _SAME_PLACE for other in again) for box in boxes)
    return len(boxes), kept


def pattern_of(result: Image.Image, photo: Image.Image) -> float:
    """Periodic pattern in a result where its photo is flat (flat_pattern); NaN for tiny photos."""
    reduced = Limit(shorter=_SIDE).reduce(photo)
    if min(reduced.size) < 64:
        return float("nan")
    stretched = result.resize(reduced.size) if result.size != reduced.size else result
    return flat_pattern(to_batch([stretched])[0], to_batch([reduced])[0])


def _overlap(box: Box, other: Box) -> float:
    """Intersection over union."""
    common = shared_area(box, other)
    return common / (box[2] * box[3] + other[2] * other[3] - common)
