"""Images as the networks take them: one RGB frame, and tensors."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ganstyle.images.alpha import split_alpha
from ganstyle.images.color import to_srgb
from ganstyle.images.read import Frame, Picture, read_picture
from ganstyle.images.write import format_of, write_picture


def read_image(path: Path, *, short_side: int | None = None) -> Image.Image:
    """The first frame of the image at path as upright RGB of 8 bits in sRGB.

    Transparent parts continue the colours around them. With short_side, a larger image is
    reduced to that shorter side in pixels. Raises ImageError, naming the file and the reason.
    """
    return read_picture(path, shorter_side=short_side, first_only=True).frames[0].image


def to_rgb(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """An image of any mode as 8-bit RGB in sRGB, and its alpha channel (L), None if opaque."""
    return split_alpha(to_srgb(image)[0])


def write_image(image: Image.Image, path: Path) -> None:
    """Write image to path in the format of its ending, replacing path only when it is whole.

    JPEG and WebP get quality 95, JPEG without chroma subsampling. Raises ImageError.
    """
    write_picture(Picture((Frame(*to_rgb(image)),)), path, format_of(path))


def to_tensor(image: Image.Image) -> Tensor:
    """Pixels of an RGB image: uint8 (H, W, 3)."""
    return torch.from_numpy(np.array(image, dtype=np.uint8))


def to_batch(images: Sequence[Image.Image], device: torch.device | str = "cpu") -> Tensor:
    """RGB images of equal size as float32 (B, 3, H, W) in [0, 1] on device."""
    return scaled(torch.stack([to_tensor(image) for image in images]), device)


def scaled(pixels: Tensor, device: torch.device | str = "cpu") -> Tensor:
    """uint8 (B, H, W, 3) as float32 (B, 3, H, W) in [0, 1] on device, channels last in memory."""
    # Moved as uint8: a quarter of the copying.
    return pixels.to(device).permute(0, 3, 1, 2).float().div_(255)


def rounded(batch: Tensor) -> Tensor:
    """(B, 3, H, W) in [0, 1] as uint8 (B, H, W, 3) on the CPU; values outside are clamped."""
    pixels = batch.mul(255).round_().clamp_(0, 255).to(torch.uint8)
    return pixels.permute(0, 2, 3, 1).contiguous().cpu()


def to_images(batch: Tensor) -> list[Image.Image]:
    """RGB images of (B, 3, H, W) in [0, 1], rounded to 8 bits; values outside are clamped."""
    return [Image.fromarray(pixels) for pixels in rounded(batch).numpy()]
