"""Transfer of the palette of a style to the colours of content images."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class PaletteTransfer(nn.Module):
    """Linear map of colours that gives all content images the style's mean and covariance.

    Of all such maps it is the one that moves colours least (Monge-Kantorovich; Pitie & Kokaram
    2007, eq. 9). It is one map for the folder, not one an image: a sea stays bluer than a meadow,
    and a gray sky turns to paper. The identity until it is fitted.
    """

    matrix: Tensor
    offset: Tensor

    def __init__(self) -> None:
        super().__init__()
        # Not torch.eye: on the meta device it imports torch._dynamo and sympy, over a second.
        self.register_buffer("matrix", torch.zeros(3, 3).fill_diagonal_(1))
        self.register_buffer("offset", torch.zeros(3))

    def fit(self, content: Tensor, style: Tensor, fraction: float = 1.0) -> None:
        """Learn the map from samples of both folders, (B, 3, H, W) in [0, 1] each.

        fraction: how far from the identity to that map, 0 to 1.
        """
        mean_content, covariance_content = _moments(content)
        mean_style, covariance_style = _moments(style)
        root, inverse = _roots(covariance_content)
        middle, _ = _roots(root @ covariance_style @ root)
        matrix = inverse @ middle @ inverse
        self.matrix.copy_(torch.lerp(torch.eye(3).to(matrix), matrix, fraction))
        self.offset.copy_(fraction * (mean_style - matrix @ mean_content))

    def forward(self, content: Tensor) -> Tensor:
        """Recolor (B, 3, H, W) in [0, 1] to the same, in the palette of the style."""
        matrix, offset = self.matrix.to(content.dtype), self.offset.to(content.dtype)
        with torch.autocast(content.device.type, enabled=False):  # all bits of the image count
            colors = F.linear(content.permute(0, 2, 3, 1), matrix, offset)  # (B, H, W, 3)
        return colors.clamp(0, 1).permute(0, 3, 1, 2)


def _moments(images: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (3,) and covariance (3, 3) of the colours of (B, 3, H, W), in float64."""
    colors = images.double().transpose(0, 1).flatten(1)  # (3, B * H * W)
    return colors.mean(1), torch.cov(colors)


def _roots(covariance: Tensor) -> tuple[Tensor, Tensor]:
    """Square root of a symmetric positive matrix, and the inverse of the root."""
    values, vectors = torch.linalg.eigh(covariance)
    roots = values.clamp(min=1e-6).sqrt()  # a folder without any colour has values of zero
    return vectors * roots @ vectors.mT, vectors / roots @ vectors.mT
