"""Finishing: the canvas enlarged to its full size, faces laid in, the content image mixed in."""

from dataclasses import dataclass
from math import ceil

from PIL import Image, ImageChops, ImageFilter

from ganstyle.config import Dials
from ganstyle.images.color import keep_chroma
from ganstyle.images.resize import Size, sized
from ganstyle.painting.content import Content
from ganstyle.painting.masks import soft_ellipse

_FACE = (0.22, 0.12, 0.78, 0.86)
"""Ellipse in the square around a face that is laid in whole: left, top, right and bottom as shares
of the square's sides."""

_FEATHER = 0.06
"""Breadth of the seam around the ellipse, as a share of the square's shorter side."""

_SHARP_RADIUS, _SHARPENING = 1.2, 130
"""Radius of the unsharp mask, px of the canvas, and its strength, in percent per unit that the
canvas is enlarged beyond 1: an enlarged canvas looks out of focus, as no paint does."""


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
        size = face.content.size
        image.paste(_at_full_size(canvas, size), face.corner, _face_mask(size))
    if original and dials.keep_color:
        image = keep_chroma(image, original)
    if original and dials.strength < 1:
        image = Image.blend(original, image, dials.strength)
    return image


def _at_full_size(canvas: Image.Image, size: Size) -> Image.Image:
    """The canvas in the size of the image, with strokes as sharp as they were painted."""
    zoom = (size[0] * size[1] / (canvas.width * canvas.height)) ** 0.5
    if zoom > 1:  # sharpened before it is enlarged, as those are fewer pixels
        percent = round(_SHARPENING * min(1.0, zoom - 1))
        canvas = canvas.filter(ImageFilter.UnsharpMask(_SHARP_RADIUS, percent, threshold=0))
    return sized(canvas, size)


def _face_mask(size: Size) -> Image.Image:
    """Mask (L) by which the painting of a face is laid in: a soft ellipse, 0 at the edges."""
    width, height = size
    left, top, right, bottom = _FACE
    feather = _FEATHER * min(size)
    mask = soft_ellipse(size, (left * width, top * height, right * width, bottom * height), feather)
    return ImageChops.multiply(mask, _frame(size, feather))


def _frame(size: Size, margin: float) -> Image.Image:
    inner = ceil(margin)
    frame = Image.new("L", size)
    frame.paste(255, (inner, inner, max(inner, size[0] - inner), max(inner, size[1] - inner)))
    return frame.filter(ImageFilter.BoxBlur(margin / 2))
