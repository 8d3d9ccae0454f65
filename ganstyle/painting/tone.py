"""The tone of a painting: its colours, averaged over areas larger than a stroke.

A generator that plays against paintings is paid for skin and skies in the paintings' average
colour, as no two photos are alike. What it draws within an area is its own, the mean is the
content image's.
"""

from collections.abc import Sequence
from functools import lru_cache

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from ganstyle.images.tensors import resized, scaled, to_bytes, to_pixels
from ganstyle.models.palette import PaletteTransfer
from ganstyle.sources.abstraction import square_means

_CELLS = 4
"""Pixels of the reduced images along the side of an area: as exact are the edges between areas."""

_EDGE = 0.01
"""Variance of light in [0, 1] within an area from which its parts have tones of their own: the
white of a tower must not shine into the sky beside it."""

_STRIP_PIXELS = 2**18
"""Pixels of a canvas that are changed at once: as floats they should stay in a CPU's cache."""


@torch.inference_mode()
def match_tone(
    canvases: Tensor,
    contents: Sequence[Image.Image],
    area: float,
    palette: PaletteTransfer | None,
    amount: float = 1.0,
) -> None:
    """Give canvases, uint8 (B, H, W, 3), the tone of their content images, in place.

    contents: of equal size, which may be reduced ones. area: side of the areas on a canvas, px.
    palette: by which content images are recoloured first. amount: how far the canvas goes to that
    tone, 0 to 1.
    """
    height, width = (max(1, round(_CELLS * side / area)) for side in canvases.shape[1:3])
    wanted = scaled(resized(to_pixels(contents), (width, height)))  # (B, 3, h, w)
    if palette:
        wanted = palette(wanted)
    painted = scaled(resized(canvases, (width, height)))
    change = 255 * amount * _averaged(wanted - painted, wanted)
    for canvas, one in zip(canvases, change, strict=True):
        _add_enlarged(canvas, one)


def _add_enlarged(canvas: Tensor, change: Tensor) -> None:
    """Add a change, float32 (3, h, w), enlarged, to a canvas, uint8 (H, W, 3), in place.

    The change is so small that products with all of it are faster than an enlarging which finds
    the few that count.
    """
    H, W, _ = canvas.shape
    across = F.linear(change.transpose(0, 1), _enlarging(change.shape[2], W))  # (h, 3, W)
    across = across.transpose(1, 2).reshape(-1, W * 3)
    down, rows = _enlarging(change.shape[1], H), max(1, _STRIP_PIXELS // W)
    for top in range(0, H, rows):
        strip = canvas[top : top + rows].view(-1, W * 3)
        strip.copy_(to_bytes(torch.addmm(strip.float(), down[top : top + rows], across)))


@lru_cache(maxsize=8)
def _enlarging(few: int, many: int) -> Tensor:
    """Weights of `few` values in each of `many` between which they are enlarged: (many, few)."""
    unit = torch.eye(few)[None, None]
    return F.interpolate(unit, size=(many, few), mode="bicubic", antialias=True)[0, 0]


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
