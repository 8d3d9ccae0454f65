"""OKLab (Ottosson 2020): lightness, and two axes of colour, as the eye tells them apart."""

import torch
from torch import Tensor

TO_LMS = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
"""Linear sRGB to cone responses."""

TO_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
"""Cube roots of cone responses to OKLab."""


def to_lab(image: Tensor) -> Tensor:
    """OKLab of sRGB, (B, 3, H, W) in [0, 1] to lightness, a and b."""
    linear = torch.where(image > 0.04045, ((image + 0.055) / 1.055) ** 2.4, image / 12.92)
    cones = torch.einsum("ij,bjhw->bihw", image.new_tensor(TO_LMS), linear).clamp(min=0)
    return torch.einsum("ij,bjhw->bihw", image.new_tensor(TO_LAB), cones ** (1 / 3))


def from_lab(lab: Tensor) -> Tensor:
    """sRGB, (B, 3, H, W) in [0, 1], of OKLab; colours beyond sRGB are clamped."""
    to_roots, to_linear = (torch.linalg.inv(lab.new_tensor(m)) for m in (TO_LAB, TO_LMS))
    cones = torch.einsum("ij,bjhw->bihw", to_roots, lab) ** 3
    linear = torch.einsum("ij,bjhw->bihw", to_linear, cones).clamp(0, 1)
    curved = 1.055 * linear ** (1 / 2.4) - 0.055
    return torch.where(linear > 0.0031308, curved, linear * 12.92).clamp(0, 1)
