"""Adversarial losses: hinge losses, and a penalty that keeps discriminators smooth."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

NOISE = 0.05
"""Standard deviation, on images in [0, 1], of the noise in smoothness_penalty."""


def discriminator_hinge(real: Sequence[Tensor], fake: Sequence[Tensor]) -> Tensor:
    """Hinge loss of the discriminators (Lim & Ye 2017, eq. 3), averaged over logit maps.

    real, fake: logit maps of any shape. Returns a scalar; 2 when nothing has been learnt.
    """
    losses = [F.relu(1 - r).mean() + F.relu(1 + f).mean() for r, f in zip(real, fake, strict=True)]
    return torch.stack(losses).mean()


def generator_hinge(fake: Sequence[Tensor]) -> Tensor:
    """Hinge loss of the generator: minus the mean logit (Lim & Ye 2017, eq. 4). Scalar."""
    return -torch.stack([logits.mean() for logits in fake]).mean()


def real_rate(logits: Sequence[Tensor]) -> Tensor:
    """Fraction of patches, in [0, 1], that the discriminators take for real. Scalar.

    For generated images it is the fooled rate, and 0.5 is balance. Averaged over logit maps: a
    coarse map counts as much as a fine one.
    """
    return torch.stack([(m > 0).float().mean() for m in logits]).mean()


def smoothness_penalty(logits: Sequence[Tensor], noisy: Sequence[Tensor]) -> Tensor:
    """First-order stand-in for R1 and R2 (Mescheder et al. 2018) without a second derivative.

    logits at images, noisy at the same images with noise of standard deviation NOISE.
    Returns the mean squared change per unit of noise, divided by 100; a scalar.
    """
    changes = [(a - b).square().mean() for a, b in zip(logits, noisy, strict=True)]
    return torch.stack(changes).mean() / (NOISE**2 * 100)
