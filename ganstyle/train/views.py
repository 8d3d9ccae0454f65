"""How the players of a training look at pictures: cut, resized, side by side."""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

JITTER = 16
"""Pixels by which the view of the discriminators is smaller than the generated crop."""

VIEWS = (0.75, 1.0)
"""Sizes, relative to the crop, at which the eyes look at pictures, drawn afresh each step."""

PIXEL_GAIN = 4.0
"""Factor that brings the deviation of colours in [0, 1] near that of normalised features."""


def jitter(fake: Tensor, photo: Tensor, style: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Cut all at the same random place, JITTER pixels smaller.

    The eyes and the generator both work on grids; were these always aligned, the generator would
    be paid for patterns in step with the grid, and draw them into every flat area.
    """
    H, W = (side - JITTER for side in fake.shape[-2:])
    top, left = (int(offset) for offset in torch.randint(JITTER + 1, (2,)))
    cut = [image[..., top : top + H, left : left + W] for image in (fake, photo, style)]
    return cut[0], cut[1], cut[2]


def random_view(side: int) -> int:
    """A side in VIEWS times side: fine patterns that fool the eyes at one size fail at another."""
    smallest, largest = (int(side * view) for view in VIEWS)
    return int(torch.randint(smallest, largest + 1, ()))


def resize(image: Tensor, side: int) -> Tensor:
    """Bring (B, 3, H, H) to (B, 3, side, side)."""
    if image.shape[-1] == side:
        return image
    return F.interpolate(image, size=(side, side), mode="bilinear", antialias=True)


def center_colors(image: Tensor) -> Tensor:
    """Colours around zero, with a deviation near that of normalised features."""
    return (image - 0.5) * PIXEL_GAIN


def concat_features(
    maps: Mapping[int, Tensor], source_maps: Mapping[int, Tensor] | None
) -> Mapping[int, Tensor]:
    """The features of a picture, with those of its source if there is one, along the channels."""
    if source_maps is None:
        return maps
    return {stride: torch.cat([m, source_maps[stride]], 1) for stride, m in maps.items()}


def concat_images(image: Tensor, source: Tensor | None) -> Tensor:
    """A picture and its source, if there is one: (B, 3, H, W) or (B, 6, H, W)."""
    return image if source is None else torch.cat([image, source], 1)


def facts(fake: Tensor, kept: Tensor) -> dict[str, Tensor]:
    """By how much results differ from what they are held to, and their contrast beside its."""
    return {
        "picture/change": (fake - kept).abs().mean(),
        "picture/contrast": fake.std((2, 3)).mean() / kept.std((2, 3)).mean().clamp(min=1e-3),
    }
