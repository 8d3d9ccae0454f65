"""Which colours a photo should take on in the palette of a style."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class PaletteTransfer(nn.Module):
    """The linear map that brings the colours of all photos to mean and covariance of the style's.

    Of all such maps the one that moves colours least (Monge-Kantorovich; Pitie & Kokaram 2007,
    eq. 9). It is one map for the folder, not one a picture: a sea stays bluer than a meadow, and
    a gray sky turns to paper. The identity until it is fitted.
    """

    matrix: Tensor
    offset: Tensor

    def __init__(self) -> None:
        super().__init__()
        # Not torch.eye: on the meta device it imports torch._dynamo and sympy, over a second.
        self.register_buffer("matrix", torch.zeros(3, 3).fill_diagonal_(1))
        self.register_buffer("offset", torch.zeros(3))

    def fit(self, photos: Tensor, styles: Tensor, share: float = 1.0) -> None:
        """Learn the map from samples of both folders, (B, 3, H, W) in [0, 1] each.

        share: how far from the identity to that map, 0 to 1.
        """
        mean_photo, covariance_photo = _moments(photos)
        mean_style, covariance_style = _moments(styles)
        root, inverse = _roots(covariance_photo)
        middle, _ = _roots(root @ covariance_style @ root)
        matrix = inverse @ middle @ inverse
        self.matrix.copy_(torch.lerp(torch.eye(3).to(matrix), matrix, share))
        self.offset.copy_(share * (mean_style - matrix @ mean_photo))

    def forward(self, photo: Tensor) -> Tensor:
        """(B, 3, H, W) in [0, 1] to the same, in the palette of the style."""
        matrix, offset = self.matrix.to(photo.dtype), self.offset.to(photo.dtype)
        with torch.autocast(photo.device.type, enabled=False):  # all bits of the photo count
            colors = F.linear(photo.permute(0, 2, 3, 1), matrix, offset)  # (B, H, W, 3)
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
