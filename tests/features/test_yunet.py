import ctypes
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor

from ganstyle.features.yunet import load_yunet
from ganstyle.images.tensors import to_tensor
from ganstyle.painting.faces import _library_path, faces_available
from tests.painting.test_faces import draw_face

_RESULT_SHORTS = 16
"""16-bit values that the library writes for a face: confidence, box, landmarks, padding."""


def _by_the_library(image: Tensor) -> list[tuple[int, ...]]:
    """Confidence, per cent, left, top, width and height, px, of the faces that the library finds in
    an image, uint8 (H, W, 3)."""
    library = ctypes.CDLL(str(_library_path()))
    results = (ctypes.c_short * 0x4800)()
    blue_first = image.flip(2).contiguous()
    height, width = image.shape[:2]
    library["_Z14facedetect_cnnPhS_iii"](
        results, ctypes.c_void_p(blue_first.data_ptr()), width, height, 3 * width
    )
    starts = range(2, 2 + results[0] * _RESULT_SHORTS, _RESULT_SHORTS)
    return [tuple(results[at : at + 5]) for at in starts]


@pytest.mark.skipif(not faces_available(), reason="needs the extra faces")
@pytest.mark.parametrize("size", [(320, 256), (333, 249)])
def test_faces_are_those_of_the_library(size: tuple[int, int]) -> None:
    image = Image.new("RGB", size, (96, 128, 120))
    draw_face(image, (100, 110), 130)
    draw_face(image, (260, 150), 60)
    path = _library_path()
    assert path
    confidences, boxes = load_yunet(path, 0.6)(to_tensor(image))
    found = _by_the_library(to_tensor(image))
    assert len(found) == 2
    for confidence, *box in found:
        apart = (boxes - torch.tensor(box)).abs().amax(1)
        best = int(apart.argmin())
        assert apart[best] < 1.01  # the library cuts off fractions
        assert 100 * float(confidences[best]) == pytest.approx(confidence, abs=1.01)


def test_a_library_without_the_arrays_is_refused() -> None:
    with pytest.raises(ValueError, match="backbone"):
        load_yunet(Path(torch._C.__file__), 0.7)
