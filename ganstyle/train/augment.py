"""Augmentation, cropping and resizing of the images that the networks see."""

import torch
import torch.nn.functional as F
from torch import Tensor

from ganstyle.train.step_batch import StepBatch
from ganstyle.train.step_rng import StepRng

_SHIFT = 0.125
"""Largest shift, relative to the side."""

_HOLE = 0.5
"""Side of the square that is cut out, relative to that of the image."""

JITTER, EDGE = 16, 4
"""Pixels by which the discriminators' view is smaller than the generated crop, and pixels along its
edges that they never see, because the generator lacks context there."""

VIEWS = (0.75, 1.0)
"""Range of the sizes, relative to the crop, at which features are extracted."""

_GREY_LEVEL = 1 / 255
"""Standard deviation that counts as none."""

UNIFORMS = 9
"""Random numbers that augment() needs per image."""


def augment(images: Tensor, probability: float, uniforms: Tensor) -> Tensor:
    """Change light and colour, shift, and cut out a square, each with `probability`, per image.

    DiffAugment (Zhao et al. 2020), with a probability as in StyleGAN2-ADA (Karras et al. 2020):
    below about 0.8 the generator does not learn the changes themselves. Gradients pass through.
    images: (B, 3 * N, H, W) in [0, 1], N images that belong together and are changed alike.
    uniforms: (B, UNIFORMS) in [0, 1). Returns the same shape, about [0, 1].
    """
    if probability == 0:
        return images
    chosen = (uniforms[:, :3] < probability).float()  # (B, 3)
    light, saturation, x, y, hole_x, hole_y = (uniforms[:, i] for i in range(3, 9))
    images = _recolor(images, light - 0.5, saturation, chosen[:, 0])
    images = _shift(images, (x - 0.5) * chosen[:, 1], (y - 0.5) * chosen[:, 1])
    return _cut(images, hole_x, hole_y, chosen[:, 2])


def _recolor(images: Tensor, light: Tensor, saturation: Tensor, chosen: Tensor) -> Tensor:
    """Shift brightness by up to half of the range, and scale chroma by 0 to 2."""
    B, C, H, W = images.shape
    stacked = images.reshape(B, C // 3, 3, H, W)
    gray = stacked.mean(2, keepdim=True)
    changed = gray + (stacked - gray) * _wide(2 * saturation) + _wide(light)
    return torch.where(_wide(chosen) > 0, changed, stacked).reshape(B, C, H, W)


def _shift(images: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Shift each image by whole pixels; the uncovered border is black."""
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
    """Blacken a square of each chosen image, centred anywhere in it."""
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


def random_window(side: int, rng: StepRng) -> tuple[slice, slice]:
    """Rows and columns of a random square, JITTER pixels smaller, off the edges of a crop.

    Feature extractor and generator both work on grids. If these were always aligned, patterns in
    step with the grid would be rewarded, and would appear in every flat area.
    """
    top, left = (rng.integer(EDGE, JITTER - EDGE + 1) for _ in range(2))
    return slice(top, top + side - JITTER), slice(left, left + side - JITTER)


def random_view(side: int, rng: StepRng) -> int:
    """A side in VIEWS times side: fine patterns that fool the extractor at one fail at another."""
    smallest, largest = (int(side * view) for view in VIEWS)
    return rng.integer(smallest, largest + 1)


def resize(image: Tensor, side: int) -> Tensor:
    """Bring (B, 3, H, H) to (B, 3, side, side)."""
    if image.shape[-1] == side:
        return image
    return F.interpolate(image, size=(side, side), mode="bilinear", antialias=True)


def image_statistics(batch: StepBatch) -> dict[str, Tensor]:
    """Contrast of results relative to that of their sources or targets, whichever is less.

    A draft of pure texture is flat, so its result may be flat too; 0 / 0 counts as 1.
    """
    fake, *others = (
        images.detach().std((2, 3)).mean() + _GREY_LEVEL
        for images in (batch.fake, batch.source, batch.target)
    )
    return {"picture/contrast": fake / torch.minimum(*others)}
