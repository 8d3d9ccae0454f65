from collections.abc import Sequence

import torch

from ganstyle.features.efficientnet import CHANNELS
from ganstyle.models.discriminator import (
    DiscriminatorConfig,
    MultiScaleDiscriminator,
    ProjectedDiscriminator,
)


class _Chance:
    """Noise of torch's own chance."""

    def normal(self, shape: Sequence[int]) -> torch.Tensor:
        return torch.randn(tuple(shape))


def test_patch_discriminator_judges_each_scale_by_patches() -> None:
    coarse_to = [
        logits.shape for logits in MultiScaleDiscriminator(DiscriminatorConfig())(_photo())
    ]
    assert coarse_to == [(2, 1, 8, 8), (2, 1, 4, 4), (2, 1, 2, 2)]


def test_projected_discriminator_judges_each_stride_and_keeps_its_mixing_frozen() -> None:
    discriminator = ProjectedDiscriminator(DiscriminatorConfig(), CHANNELS)
    features = {s: torch.rand(2, c, 64 // s, 64 // s) for s, c in CHANNELS.items()}
    assert [m.shape for m in discriminator(features, _Chance())] == [
        (2, 1, 64 // s, 64 // s) for s in (4, 8, 16)
    ]
    learnt = {name for name, p in discriminator.named_parameters() if p.requires_grad}
    assert learnt
    assert not any(name.startswith("mix") for name in learnt)


def test_projected_discriminator_is_blurred_by_noise_while_training_only() -> None:
    discriminator = ProjectedDiscriminator(DiscriminatorConfig(strides=(8,)), CHANNELS)
    features = {8: torch.rand(1, CHANNELS[8], 8, 8)}
    assert not torch.equal(
        discriminator(features, _Chance())[0], discriminator(features, _Chance())[0]
    )
    discriminator.eval()
    assert torch.equal(discriminator(features, _Chance())[0], discriminator(features, _Chance())[0])


def test_spectral_norm_bounds_the_heads() -> None:
    discriminator = ProjectedDiscriminator(DiscriminatorConfig(), CHANNELS)
    huge = {s: 1e3 * torch.randn(1, c, 8, 8) for s, c in CHANNELS.items()}
    for head in discriminator.heads:
        weight = head[0].weight.flatten(1)  # type: ignore[index]
        assert torch.linalg.matrix_norm(weight, 2) < 3  # power iteration has only begun
    assert all(m.isfinite().all() for m in discriminator(huge, _Chance()))


def _photo() -> torch.Tensor:
    return torch.rand(2, 3, 64, 64)
