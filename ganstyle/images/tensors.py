"""Images as single RGB frames and as tensors, for the networks."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from ganstyle.images.alpha import split_alpha
from ganstyle.images.color import to_srgb
from ganstyle.images.picture import Frame, Picture
from ganstyle.images.read import read_picture
from ganstyle.images.resize import Size, smooth_filter
from ganstyle.images.write import format_of, write_picture

_BAND_PIXELS, _LEAST_ROWS = 2**19, 32
"""Pixels of a band of images, and least rows of it."""


def read_image(path: Path, *, short_side: int | None = None) -> Image.Image:
    """The first frame of the image at path as upright RGB of 8 bits in sRGB.

    Transparent parts get the colours around them. With short_side, a larger image is reduced to
    that shorter side in pixels. Raises ImageError, naming the file and the reason.
    """
    return read_picture(path, shorter_side=short_side, first_only=True).frames[0].image


def to_rgb(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """An image of any mode as 8-bit RGB in sRGB, and its alpha channel (L), None if opaque."""
    return split_alpha(to_srgb(image)[0])


def write_image(image: Image.Image, path: Path) -> None:
    """Write image to path in the format of its extension; a whole file replaces path at once.

    JPEG and WebP get quality 95, JPEG without chroma subsampling. Raises ImageError.
    """
    write_picture(Picture((Frame(*to_rgb(image)),)), path, format_of(path))


def to_tensor(image: Image.Image) -> Tensor:
    """Pixels of an RGB image: uint8 (H, W, 3)."""
    return torch.from_numpy(np.array(image, dtype=np.uint8))


def to_pixels(images: Sequence[Image.Image]) -> Tensor:
    """Pixels of RGB images of equal size: uint8 (B, H, W, 3)."""
    return torch.stack([to_tensor(image) for image in images])


def to_batch(images: Sequence[Image.Image], device: torch.device | str = "cpu") -> Tensor:
    """RGB images of equal size as float32 (B, 3, H, W) in [0, 1] on device."""
    return scaled(to_pixels(images), device)


def scaled(pixels: Tensor, device: torch.device | str = "cpu") -> Tensor:
    """uint8 (B, H, W, 3) as float32 (B, 3, H, W) in [0, 1] on device, channels last in memory."""
    # Moved as uint8, which is a quarter of the data.
    return pixels.to(device).permute(0, 3, 1, 2).float().div_(255)


def rounded(batch: Tensor) -> Tensor:
    """(B, 3, H, W) in [0, 1] as uint8 (B, H, W, 3) on the CPU; values outside are clamped."""
    return to_bytes(batch.mul(255)).permute(0, 2, 3, 1).contiguous().cpu()


def to_bytes(values: Tensor) -> Tensor:
    """Values, which are overwritten, rounded to whole numbers from 0 to 255: uint8 of any shape."""
    return unsigned(values.sub_(128).round_().clamp_(-128, 127).to(torch.int8))


def unsigned(values: Tensor) -> Tensor:
    """Values of int8 plus 128, as uint8 in the same memory; of any shape.

    Floats are converted to uint8 via int8, because torch does not vectorize the direct conversion.
    """
    return values.view(torch.uint8).bitwise_xor_(128)


def to_images(batch: Tensor) -> list[Image.Image]:
    """RGB images of (B, 3, H, W) in [0, 1], rounded to 8 bits; values outside are clamped."""
    return from_pixels(rounded(batch))


def from_pixels(pixels: Tensor) -> list[Image.Image]:
    """RGB images of uint8 (B, H, W, 3)."""
    return [Image.fromarray(each) for each in pixels.numpy()]


def resized_pixels(pixels: Tensor, size: Size) -> Tensor:
    """Images resized by smooth_filter(): uint8 (B, H, W, 3) to the same.

    size: width and height. Like Pillow's resizing, in a quarter of the time.
    """
    height, width = pixels.shape[1:3]
    if (width, height) == size:
        return pixels
    mode = smooth_filter((width, height), size)
    planes = pixels.permute(0, 3, 1, 2)
    new = F.interpolate(planes, size=(size[1], size[0]), mode=mode, antialias=True)
    return new.permute(0, 2, 3, 1).contiguous()


def framed(images: Tensor, margin: int = 1, dtype: torch.dtype = torch.uint8) -> Tensor:
    """Images (B, H, W, C) whose edges are continued by `margin` pixels on each side, in dtype."""
    B, H, W, C = images.shape
    wider = torch.empty(B, H + 2 * margin, W + 2 * margin, C, dtype=dtype)
    first, below, right = margin, H + margin, W + margin
    wider[:, first:below, first:right] = images
    if margin:
        wider[:, :first], wider[:, below:] = (
            wider[:, first : first + 1],
            wider[:, below - 1 : below],
        )
        wider[:, :, :first] = wider[:, :, first : first + 1]
        wider[:, :, right:] = wider[:, :, right - 1 : right]
    return wider


def bands(size: Size, count: int, margin: int) -> Iterator[tuple[range, range]]:
    """Rows of the bands into which `count` images of that size are cut, without and with a margin.

    In one piece, what filters an image of 100 megapixels in float32 would take gigabytes.
    """
    width, height = size
    step = max(_LEAST_ROWS, _BAND_PIXELS // (width * count))
    for top in range(0, height, step):
        bottom = min(top + step, height)
        yield range(top, bottom), range(max(0, top - margin), min(bottom + margin, height))
