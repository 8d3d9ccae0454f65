"""The discriminators as one player of the game: their views of images, and their logits."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ganstyle.losses.adversarial import NOISE, smoothness_penalty
from ganstyle.models.discriminator import (
    DiscriminatorConfig,
    MultiScaleDiscriminator,
    ProjectedDiscriminator,
)
from ganstyle.train.augment import UNIFORMS, augment
from ganstyle.train.balance import DiscriminatorControl
from ganstyle.train.step_batch import Maps, StepBatch
from ganstyle.train.step_rng import StepRng

NOISIER = 2.0
"""Noise that augmentation of 1 adds to projected features, relative to the usual noise."""

Logits = dict[str, list[Tensor]]
"""Logit maps by the kind of discriminator, float32 (B, 1, h, w)."""


@dataclass(frozen=True)
class Judgement:
    """Logit maps of the discriminators for style images and for results."""

    real: Logits
    fake: Logits
    penalty: Tensor
    """Smoothness penalty of the patch discriminators at both, a scalar."""


class Discriminators(nn.Module):
    """The projected and the patch discriminators, which see a source beside an image, if any.

    config: their shape. channels: those of the feature maps, by stride.
    """

    def __init__(self, config: DiscriminatorConfig, channels: Mapping[int, int]) -> None:
        super().__init__()
        self.projected = ProjectedDiscriminator(config, channels)
        self.patch = MultiScaleDiscriminator(config)
        self.augmentation = 0.0

    def set_controls(self, controls: Mapping[str, DiscriminatorControl]) -> None:
        """Set augmentation and noise, by the control of each kind."""
        self.augmentation = controls["patch"].augmentation
        noisier = 1 + NOISIER * controls["projected"].augmentation
        self.projected.noise = ProjectedDiscriminator.noise * noisier

    def forward(self, images: Tensor, maps: Maps, batch: StepBatch, rng: StepRng) -> Logits:
        """Logit maps for images, a whole number of groups, and their feature maps.

        Each group belongs to the sources of the batch, if the discriminators see those.
        """
        rng = rng.grouped(len(images) // batch.group_size)
        maps, images = self._seen(images, maps, batch, rng)
        return {
            "projected": _float(self.projected(maps, rng)),
            "patch": _float(self.patch(images)),
        }

    def compare(self, batch: StepBatch, rng: StepRng) -> Judgement:
        """Judge style images and results together; no gradients reach the generator."""
        images = torch.cat([batch.style, batch.fake.detach()])  # (real_count + N, 3, H, W)
        maps: Maps = {
            stride: torch.cat([real, batch.fake_maps[stride].detach()])
            for stride, real in batch.style_maps.items()
        }
        count = len(images)
        rng = rng.grouped(count // batch.group_size)
        maps, clean = self._seen(images, maps, batch, rng)
        seen = _float(self.projected(maps, rng))
        noisy = clean + NOISE * rng.normal(clean.shape)
        both = _float(self.patch(torch.cat([clean, noisy])))
        logits = {"projected": seen, "patch": [m[:count] for m in both]}
        penalty = smoothness_penalty(logits["patch"], [m[count:] for m in both])
        real = {kind: [m[: batch.real_count] for m in found] for kind, found in logits.items()}
        fake = {kind: [m[batch.real_count :] for m in found] for kind, found in logits.items()}
        return Judgement(real, fake, penalty)

    def _seen(
        self, images: Tensor, maps: Maps, batch: StepBatch, rng: StepRng
    ) -> tuple[Maps, Tensor]:
        """Feature maps and images as the discriminators see them: augmented, beside their sources.

        rng: with as many groups as the images.
        """
        if batch.source_maps is not None:
            images = torch.cat([images, batch.source.repeat(rng.groups, 1, 1, 1)], 1)
            maps = {
                stride: torch.cat([m, batch.source_maps[stride].repeat(rng.groups, 1, 1, 1)], 1)
                for stride, m in maps.items()
            }
        if self.augmentation:
            uniforms = rng.uniforms((len(images), UNIFORMS))
            images = augment(images, self.augmentation, uniforms)
        return maps, images


def _float(maps: list[Tensor]) -> list[Tensor]:
    """Maps in float32, which autocast may have left in fewer bits."""
    return [m.to(torch.promote_types(m.dtype, torch.float32)) for m in maps]
