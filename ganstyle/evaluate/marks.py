"""Faces of a photo that a result loses, and patterns that it adds to flat areas."""

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from ganstyle.images.resize import Limit, Size
from ganstyle.images.tensors import to_batch
from ganstyle.metrics.flat_pattern import FlatAreas, flat_areas, flat_pattern
from ganstyle.painting.faces import Box, faces_available, find_faces, shared_area

_SAME_PLACE = 0.3
"""Intersection over union from which two boxes are the same face."""

_SIDE, _SMALLEST_SIDE = 480, 64
"""Shorter side at which patterns are measured, px, and the smallest shorter side of a photo."""


@dataclass(frozen=True)
class PhotoMarks:
    """Faces and flat areas of a photo, found once for all of its results."""

    size: Size
    """Of the photo."""
    faces: Sequence[Box]
    """Empty without the detector."""
    flat: FlatAreas | None
    """At the size at which patterns are measured; None without flat areas, and for tiny photos."""


def find_marks(photo: Image.Image) -> PhotoMarks:
    """Marks of an RGB photo."""
    reduced = Limit(shorter=_SIDE).reduce(photo)
    tiny = min(reduced.size) < _SMALLEST_SIDE
    return PhotoMarks(
        photo.size,
        find_faces(photo) if faces_available() else (),
        None if tiny else flat_areas(to_batch([reduced])[0]),
    )


def faces_kept(result: Image.Image, marks: PhotoMarks) -> int:
    """Number of a photo's faces that are found again at the same places in a result (RGB)."""
    if not marks.faces:
        return 0
    again = find_faces(_stretched(result, marks.size))
    return sum(any(_overlap(box, other) >= _SAME_PLACE for other in again) for box in marks.faces)


def pattern_of(result: Image.Image, marks: PhotoMarks) -> float:
    """Periodic pattern of a result in flat areas of its photo (flat_pattern); NaN without any."""
    if marks.flat is None:
        return float("nan")
    height, width = marks.flat.mask.shape
    return flat_pattern(to_batch([_stretched(result, (width, height))])[0], marks.flat)


def _stretched(result: Image.Image, size: Size) -> Image.Image:
    return result.resize(size) if result.size != size else result


def _overlap(box: Box, other: Box) -> float:
    """Intersection over union."""
    common = shared_area(box, other)
    return common / (box[2] * box[3] + other[2] * other[3] - common)
