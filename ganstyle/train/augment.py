"""Changes between the images and the players: what is augmented, cut, resized and put together."""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

_SHIFT = 0.125
"""Largest shift, relative to the side."""

_HOLE = 0.5
"""Side of the square that is cut out, relative to the image's."""

JITTER = 16
"""Pixels by which the discriminators see less than the generated crop."""

VIEWS = (0.75, 1.0)
"""Sizes, relative to the crop, at which features are extracted, drawn afresh each step."""

PIXEL_GAIN = 4.0
"""Factor that brings the deviation of colours in [0, 1] near that of normalised features."""


def augment(images: Tensor, probability: float, draws: Tensor) -> Tensor:
    """Change light and colour, shift, and cut a square out, each with `probability`, by image.

    DiffAugment (Zhao et al. 2020), with a probability as in StyleGAN2-ADA (Karras et al. 2020):
    below about 0.8 the generator does not learn the changes themselves. Gradients pass through.
    images: (B, 3 * N, H, W) in [0, 1], N images that belong together and are changed alike.
    draws: (B, 9) uniform in [0, 1], see draw_uniform. Returns the same shape, about [0, 1].
    """
    if probability == 0:
        return images
    chosen = (draws[:, :3] < probability).float()  # (B, 3)
    light, saturation, x, y, hole_x, hole_y = (draws[:, i] for i in range(3, 9))
    images = _recolor(images, light - 0.5, saturation, chosen[:, 0])
    images = _shift(images, (x - 0.5) * chosen[:, 1], (y - 0.5) * chosen[:, 1])
    return _cut(images, hole_x, hole_y, chosen[:, 2])


def draw_uniform(count: int, device: torch.device) -> Tensor:
    """Random numbers that augment() takes for so many images: (count, 9) uniform in [0, 1]."""
    return torch.rand(count, 9, device=device)


def _recolor(images: Tensor, light: Tensor, saturation: Tensor, chosen: Tensor) -> Tensor:
    """Add up to half of the range, and take chroma from none to twice."""
    B, C, H, W = images.shape
    stacked = images.reshape(B, C // 3, 3, H, W)
    gray = stacked.mean(2, keepdim=True)
    changed = gray + (stacked - gray) * _wide(2 * saturation) + _wide(light)
    return torch.where(_wide(chosen) > 0, changed, stacked).reshape(B, C, H, W)


def _shift(images: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Move each image by whole pixels; what comes in from outside is black."""
    H, W = images.shape[-2:]
    rows = torch.arange(H, device=images.device) + (2 * _SHIFT * H * y).round().long()[:, None]
    columns = torch.arange(W, device=images.device) + (2 * _SHIFT * W * x).round().long()[:, None]
    inside = _mask(rows, H)[:, None, :, None] * _mask(columns, W)[:, None, None, :]
    batch = torch.arange(len(images), device=images.device)[:, None, None]
    moved = images.permute(0, 2, 3, 1)[
        batch, rows.clamp(0, H - 1)[:, :, None], columns.clamp(0, W - 1)[:, None, :]
    ]  # (B, H, W, C)
    return moved.permute(0, 3, 1, 2) * inside


def _cut(images: Tensor, x: Tensor, y: Tensor, chosen: Tensor) -> Tensor:
    """Turn a square of each chosen image, centred anywhere in it, black."""
    H, W = images.shape[-2:]
    tall = _near(y * H, H, _HOLE * H / 2)[:, :, None]  # (B, H, 1)
    wide = _near(x * W, W, _HOLE * W / 2)[:, None, :]  # (B, 1, W)
    hole = (tall * wide)[:, None] * chosen[:, None, None, None]  # (B, 1, H, W)
    return images * (1 - hole)


def _near(centres: Tensor, side: int, reach: float) -> Tensor:
    places = torch.arange(side, device=centres.device) + 0.5
    return ((places - centres[:, None]).abs() < reach).float()  # (B, side)


def _mask(places: Tensor, side: int) -> Tensor:
    return ((places >= 0) & (places < side)).float()


def _wide(values: Tensor) -> Tensor:
    return values[:, None, None, None, None]


def jitter(fake: Tensor, content: Tensor, style: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Cut all at the same random place, JITTER pixels smaller.

    The feature extractor and the generator both work on grids; were these always aligned, the
    generator would be paid for patterns in step with the grid, and draw them into every flat area.
    """
    H, W = (side - JITTER for side in fake.shape[-2:])
    top, left = (int(offset) for offset in torch.randint(JITTER + 1, (2,)))
    cut = [image[..., top : top + H, left : left + W] for image in (fake, content, style)]
    return cut[0], cut[1], cut[2]


def random_view(side: int) -> int:
    """A side in VIEWS times side: fine patterns that fool the extractor at one fail at another."""
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
    """Features of an image, and those of its source if there is one, along the channels."""
    if source_maps is None:
        return maps
    return {stride: torch.cat([m, source_maps[stride]], 1) for stride, m in maps.items()}


def concat_images(image: Tensor, source: Tensor | None) -> Tensor:
    """Image and its source, if there is one: (B, 3, H, W) or (B, 6, H, W)."""
    return image if source is None else torch.cat([image, source], 1)


def image_statistics(fake: Tensor, target: Tensor) -> dict[str, Tensor]:
    """Difference of results and what they are held to, and their contrast relative to its."""
    return {
        "picture/change": (fake - target).abs().mean(),
        "picture/contrast": fake.std((2, 3)).mean() / target.std((2, 3)).mean().clamp(min=1e-3),
    }
