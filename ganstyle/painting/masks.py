"""Masks with soft borders, by which one image is laid into another."""

from PIL import Image, ImageDraw, ImageFilter

from ganstyle.images.resize import Size


def soft_ellipse(size: Size, box: tuple[float, float, float, float], feather: float) -> Image.Image:
    """Mask (L) of an image of that size, 255 within an ellipse, 0 far from it.

    box: left, top, right and bottom of the ellipse, px. feather: deviation of its blur, px.
    """
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).ellipse(box, fill=255)
    return mask.filter(ImageFilter.GaussianBlur(feather))
