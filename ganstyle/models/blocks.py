"""Building blocks that use only a neighbourhood of each pixel."""

from torch import Tensor, nn


class ChannelNorm(nn.Module):
    """Layer norm over the channels at each pixel (ConvNeXt, Liu et al. 2022): (B, C, H, W) to same.

    Unlike instance, group or batch norm it takes no statistics over the plane, so cutting an
    image into tiles cannot change the result.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)

    def forward(self, x: Tensor) -> Tensor:
        normed: Tensor = self.norm(x.permute(0, 2, 3, 1))  # (B, H, W, C)
        return normed.permute(0, 3, 1, 2)  # (B, C, H, W)


def padded_conv(inputs: int, outputs: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    """A convolution that continues its input by one pixel on each side by repeating the edge.

    Zeros would mark the edges, and a generator learns to paint by such marks: frames, and a dark
    band along the upper edge, as the prints have it.
    """
    return nn.Conv2d(inputs, outputs, kernel, stride, padding=1, padding_mode="replicate")


class ResidualBlock(nn.Module):
    """x + conv(SiLU(conv(norm(x)))), 3x3 convolutions: (B, C, H, W) to same.

    The last convolution starts at zero, so a fresh block is the identity (Goyal et al. 2017).
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = ChannelNorm(channels)
        self.conv1 = padded_conv(channels, channels, 3)
        self.activation = nn.SiLU()
        self.conv2 = padded_conv(channels, channels, 3)
        nn.init.zeros_(self.conv2.weight)
        nn.init.zeros_(self.conv2.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.activation(self.conv1(self.norm(x)))
        residual: Tensor = self.conv2(hidden)
        return x + residual
