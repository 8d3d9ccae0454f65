"""The discriminators as one player of the game: images as they see them, and their logits."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from ganstyle.distributed import Ranks
from ganstyle.losses.adversarial import NOISE, smoothness_penalty
from ganstyle.models.discriminator import (
    DiscriminatorConfig,
    MultiScaleDiscriminator,
    ProjectedDiscriminator,
)
from ganstyle.train.augment import augment, concat_features, concat_images, draw_uniform
from ganstyle.train.balance import BalanceController
from ganstyle.train.step_batch import StepBatch

NOISIER = 2.0
"""How much noisier, relative to the usual noise, the projected features get at augmentation 1."""

Logits = dict[str, list[Tensor]]
"""Logit maps of each kind of discriminator, float32."""


class Discriminators(nn.Module):
    """The projected and the patch discriminators, which see a source beside an image, if any.

    config: their shape. channels: those of the feature maps, by stride. ranks: the processes that
    hold the other parts of each batch.
    """

    def __init__(
        self, config: DiscriminatorConfig, channels: Mapping[int, int], ranks: Ranks
    ) -> None:
        super().__init__()
        self.ranks = ranks
        self.projected = ProjectedDiscriminator(config, channels, ranks)
        self.patch = MultiScaleDiscriminator(config)
        self.augmentation = 0.0

    def set_controls(self, balance: BalanceController) -> None:
        """Change what they see as much as the balance asks for."""
        self.augmentation = balance.control("patch").augmentation
        noisier = 1 + NOISIER * balance.control("projected").augmentation
        self.projected.noise = ProjectedDiscriminator.noise * noisier

    def forward(self, images: Tensor, maps: Mapping[int, Tensor], batch: StepBatch) -> Logits:
        """Logit maps for images, (B, 3, H, W), and their feature maps, both of the batch."""
        projected = self.projected(concat_features(maps, batch.source_maps))
        patch = self.patch(self._augmented(concat_images(images, batch.source)))
        return {"projected": _float(projected), "patch": _float(patch)}

    def compare(self, batch: StepBatch) -> tuple[Logits, Logits, Tensor]:
        """Logit maps for the style images and the generated ones, and the smoothness penalty.

        No gradients reach the generator. The penalty is of the patch discriminators, at both.
        """
        fake_maps = {stride: maps.detach() for stride, maps in batch.fake_maps.items()}
        seen_real = self.projected(concat_features(batch.style_maps, batch.source_maps))
        seen_fake = self.projected(concat_features(fake_maps, batch.source_maps))
        patch_real, patch_fake, penalty = self._judge_patches(batch)
        return (
            {"projected": _float(seen_real), "patch": patch_real},
            {"projected": _float(seen_fake), "patch": patch_fake},
            penalty,
        )

    def _judge_patches(self, batch: StepBatch) -> tuple[list[Tensor], list[Tensor], Tensor]:
        """Logit maps of real, of fake, and the smoothness penalty at both, in one pass."""
        images = [
            self._augmented(concat_images(image, batch.source))
            for image in (batch.style, batch.fake.detach())
        ]
        noise = [self.ranks.randn(image.shape, image.device) for image in images]
        clean = torch.cat(images)
        noisy = clean + NOISE * torch.cat(noise)
        logits = _float(self.patch(torch.cat([clean, noisy])))  # (4B, 1, H', W') each
        count = len(batch.style)
        penalty = smoothness_penalty(
            [m[: 2 * count] for m in logits], [m[2 * count :] for m in logits]
        )
        return [m[:count] for m in logits], [m[count : 2 * count] for m in logits], penalty

    def _augmented(self, images: Tensor) -> Tensor:
        """Images as the patch discriminators get to see them."""
        if self.augmentation == 0:
            return images
        draws = draw_uniform(len(images) * self.ranks.count, images.device)
        return augment(images, self.augmentation, self.ranks.part(draws))


def _float(maps: list[Tensor]) -> list[Tensor]:
    """In float32 what autocast left in fewer bits."""
    return [m.to(torch.promote_types(m.dtype, torch.float32)) for m in maps]
