"""Faces in a content image, each with the area around it that is painted by itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from ganstyle.images.resize import Size
from ganstyle.images.tensors import from_pixels, resized_pixels
from ganstyle.painting.animals import find_animal_faces
from ganstyle.painting.faces import WORKING_SIZE, Box, faces_available, find_faces, shared_area

FACE_MARGIN = 1.6
"""Side of the square around a face, in heights of the face: hair, neck and some background."""

_LEAST_SIDE = 16
"""Least side of the square around a face that is painted by itself, px of the decoded photo."""


@dataclass(frozen=True)
class FaceArea:
    """A face of a person or an animal. square: around it, within the image: left, top, right and
    bottom, px. box: of the face, px of the image."""

    square: tuple[int, int, int, int]
    box: Box

    @property
    def size(self) -> Size:
        """Width and height of the square, px."""
        left, top, right, bottom = self.square
        return right - left, bottom - top


def find_face_areas(pixels: Tensor) -> list[FaceArea]:
    """The faces in an image, uint8 (1, H, W, 3), that are large enough to be painted."""
    size = pixels.shape[2], pixels.shape[1]
    # One reduced copy for both detectors, as reducing takes time too.
    [reduced] = from_pixels(resized_pixels(pixels, WORKING_SIZE.size(size)))
    zoom = size[0] / reduced.width, size[1] / reduced.height
    people = _enlarged(find_faces(reduced) if faces_available() else [], zoom)
    animals = _enlarged(find_animal_faces(reduced), zoom)
    animals = [box for box in animals if not any(shared_area(box, face) for face in people)]
    areas = [FaceArea(_square(box, size), box) for box in people + animals]
    return [area for area in areas if min(area.size) >= _LEAST_SIDE]


def _enlarged(boxes: Sequence[Box], zoom: tuple[float, float]) -> list[Box]:
    across, down = zoom
    return [(x * across, y * down, w * across, h * down) for x, y, w, h in boxes]


def _square(box: Box, size: Size) -> tuple[int, int, int, int]:
    """The square around a face in an image of that size."""
    left, top, width, height = box
    x, y, reach = left + width / 2, top + height / 2, FACE_MARGIN * height / 2
    return (
        max(0, round(x - reach)),
        max(0, round(y - reach)),
        min(size[0], round(x + reach)),
        min(size[1], round(y + reach)),
    )
