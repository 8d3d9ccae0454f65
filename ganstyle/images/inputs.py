"""Content images from Python code: paths, Pillow images and arrays, converted to frames."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
from PIL import Image

from ganstyle.errors import ImageError
from ganstyle.images.picture import Frame
from ganstyle.images.read import frame_of, read_picture
from ganstyle.images.resize import Size

Input: TypeAlias = str | Path | Image.Image | np.ndarray
"""A path, a Pillow image of any mode, or uint8 (H, W, 3), RGB, or (H, W, 4) with alpha."""

_CHANNELS = {3: "RGB", 4: "RGBA"}


def read_input(image: Input, enough: Callable[[Size], Size] | None = None) -> Frame:
    """The frame of an image, upright in sRGB; the first one of an animation.

    enough: gives, for a frame's size, the size to which it may be reduced for faster decoding.
    Raises ImageError for a file that is not an image, and for an array of another type or shape.
    """
    if isinstance(image, Image.Image):
        return frame_of(image)
    if isinstance(image, str | Path):
        return read_picture(Path(image), first_only=True, enough=enough).frames[0]
    return frame_of(_from_array(image))


def _from_array(array: np.ndarray) -> Image.Image:
    pixels = np.asarray(array)
    shaped = pixels.ndim == 3 and pixels.shape[2] in _CHANNELS and pixels.size
    if pixels.dtype != np.uint8 or not shaped:
        raise ImageError(
            f"an array of {pixels.dtype} and shape {pixels.shape}: "
            "an image must be uint8 of shape (H, W, 3) or (H, W, 4), from 0 to 255."
        )
    return Image.fromarray(np.ascontiguousarray(pixels), _CHANNELS[pixels.shape[2]])
