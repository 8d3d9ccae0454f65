"""Transparency: hidden pixels are not content, so they are filled in for the network."""

from PIL import Image


def split_alpha(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """RGB and the alpha channel (L) of an RGB or RGBA image; None where every pixel is opaque.

    Transparent pixels get the colours around them: editors leave arbitrary values there, mostly
    black, and the network would paint an outline along the edge.
    """
    if image.mode == "RGB":
        return image, None
    alpha = image.getchannel("A")
    if alpha.getextrema()[0] == 255:
        return image.convert("RGB"), None
    return _fill(image), alpha


def on_paper(image: Image.Image, alpha: Image.Image | None) -> Image.Image:
    """An RGB image with an alpha channel (L), laid on white paper."""
    if alpha is None:
        return image
    return Image.composite(image, Image.new("RGB", image.size, "white"), alpha)


def _fill(image: Image.Image) -> Image.Image:
    """Fill by push-pull (Gortler et al. 1996, section 3.2.1): RGBA to RGB.

    Averages weighted by alpha are taken over ever larger areas. Then, from the largest areas down,
    each level is laid over the enlarged one before it.
    """
    levels = [image]
    while max(levels[-1].size) > 1:
        coarse = levels[-1].reduce(2)  # Pillow weights by alpha
        # Near colours first: a quarter of opaque pixels is enough to represent an area.
        coarse.putalpha(coarse.getchannel("A").point(lambda alpha: min(255, 4 * alpha)))
        levels.append(coarse)
    filled = levels.pop()
    filled.putalpha(255)
    while levels:
        level = levels.pop()
        filled = Image.alpha_composite(filled.resize(level.size, Image.Resampling.BILINEAR), level)
    return filled.convert("RGB")
