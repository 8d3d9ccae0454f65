"""The zero-sum game: generator against discriminators, one of the two updated at a time."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ganstyle.checkpoint import taken_from, under
from ganstyle.config import MARGIN, TrainConfig
from ganstyle.distributed import Ranks
from ganstyle.errors import ConfigError
from ganstyle.features.efficientnet import CHANNELS, load_efficientnet
from ganstyle.losses.adversarial import (
    NOISE,
    discriminator_hinge,
    generator_hinge,
    real_rate,
    smoothness_penalty,
)
from ganstyle.losses.content import color_distance, feature_distance, flatness
from ganstyle.losses.gram import RunningGrams
from ganstyle.models.blocks import cut_border
from ganstyle.models.discriminator import (
    DiscriminatorConfig,
    MultiScaleDiscriminator,
    ProjectedDiscriminator,
)
from ganstyle.models.generator import Generator, load_matching_weights
from ganstyle.models.presets import preset
from ganstyle.runtime import Runtime
from ganstyle.train.augment import augment, draw_chances
from ganstyle.train.balance import KINDS, BalanceController
from ganstyle.train.optimizers import adamw, frozen, generator_optimizers
from ganstyle.train.views import (
    center_colors,
    concat_features,
    concat_images,
    facts,
    jitter,
    random_view,
    resize,
)

CONTENT_STRIDES = (8, 16)
"""Strides of the features that a result should share with its photo; finer ones forbid strokes."""

NOISIER = 2.0
"""How much noisier, relative to the usual noise, the projected features get at augmentation 1."""

EMA_POWER = 10.0
"""The averaged generator remembers about the last 1 / (EMA_POWER + 1) of the run."""


@dataclass(frozen=True)
class StepBatch:
    """What a step is about: pictures cut alike, (B, 3, H, W), and what the eyes see of them."""

    fake: Tensor
    """The generator's."""
    photo: Tensor
    style: Tensor
    fake_maps: dict[int, Tensor]
    photo_maps: dict[int, Tensor]
    style_maps: dict[int, Tensor]
    paired: bool

    @property
    def source(self) -> Tensor | None:
        """What the discriminators see beside a picture in paired tasks."""
        return self.photo if self.paired else None

    @property
    def source_maps(self) -> dict[int, Tensor] | None:
        """The features of source."""
        return self.photo_maps if self.paired else None

    @property
    def kept(self) -> tuple[Tensor, dict[int, Tensor]]:
        """What the result is held to, and its features: the photo, or what a source stands for."""
        return (self.style, self.style_maps) if self.paired else (self.photo, self.photo_maps)


