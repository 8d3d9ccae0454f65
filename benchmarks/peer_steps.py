"""One training step of published methods for unpaired translation, timing copies in float32.

Written from the papers (Zhu et al. 2017 for CycleGAN, Park et al. 2020 for CUT), no code copied,
with random weights: a step does the work of the originals. Where a paper is silent the cheaper
choice was made. Left out is what costs nothing beside the networks: the pool of older results
that CycleGAN's discriminators are shown, and the decay of the learning rate.
"""

from collections.abc import Iterable
from itertools import islice

import torch
import torch.nn.functional as F
from peers import CycleGan
from torch import Tensor, nn

LEARNING_RATE = 2e-4
BETAS = (0.5, 0.999)
"""Of Adam, those of both methods and of Isola et al. 2017."""

CYCLE_WEIGHT, IDENTITY_WEIGHT = 10.0, 0.5
"""Lambda of CycleGAN, and the identity loss relative to it (Zhu et al. 2017, section 5.2)."""

TAPS = {3: 128, 7: 256, 11: 256, 15: 256}
"""Channels of the maps that CUT contrasts by layer of the generator: both convolutions on the way
down, the first and the fifth residual block. The picture itself is the fifth map."""

DEPTH = max(TAPS) + 1
"""Layers of CUT's encoder."""

PATCHES, EMBEDDING, TEMPERATURE = 256, 256, 0.07
"""Places a map, length of a place's vector, and temperature of CUT's contrast."""


