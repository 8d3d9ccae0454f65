"""Images decoded for cropping, each at a few fixed scales."""

from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageFilter
from torch import Tensor

from ganstyle.images.resize import Limit, enlarged
from ganstyle.images.tensors import read_image, to_tensor

SCALES = (1.0, 0.8, 0.63)
"""Scales of each image that crops are cut from. Resizing each crop took half of a step's time."""

_SMOOTH_AT = 4 / 3
"""Size for the median filter, relative to the final one, at which it would erase thin lines."""

Pyramid = tuple[Tensor, ...]
"""An image at every scale that a crop fits into: uint8 (H, W, C), ready to be cropped."""

Load = Callable[[Path], Pyramid]
"""Decodes an image."""


def image_loader(*, short_side: int, crop: int, smooth: int = 1, zoom: float = 1) -> Load:
    """Decoder of an image into SCALES of it; one smaller than the crop is enlarged to it.

    Larger images are reduced to short_side first, then all are enlarged by zoom. A median filter
    of `smooth` pixels, applied before the last reduction or after enlargement, removes grain but
    keeps outlines. The decoder raises ImageError.
    """

    def smoothed(image: Image.Image) -> Image.Image:
        return image.filter(ImageFilter.MedianFilter(smooth)) if smooth > 1 else image

    def load(path: Path) -> Pyramid:
        if zoom > 1:
            return pyramid(smoothed(enlarged(read_image(path, short_side=short_side), zoom)), crop)
        above = _SMOOTH_AT if smooth > 1 else 1
        image = smoothed(read_image(path, short_side=round(short_side * above)))
        return pyramid(Limit(shorter=short_side).reduce(image), crop)

    return load


def pyramid(image: Image.Image, crop: int) -> Pyramid:
    """An image at all SCALES that a crop fits into; enlarged if there are none."""
    short = min(image.size)
    if short < crop:
        sides = [max(crop, round(side * crop / short)) for side in image.size]
        return (to_tensor(image.resize((sides[0], sides[1]), Image.Resampling.BICUBIC)),)
    levels = []
    for scale in SCALES:
        size = (round(image.width * scale), round(image.height * scale))
        if min(size) >= crop:
            level = image if scale == 1 else image.resize(size, Image.Resampling.LANCZOS)
            levels.append(to_tensor(level))
    return tuple(levels)