class Gan:
    """The players, their optimizers, the averaged generator, and one step of the game.

    config: weights and rates. runtime: where it is played; the eyes stay in float32. ranks: the
    processes that share each batch; all of them hold the same networks.
    """

    def __init__(self, config: TrainConfig, runtime: Runtime, ranks: Ranks | None = None) -> None:
        self.config = config
        self.runtime = runtime
        self.ranks = ranks or Ranks()
        torch.manual_seed(config.seed)
        device = runtime.device
        self.paired = config.task != "unpaired"
        discriminators = DiscriminatorConfig(conditional=self.paired)
        shape = preset(config.preset, paired=self.paired, simplify=config.simplify)
        self.generator = Generator(shape).to(device)
        self.eyes = load_efficientnet().to(device)
        seen = {stride: CHANNELS[stride] for stride in discriminators.strides}
        self.projected = ProjectedDiscriminator(discriminators, seen, self.ranks).to(device)
        self.patch = MultiScaleDiscriminator(discriminators).to(device)
        self.grams = RunningGrams({1: 3, **seen}, ranks=self.ranks).to(device)
        self.ema = deepcopy(self.generator).requires_grad_(False).eval()
        self.discriminators = nn.ModuleDict({"projected": self.projected, "patch": self.patch})
        self.optimizers = {
            "generator": generator_optimizers(self.generator, config.lr, config.muon_lr),
            "discriminators": (
                adamw(
                    *(self.discriminators[kind].parameters() for kind in KINDS),
                    lr=config.discriminator_lr,
                ),
            ),
        }
        self.pilot = BalanceController()
        self.steps = 0

    def load_matching_weights(self, other: Generator) -> None:
        """Start from the weights of another generator instead of fresh ones.

        Raises ConfigError when none of them fit.
        """
        if not load_matching_weights(self.generator, other):
            raise ConfigError(
                f"init: no weight of that generator fits preset {self.config.preset}; "
                "use the preset that it was trained with, or start afresh."
            )
        load_matching_weights(self.ema, other)

    def fit_palette(self, photos: Tensor, styles: Tensor) -> None:
        """Measure the colours of samples of both folders, (B, 3, H, W) in [0, 1] each.

        From then on the generator starts from photos in the palette of the style, and is held to
        their colours. Paired tasks have the target's.
        """
        if self.generator.palette and self.ema.palette:
            self.generator.palette.fit(photos, styles, self.config.palette)
            self.ema.palette.load_state_dict(self.generator.palette.state_dict())

    def step(self, photo: Tensor, style: Tensor, share: float) -> dict[str, Tensor]:
        """Update the discriminators, then the generator, on this rank's part of one batch.

        photo: (B, 3, H + 2 * MARGIN, W + 2 * MARGIN) in [0, 1], style: (B, 3, H, W); in paired
        tasks style shows what photo, the source, should become. share: how much of the run is
        over, in [0, 1]. Returns losses, rates and facts on the pictures as scalars on the device.
        """
        self._set_controls(share)
        batch = self._see(photo, style)
        fake, fake_maps = batch.fake, batch.fake_maps
        source, source_maps = batch.source, batch.source_maps

        # The discriminators' turn: the generator is frozen, its pictures are detached.
        judged = {stride: maps.detach() for stride, maps in fake_maps.items()}
        with self.runtime.autocast():
            seen_real = self.projected(concat_features(batch.style_maps, source_maps))
            seen_fake = self.projected(concat_features(judged, source_maps))
            patch_real, patch_fake, penalty = self._judge_patches(
                batch.style, fake.detach(), source
            )
        projected_loss = discriminator_hinge(_float(seen_real), _float(seen_fake))
        patch_loss = discriminator_hinge(patch_real, patch_fake)
        self._update("discriminators", projected_loss + patch_loss + penalty)

        # The generator's turn: the discriminators are frozen.
        with frozen(self.discriminators), self.runtime.autocast():
            seen = self.projected(concat_features(fake_maps, source_maps))
            patches = self.patch(self._augmented(concat_images(fake, source)))
        adversarial = generator_hinge(_float(seen)) + generator_hinge(_float(patches))
        kept, kept_maps = batch.kept
        content = feature_distance(fake_maps, kept_maps, CONTENT_STRIDES)
        statistics = self.grams(
            {1: center_colors(fake), **fake_maps},
            {1: center_colors(batch.style), **batch.style_maps},
        )
        palette = self.generator.palette
        color = color_distance(fake, palette(kept) if palette else kept)
        flat = flatness(fake, kept)
        self._update(
            "generator",
            adversarial
            + self.config.style_weight * statistics
            + self.config.content_weight * self.config.detail * content
            + self.config.color_weight * color
            + self.config.flat_weight / self.config.texture * flat,
        )
        self._average()
        self.steps += 1
        return {
            "loss/discriminator_projected": projected_loss.detach(),
            "loss/discriminator_patch": patch_loss.detach(),
            "loss/generator": adversarial.detach(),
            "loss/style": statistics.detach(),
            "loss/content": content.detach(),
            "loss/color": color.detach(),
            "loss/flat": flat.detach(),
            "fooled/projected": real_rate(seen_fake),
            "fooled/patch": real_rate(patch_fake),
            "real/projected": real_rate(seen_real),
            "real/patch": real_rate(patch_real),
            **facts(fake.detach(), kept),
        }

    @torch.no_grad()
    def watch(self, photo: Tensor, style: Tensor) -> dict[str, Tensor]:
        """Rates of the discriminators on pictures held out from training; nobody learns.

        photo, style: as for step(). What they see is changed as it is in training, so that the
        rates can be compared.
        """
        batch = self._see(photo, style)
        rates = {}
        with self.runtime.autocast():
            for what, picture, maps in (
                ("real", batch.style, batch.style_maps),
                ("fooled", batch.fake, batch.fake_maps),
            ):
                seen = self.projected(concat_features(maps, batch.source_maps))
                patches = self.patch(self._augmented(concat_images(picture, batch.source)))
                rates[f"held_out/{what}_projected"] = real_rate(seen)
                rates[f"held_out/{what}_patch"] = real_rate(patches)
        return rates

    def _see(self, photo: Tensor, style: Tensor) -> StepBatch:
        """Let the generator draw, cut all alike, and look at all at one size.

        photo, style: as for step(). Only the generator's picture and its features, which serve
        both players, carry gradients; the eyes themselves are frozen.
        """
        with self.runtime.autocast():
            # With real surroundings: next to an edge of its own the generator would hide what it
            # must draw somewhere, say all the blue of the prints, and later frame every picture.
            fake = self.generator.redraw(photo, margin=MARGIN)
        fake, photo, style = jitter(fake, cut_border(photo, MARGIN), style)
        view = random_view(fake.shape[-1])
        fake_maps = self.eyes(resize(fake, view))
        with torch.no_grad():
            both = self.eyes(resize(torch.cat([style, photo]), view))
        style_maps = {stride: maps[: len(style)] for stride, maps in both.items()}
        photo_maps = {stride: maps[len(style) :] for stride, maps in both.items()}
        return StepBatch(fake, photo, style, fake_maps, photo_maps, style_maps, self.paired)

    def state(self) -> dict[str, Tensor]:
        """All tensors that going on needs, by name."""
        tensors: dict[str, Tensor] = {}
        for name, module in self._modules().items():
            tensors |= under(name, module.state_dict())
        for name, optimizer in self._named_optimizers():
            for index, moments in optimizer.state_dict()["state"].items():
                tensors |= under(f"optimizer.{name}.{index}", moments)
        return tensors

    def restore(self, tensors: Mapping[str, Tensor], steps: int) -> None:
        """Go back to what state() returned after that many steps. Raises RuntimeError if unfit."""
        for name, module in self._modules().items():
            module.load_state_dict(taken_from(name, tensors))
        for name, optimizer in self._named_optimizers():
            moments: dict[int, dict[str, Any]] = {}
            for key, value in taken_from(f"optimizer.{name}", tensors).items():
                index, moment = key.split(".")
                moments.setdefault(int(index), {})[moment] = value
            groups = optimizer.state_dict()["param_groups"]
            optimizer.load_state_dict({"state": moments, "param_groups": groups})
        self.steps = steps

    def _judge_patches(
        self, real: Tensor, fake: Tensor, source: Tensor | None
    ) -> tuple[list[Tensor], list[Tensor], Tensor]:
        """Logit maps of real, of fake, and the smoothness penalty at both, in one pass."""
        pictures = [self._augmented(concat_images(image, source)) for image in (real, fake)]
        noise = [self.ranks.randn(image.shape, image.device) for image in pictures]
        clean = torch.cat(pictures)
        noisy = clean + NOISE * torch.cat(noise)
        logits = _float(self.patch(torch.cat([clean, noisy])))  # (4B, 1, H', W') each
        count = len(real)
        penalty = smoothness_penalty(
            [m[: 2 * count] for m in logits], [m[2 * count :] for m in logits]
        )
        return [m[:count] for m in logits], [m[count : 2 * count] for m in logits], penalty

    def _augmented(self, images: Tensor) -> Tensor:
        """What the patch discriminators get to see of pictures."""
        probability = self.pilot.control("patch").augmentation
        if probability == 0:
            return images
        chances = draw_chances(len(images) * self.ranks.count, images.device)
        return augment(images, probability, self.ranks.part(chances))

    def _update(self, player: str, loss: Tensor) -> None:
        for optimizer in self.optimizers[player]:
            optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self._share_gradients(player)
        for optimizer in self.optimizers[player]:
            optimizer.step()

    def _share_gradients(self, player: str) -> None:
        """Give every rank the gradient of the whole batch."""
        if self.ranks.count == 1:
            return
        groups = [
            group for optimizer in self.optimizers[player] for group in optimizer.param_groups
        ]
        learnt = [p for group in groups for p in group["params"] if p.grad is not None]
        means = self.ranks.mean([p.grad for p in learnt if p.grad is not None])
        for parameter, mean in zip(learnt, means, strict=True):
            parameter.grad = mean

    def _set_controls(self, share: float) -> None:
        """Set rates and noise by the schedule and by what the pilot has decided.

        Rates: linear warm-up, constant for half of the run, then linear to zero.
        """
        warm = min(1.0, (self.steps + 1) / max(1, self.config.warmup))
        factor = warm * min(1.0, 2 * (1 - share)) * self.pilot.lr_factor
        for _, optimizer in self._named_optimizers():
            for group in optimizer.param_groups:
                group["lr"] = group["initial_lr"] * factor
        for kind, group in zip(
            KINDS, self.optimizers["discriminators"][0].param_groups, strict=True
        ):
            group["lr"] *= self.pilot.control(kind).rate
        noisier = 1 + NOISIER * self.pilot.control("projected").augmentation
        self.projected.noise = ProjectedDiscriminator.noise * noisier

    @torch.no_grad()
    def _average(self) -> None:
        """Power-function EMA (Karras et al. 2024, eq. 127): its memory grows with the run."""
        keep = (1 - 1 / (self.steps + 1)) ** (EMA_POWER + 1)
        for mean, now in zip(self.ema.parameters(), self.generator.parameters(), strict=True):
            mean.lerp_(now, 1 - keep)

    def _named_optimizers(self) -> Iterator[tuple[str, torch.optim.Optimizer]]:
        for player, optimizers in self.optimizers.items():
            for optimizer in optimizers:
                yield f"{player}.{type(optimizer).__name__}", optimizer

    def _modules(self) -> dict[str, nn.Module]:
        return {
            "generator": self.generator,
            "ema": self.ema,
            "discriminators": self.discriminators,
            "grams": self.grams,
        }


def _float(maps: list[Tensor]) -> list[Tensor]:
    """What autocast left in fewer bits, in float32."""
    return [m.to(torch.promote_types(m.dtype, torch.float32)) for m in maps]