class PatchGan(nn.Module):
    """The 70x70 PatchGAN of both methods (Isola et al. 2017, appendix 6.1.2), with instance norm.

    (B, 3, H, W) in [0, 1] to logits (B, 1, H/8 - 2, W/8 - 2).
    """

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(3, 64, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
        for width, stride in ((128, 2), (256, 2), (512, 1)):
            conv = nn.Conv2d(width // 2, width, 4, stride=stride, padding=1)
            layers += [conv, nn.InstanceNorm2d(width), nn.LeakyReLU(0.2, inplace=True)]
        self.layers = nn.Sequential(*layers, nn.Conv2d(512, 1, 4, padding=1))

    def forward(self, image: Tensor) -> Tensor:
        logits: Tensor = self.layers(image * 2 - 1)
        return logits


class CycleGanStep:
    """CycleGAN's players: a generator and a discriminator for each direction."""

    def __init__(self, device: torch.device) -> None:
        self.draw, self.undraw = CycleGan().to(device), CycleGan().to(device)
        self.judge_style, self.judge_photo = PatchGan().to(device), PatchGan().to(device)
        self.generators = nn.ModuleList([self.draw, self.undraw])
        self.discriminators = nn.ModuleList([self.judge_style, self.judge_photo])
        self.generator_adam = _adam(self.generators.parameters())
        self.discriminator_adam = _adam(self.discriminators.parameters())

    def step(self, photo: Tensor, style: Tensor) -> Tensor:
        """Update the generators, then the discriminators; returns the generators' loss.

        photo, style: (B, 3, H, W) in [0, 1].
        """
        drawn, undrawn = self.draw(photo), self.undraw(style)
        self.discriminators.requires_grad_(False)
        adversarial = _as_real(self.judge_style(drawn)) + _as_real(self.judge_photo(undrawn))
        cycle = F.l1_loss(self.undraw(drawn), photo) + F.l1_loss(self.draw(undrawn), style)
        identity = F.l1_loss(self.draw(style), style) + F.l1_loss(self.undraw(photo), photo)
        loss: Tensor = adversarial + CYCLE_WEIGHT * (cycle + IDENTITY_WEIGHT * identity)
        _update(loss, self.generator_adam)

        self.discriminators.requires_grad_(True)
        judged = _told_apart(self.judge_style, style, drawn.detach())
        judged = judged + _told_apart(self.judge_photo, photo, undrawn.detach())
        _update(judged, self.discriminator_adam)
        return loss.detach()


class CutStep:
    """CUT's players: a generator, a discriminator, and the heads of the patchwise contrast.

    The paper gives 1, 9, 15, 35 and 99 px as what a place of the five maps sees, which is so when
    the generator blurs before it drops pixels on the way down. On the way up, and in the
    discriminator, of which the paper gives no such sign, nothing is blurred.
    """

    def __init__(self, device: torch.device) -> None:
        self.generator = CycleGan(antialiased=True).to(device)
        self.discriminator = PatchGan().to(device)
        self.heads = nn.ModuleList(_head(C) for C in (3, *TAPS.values())).to(device)
        self.generator_adam = _adam(self.generator.parameters())
        self.discriminator_adam = _adam(self.discriminator.parameters())
        self.head_adam = _adam(self.heads.parameters())

    def step(self, photo: Tensor, style: Tensor) -> Tensor:
        """Update the discriminator, then generator and heads; returns the generator's loss.

        photo, style: (B, 3, H, W) in [0, 1].
        """
        # The maps of the originals are by-products of the drawing (Park et al. 2020, section 3).
        keys = encode(self.generator, torch.cat([photo, style]))
        both = decode(self.generator, keys[-1])  # (2B, 3, H, W)
        drawn, _ = both.chunk(2)
        self.discriminator.requires_grad_(True)
        told_apart = _told_apart(self.discriminator, style, drawn.detach())
        _update(told_apart, self.discriminator_adam)

        self.discriminator.requires_grad_(False)
        contrast = self._contrast(encode(self.generator, both), keys)
        # Of photos and of style pictures, the identity term, with a weight of 1 each.
        loss: Tensor = _as_real(self.discriminator(drawn)) + 2 * contrast
        _update(loss, self.generator_adam, self.head_adam)
        return loss.detach()

    def _contrast(self, results: list[Tensor], originals: list[Tensor]) -> Tensor:
        """PatchNCE (eq. 4): each place of a result against all places of its original.

        results, originals: (B, C, H, W) maps. Returns the mean over maps, pictures and places.
        """
        losses = []
        for head, result, original in zip(self.heads, results, originals, strict=True):
            places = torch.randperm(result[0, 0].numel(), device=result.device)[:PATCHES]
            queries = _embed(head, result, places)  # (B, P, EMBEDDING)
            with torch.no_grad():
                keys = _embed(head, original, places)
            likeness = queries @ keys.mT / TEMPERATURE  # (B, P, P)
            own = torch.arange(len(places), device=result.device).repeat(len(result))
            losses.append(F.cross_entropy(likeness.flatten(0, 1), own))
        return torch.stack(losses).mean()


def encode(generator: CycleGan, image: Tensor) -> list[Tensor]:
    """The picture in [-1, 1] and the maps of TAPS; the last is where the encoder ends."""
    x = image * 2 - 1
    maps = [x]
    for index, layer in enumerate(islice(generator.layers, DEPTH)):
        x = layer(x)
        if index in TAPS:
            maps.append(x)
    return maps


def decode(generator: CycleGan, deepest: Tensor) -> Tensor:
    """The rest of the generator behind encode(): to a picture in [0, 1]."""
    x = deepest
    for layer in islice(generator.layers, DEPTH, None):
        x = layer(x)
    return (x + 1) / 2


def _head(channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(channels, EMBEDDING), nn.ReLU(inplace=True), nn.Linear(EMBEDDING, EMBEDDING)
    )


def _embed(head: nn.Module, maps: Tensor, places: Tensor) -> Tensor:
    """(B, C, H, W) to unit vectors (B, P, EMBEDDING)."""
    vectors = maps.flatten(2)[..., places].mT  # (B, P, C)
    return F.normalize(head(vectors), dim=-1)


def _as_real(logits: Tensor) -> Tensor:
    """The generator's least-squares loss (Mao et al. 2017)."""
    return (logits - 1).square().mean()


def _told_apart(discriminator: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
    """The discriminator's least-squares loss, halved as both methods have it."""
    as_fake: Tensor = discriminator(fake).square().mean()
    return (_as_real(discriminator(real)) + as_fake) / 2


def _adam(parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
    return torch.optim.Adam(parameters, lr=LEARNING_RATE, betas=BETAS)


def _update(loss: Tensor, *optimizers: torch.optim.Optimizer) -> None:
    for optimizer in optimizers:
        optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    for optimizer in optimizers:
        optimizer.step()
