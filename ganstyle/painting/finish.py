"""Finishing: the canvas enlarged to its full size, faces laid in, the content image mixed in."""

from dataclasses import dataclass
from math import ceil

import torch
from PIL import Image, ImageChops, ImageFilter
from torch import Tensor

from ganstyle.config import Dials
from ganstyle.images.color import keep_chroma
from ganstyle.images.resize import Size
from ganstyle.images.tensors import bands, framed, from_pixels, resized_pixels, to_bytes, to_pixels
from ganstyle.painting.content import Content, Face
from ganstyle.painting.masks import soft_ellipse

_FACE = (1.1, 1.24)
"""Width and height of the ellipse that is laid in around the middle of a face, in heights of it."""

_FEATHER = 0.08
"""Breadth of the seam around the ellipse, in heights of the face."""

SHARP, SHARP_FROM = 4.0, 2.0
"""How much sharper an enlarged canvas becomes, as it would look out of focus, which no paint does;
and the enlargement from which it becomes so in full."""

_HALF = 8 * 255
"""Half of what _blurred() gives for white."""


@dataclass(frozen=True)
class Painting:
    """Canvases of a content image: its own, and those of the faces that are laid into it."""

    canvas: Image.Image
    faces: tuple[Image.Image, ...] = ()


def finished(content: Content, painting: Painting, dials: Dials) -> Image.Image:
    """The stylized image: the canvases of a content image, as the dials finish them."""
    original = content.original
    if original and dials.strength == 0:
        return original
    image = _at_full_size(painting.canvas, content.size)
    for face, canvas in zip(content.faces, painting.faces, strict=True):
        image = image.copy() if image is painting.canvas else image
        whole = _at_full_size(canvas, face.content.size)
        image.paste(whole, face.corner, _face_mask(face))
    if original and dials.keep_color:
        image = keep_chroma(image, original)
    if original and dials.strength < 1:
        image = Image.blend(original, image, dials.strength)
    return image


def _at_full_size(canvas: Image.Image, size: Size) -> Image.Image:
    """The canvas in the size of the image, with strokes as sharp as they were painted."""
    if canvas.size == size:
        return canvas
    zoom = (size[0] * size[1] / (canvas.width * canvas.height)) ** 0.5
    pixels = to_pixels([canvas])
    if zoom > 1:  # sharpened before it is enlarged, as those are fewer pixels
        pixels = _sharpened(pixels, min(1.0, (zoom - 1) / (SHARP_FROM - 1)))
    return from_pixels(resized_pixels(pixels, size))[0]


def _sharpened(pixels: Tensor, amount: float) -> Tensor:
    """Pixels, uint8 (1, H, W, 3), with sharper strokes and without the finest texture.

    What the network paints from pixel to pixel is a weave of its own, not the brush's. A blur in
    which a checkerboard of pixels vanishes takes it out, and SHARP times what a second blur would
    take is added. amount: from 0, which changes nothing, to 1. The edges are repeated beyond.
    """
    result = torch.empty_like(pixels)
    for rows, outer in bands((pixels.shape[2], pixels.shape[1]), 1, 2):
        band = pixels[:, outer.start : outer.stop]
        once = _blurred(framed(band, 2, torch.int16))
        twice = _blurred(once - _HALF) + 16.0 * _HALF  # 16 bits are enough for it this way
        once = once[:, 1:-1, 1:-1]
        sharp = band.float().mul_(1 - amount).add_(once, alpha=amount * (1 + SHARP) / 16)
        sharp = sharp.sub_(twice, alpha=amount * SHARP / 256)
        first = rows.start - outer.start
        result[:, rows.start : rows.stop] = to_bytes(sharp[:, first : first + len(rows)])
    return result


def _blurred(pixels: Tensor) -> Tensor:
    """Pixels blurred by 1, 2, 1 along both axes: int16 (1, H, W, C) to 16ths, (1, H-2, W-2, C)."""
    rows = pixels[:, :-2] + pixels[:, 2:]
    rows += pixels[:, 1:-1]
    rows += pixels[:, 1:-1]
    columns = rows[:, :, :-2] + rows[:, :, 2:]
    columns += rows[:, :, 1:-1]
    columns += rows[:, :, 1:-1]
    return columns


def _face_mask(face: Face) -> Image.Image:
    """Mask (L) by which the painting of a face is laid in: a soft ellipse, 0 at the edges."""
    left, top, width, height = face.box
    across, down = (share * height / 2 for share in _FACE)
    x, y, feather = left + width / 2, top + height / 2, _FEATHER * height
    mask = soft_ellipse(face.content.size, (x - across, y - down, x + across, y + down), feather)
    return ImageChops.multiply(mask, _frame(face.content.size, feather))


def _frame(size: Size, margin: float) -> Image.Image:
    inner = ceil(margin)
    frame = Image.new("L", size)
    frame.paste(255, (inner, inner, max(inner, size[0] - inner), max(inner, size[1] - inner)))
    return frame.filter(ImageFilter.BoxBlur(margin / 2))
