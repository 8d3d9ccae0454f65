"""What makes pictures harder to learn by heart: changes that real and generated ones share."""

import torch
from torch import Tensor

_SHIFT = 0.125
"""Largest shift, relative to the side."""

_HOLE = 0.5
"""Side of the square that is cut out, relative to the picture's."""


def augment(images: Tensor, probability: float, chances: Tensor) -> Tensor:
    """Change light and colour, shift, and cut a square out, each with `probability`, by picture.

    DiffAugment (Zhao et al. 2020), with a probability as in StyleGAN2-ADA (Karras et al. 2020):
    below about 0.8 the generator does not learn the changes themselves. Gradients pass through.
    images: (B, 3 * N, H, W) in [0, 1], N pictures that belong together and are changed alike.
    chances: (B, 9) uniform in [0, 1], see draw_chances. Returns the same shape, about [0, 1].
    """
    if probability == 0:
        return images
    chosen = (chances[:, :3] < probability).float()  # (B, 3)
    light, saturation, x, y, hole_x, hole_y = (chances[:, i] for i in range(3, 9))
    images = _recolor(images, light - 0.5, saturation, chosen[:, 0])
    images = _shift(images, (x - 0.5) * chosen[:, 1], (y - 0.5) * chosen[:, 1])
    return _cut(images, hole_x, hole_y, chosen[:, 2])


def draw_chances(count: int, device: torch.device) -> Tensor:
    """What augment() needs for so many pictures: (count, 9) uniform in [0, 1]."""
    return torch.rand(count, 9, device=device)


def _recolor(images: Tensor, light: Tensor, saturation: Tensor, chosen: Tensor) -> Tensor:
    """Add up to half of the range, and take chroma from none to twice."""
    B, C, H, W = images.shape
    pictures = images.reshape(B, C // 3, 3, H, W)
    gray = pictures.mean(2, keepdim=True)
    changed = gray + (pictures - gray) * _wide(2 * saturation) + _wide(light)
    return torch.where(_wide(chosen) > 0, changed, pictures).reshape(B, C, H, W)


def _shift(images: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Move each picture by whole pixels; what comes in from outside is black."""
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
    """Turn a square of each chosen picture, centred anywhere in it, black."""
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
