"""The tone of a painting: its colours, averaged over areas larger than a stroke.

A generator that plays against paintings is paid for skin and skies in the paintings' average
colour, as no two photos are alike. What it draws within an area is its own, the mean is the
content image's.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from PIL import Image, ImageChops
from torch import Tensor

from ganstyle.images.tensors import to_batch, to_images
from ganstyle.models.palette import PaletteTransfer
from ganstyle.sources.abstraction import square_means

_CELLS = 4
"""Pixels of the reduced images along the side of an area: as exact are the edges between areas."""

_EDGE = 0.01
"""Variance of light in [0, 1] within an area from which its parts have tones of their own: the
white of a tower must not shine into the sky beside it."""

_STRIP_PIXELS = 2**20
"""Pixels of a canvas that are changed at once."""


@torch.inference_mode()
def match_tone(
    canvases: list[Image.Image],
    contents: Sequence[Image.Image],
    area: float,
    palette: PaletteTransfer | None,
    amount: float = 1.0,
) -> list[Image.Image]:
    """Canvases of equal size with the tone of their content images, which may be reduced ones.

    They take the places of the canvases in their list, for each large image fills much memory.
    area: side of the areas on a canvas, px. palette: by which content images are recoloured first.
    amount: how far the canvas goes to that tone, 0 to 1.
    """
    size = canvases[0].size
    width, height = (max(1, round(_CELLS * side / area)) for side in size)
    wanted = _reduced(contents, width, height)
    if palette:
        wanted = palette(wanted)
    change = amount * _averaged(wanted - _reduced(canvases, width, height), wanted)
    # Parted by sign, for images of 8 bits have none: a third of the memory of floats.
    lighter, darker = to_images(change), to_images(-change)
    for index, (more, less) in enumerate(zip(lighter, darker, strict=True)):
        canvases[index] = _changed(canvases[index], more, less)
    return canvases


def _changed(canvas: Image.Image, lighter: Image.Image, darker: Image.Image) -> Image.Image:
    """A canvas with one reduced image added and another subtracted.

    Pillow enlarges along the rows first and then each column by itself, so that upright strips,
    which take little memory, have the same pixels as the whole.
    """
    changed = Image.new("RGB", canvas.size)
    kind = Image.Resampling.BICUBIC
    more, less = (image.resize((canvas.width, image.height), kind) for image in (lighter, darker))
    step = max(1, _STRIP_PIXELS // canvas.height)
    for left in range(0, canvas.width, step):
        right = min(left + step, canvas.width)
        strip = canvas.crop((left, 0, right, canvas.height))
        for change, operation in ((more, ImageChops.add), (less, ImageChops.subtract)):
            part = change.crop((left, 0, right, change.height))
            strip = operation(strip, part.resize(strip.size, kind))
        changed.paste(strip, (left, 0))
    return changed


def _reduced(images: Sequence[Image.Image], width: int, height: int) -> Tensor:
    kind = Image.Resampling.BILINEAR
    return to_batch([image.resize((width, height), kind) for image in images])


def _averaged(change: Tensor, content: Tensor) -> Tensor:
    """Means of the change over areas that end at the edges of the content image.

    A guided filter (He et al. 2010): in each area a linear function of the content's light.
    Both (B, 3, H, W); returns the same.
    """
    light = content.mean(1, keepdim=True)
    mean_light, mean_change = _box_mean(light), _box_mean(change)
    variance = _box_mean(light.square()) - mean_light.square()
    slope = (_box_mean(light * change) - mean_light * mean_change) / (variance + _EDGE)
    return _box_mean(slope) * light + _box_mean(mean_change - slope * mean_light)


def _box_mean(x: Tensor) -> Tensor:
    reach = _CELLS // 2
    return square_means(F.pad(x.contiguous(), (reach,) * 4, mode="replicate"), 2 * reach + 1)
