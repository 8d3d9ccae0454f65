"""The tone of a painting: its colours, averaged over areas larger than a stroke.

A generator that plays against paintings is paid for skin and skies in the paintings' average
colour, as no two photos are alike. What it draws within an area is its own, the mean is the
content image's.
"""

from collections.abc import Sequence

import torch
from PIL import Image, ImageChops

from ganstyle.images.tensors import to_batch, to_images
from ganstyle.models.palette import PaletteTransfer


@torch.inference_mode()
def match_tone(
    canvases: Sequence[Image.Image],
    contents: Sequence[Image.Image],
    cell: float,
    palette: PaletteTransfer | None,
) -> list[Image.Image]:
    """Canvases of equal size with the tone of their content images, which may be reduced ones.

    cell: side of the areas on a canvas, px. palette: by which content images are recoloured first.
    """
    width, height = canvases[0].size
    cells = max(1, round(width / cell)), max(1, round(height / cell))
    wanted = to_batch([_means(content, cells) for content in contents])  # (B, 3, rows, columns)
    if palette:
        wanted = palette(wanted)
    difference = wanted - to_batch([_means(canvas, cells) for canvas in canvases])
    # Parted by sign, for images of 8 bits have none: a third of the memory of floats.
    lighter, darker = to_images(difference), to_images(-difference)
    return [
        _shifted(*images, width, height) for images in zip(canvases, lighter, darker, strict=True)
    ]


def _means(image: Image.Image, cells: tuple[int, int]) -> Image.Image:
    """Means over overlapping windows, so that no cell shows."""
    return image.resize(cells, Image.Resampling.BILINEAR)


def _shifted(
    canvas: Image.Image, lighter: Image.Image, darker: Image.Image, width: int, height: int
) -> Image.Image:
    size, kind = (width, height), Image.Resampling.BICUBIC
    canvas = ImageChops.add(canvas, lighter.resize(size, kind))
    return ImageChops.subtract(canvas, darker.resize(size, kind))
