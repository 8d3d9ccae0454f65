"""The discriminators: encoders that tell patches of real style images from generated ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm


@dataclass(frozen=True, kw_only=True)
class DiscriminatorConfig:
    """Shape of the two kinds of discriminator."""

    patch_widths: tuple[int, ...] = (48, 96, 192)
    """Channels of the patch discriminators, a stride of 2 before each."""
    patch_scales: int = 3
    """Patch discriminators: one on the crop, one on the crop halved, and so on."""
    projection: int = 96
    """Channels of the random projection of each feature map."""
    strides: tuple[int, ...] = (4, 8, 16)
    """Strides of the frozen feature maps that are judged. Coarser ones know what is depicted, and
    ask for the style images' motifs, seals and figures, where the content image has none."""
    conditional: bool = False
    """Whether a second image, the source of a pair, is seen beside the one that is judged."""

    @property
    def images(self) -> int:
        """Images that are seen at once."""
        return 2 if self.conditional else 1


class PatchDiscriminator(nn.Module):
    """Judge overlapping patches (Isola et al. 2017): (B, C, H, W) in [0, 1] to (B, 1, H', W').

    C is 3 for each of the images that are seen at once. No norm: the statistics of a batch would
    give real and generated batches away.
    """

    def __init__(self, widths: tuple[int, ...], images: int = 1) -> None:
        super().__init__()
        channels = (3 * images, *widths)
        self.convs = nn.ModuleList(
            nn.Conv2d(channels[i], channels[i + 1], 4, stride=2, padding=1)
            for i in range(len(widths))
        )
        self.judge = nn.Conv2d(widths[-1], 1, 3, padding=1)

    def forward(self, image: Tensor) -> Tensor:
        x = image * 2 - 1
        for conv in self.convs:
            x = F.leaky_relu(conv(x), 0.2)
        logits: Tensor = self.judge(x)
        return logits


class MultiScaleDiscriminator(nn.Module):
    """One patch discriminator a scale (Wang et al. 2018): (B, C, H, W) to a logit map a scale."""

    def __init__(self, config: DiscriminatorConfig) -> None:
        super().__init__()
        self.scales = nn.ModuleList(
            PatchDiscriminator(config.patch_widths, config.images)
            for _ in range(config.patch_scales)
        )

    def forward(self, image: Tensor) -> list[Tensor]:
        logits = []
        for scale, discriminator in enumerate(self.scales):
            logits.append(discriminator(F.avg_pool2d(image, 1 << scale) if scale else image))
        return logits


class NoiseSource(Protocol):
    """Where the noise on features comes from."""

    def normal(self, shape: Sequence[int]) -> Tensor:
        """Normal noise of that shape, float32, on the device of the networks."""


class ProjectedDiscriminator(nn.Module):
    """Judge frozen features of an image (Sauer et al. 2021, reduced): a logit map a stride.

    forward takes {stride: (B, C, H, W)} from a feature extractor, each map normalised over its
    channels, and mixes the channels of each by a frozen random 1x1 convolution, so that no
    single channel gives the generator away. Instance noise (Sonderby et al. 2017) on what they see,
    `noise` of its standard deviation, keeps the heads from running ahead of the generator.
    channels: those of each stride's map.
    """

    noise = 0.5

    def __init__(self, config: DiscriminatorConfig, channels: Mapping[int, int]) -> None:
        super().__init__()
        self.strides = config.strides
        self.mix = nn.ModuleList(
            nn.Conv2d(channels[stride] * config.images, config.projection, 1, bias=False)
            for stride in config.strides
        ).requires_grad_(False)
        self.heads = nn.ModuleList(_head(config.projection) for _ in config.strides)

    def forward(self, features: Mapping[int, Tensor], rng: NoiseSource) -> list[Tensor]:
        logits = []
        for stride, mix, head in zip(self.strides, self.mix, self.heads, strict=True):
            mixed = mix(features[stride])  # (B, projection, H/stride, W/stride)
            if self.training:
                deviation = mixed.detach().std((1, 2, 3), keepdim=True)
                mixed = mixed + self.noise * deviation * rng.normal(mixed.shape)
            logits.append(head(mixed))  # (B, 1, H/stride, W/stride)
        return logits


def _head(width: int) -> nn.Sequential:
    return nn.Sequential(
        spectral_norm(nn.Conv2d(width, width, 3, padding=1)),
        nn.LeakyReLU(0.2),
        spectral_norm(nn.Conv2d(width, width, 3, padding=1)),
        nn.LeakyReLU(0.2),
        spectral_norm(nn.Conv2d(width, 1, 3, padding=1)),
    )
