"""The zero-sum game: generator against discriminators, one of the two updated at a time."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganstyle.config import MARGIN, TrainConfig
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
from ganstyle.losses.palette import PaletteTransfer
from ganstyle.losses.style import RunningGrams
from ganstyle.models.augment import augment, draw_chances
from ganstyle.models.discriminator import (
    DiscriminatorConfig,
    MultiScaleDiscriminator,
    ProjectedDiscriminator,
)
from ganstyle.models.generator import Generator, adopt_weights, cut_border, preset
from ganstyle.muon import Muon
from ganstyle.pilot import KINDS, Pilot
from ganstyle.runtime import Ranks, Runtime

CONTENT_STRIDES = (8, 16)
"""Strides of the features that a result should share with its photo; finer ones forbid strokes."""

JITTER = 16
"""Pixels by which the view of the discriminators is smaller than the generated crop."""

VIEWS = (0.75, 1.0)
"""Sizes, relative to the crop, at which the eyes look at pictures, drawn afresh each step."""

PIXEL_GAIN = 4.0
"""Factor that brings the deviation of colours in [0, 1] near that of normalised features."""

NOISIER = 2.0
"""How much noisier, relative to the usual noise, the projected features get at augmentation 1."""

EMA_POWER = 10.0
"""The averaged generator remembers about the last 1 / (EMA_POWER + 1) of the run."""


class Game:
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
        self.generator = Generator(preset(config.preset, paired=self.paired)).to(device)
        self.eyes = load_efficientnet().to(device)
        seen = {stride: CHANNELS[stride] for stride in discriminators.strides}
        self.projected = ProjectedDiscriminator(discriminators, seen, self.ranks).to(device)
        self.patch = MultiScaleDiscriminator(discriminators).to(device)
        self.grams = RunningGrams({1: 3, **seen}, ranks=self.ranks).to(device)
        self.palette = PaletteTransfer().to(device)
        self.ema = deepcopy(self.generator).requires_grad_(False).eval()
        self.discriminators = nn.ModuleDict({"projected": self.projected, "patch": self.patch})
        self.optimizers = {
            "generator": _generator_optimizers(self.generator, config.lr, config.muon_lr),
            "discriminators": (
                _adamw(
                    *(self.discriminators[kind].parameters() for kind in KINDS),
                    lr=config.discriminator_lr,
                ),
            ),
        }
        self.pilot = Pilot()
        self.steps = 0

    def adopt(self, other: Generator) -> None:
        """Start from the weights of another generator instead of fresh ones.

        Raises ConfigError when none of them fit.
        """
        if not adopt_weights(self.generator, other):
            raise ConfigError(
                f"init: no weight of that generator fits preset {self.config.preset}; "
                "use the preset that it was trained with, or start afresh."
            )
        adopt_weights(self.ema, other)

    def step(self, photo: Tensor, style: Tensor, share: float) -> dict[str, Tensor]:
        """Update the discriminators, then the generator, on this rank's part of one batch.

        photo: (B, 3, H + 2 * MARGIN, W + 2 * MARGIN) in [0, 1], style: (B, 3, H, W); in paired
        tasks style shows what photo, the source, should become. share: how much of the run is
        over, in [0, 1]. Returns losses, rates and facts on the pictures as scalars on the device.
        """
        self._set_handicaps(share)
        fake, photo, style = self._draw(photo, style)
        view = _random_view(fake.shape[-1])
        # One pass over the fake serves both players; the eyes themselves are frozen.
        fake_maps = self.eyes(_resize(fake, view))
        style_maps, photo_maps = self._look(style, photo, view)
        source = photo if self.paired else None
        source_maps = photo_maps if self.paired else None

        # The discriminators' turn: the generator is frozen, its pictures are detached.
        judged = {stride: maps.detach() for stride, maps in fake_maps.items()}
        with self.runtime.autocast():
            seen_real = self.projected(_beside(style_maps, source_maps))
            seen_fake = self.projected(_beside(judged, source_maps))
            patch_real, patch_fake, penalty = self._judge_patches(style, fake.detach(), source)
        projected_loss = discriminator_hinge(_float(seen_real), _float(seen_fake))
        patch_loss = discriminator_hinge(patch_real, patch_fake)
        self._update("discriminators", projected_loss + patch_loss + penalty)

        # The generator's turn: the discriminators are frozen.
        with _frozen(self.discriminators), self.runtime.autocast():
            seen = self.projected(_beside(fake_maps, source_maps))
            patches = self.patch(self._augmented(_together(fake, source)))
        adversarial = generator_hinge(_float(seen)) + generator_hinge(_float(patches))
        # What the result is held to: the photo, or, in paired tasks, what the source stands for.
        kept, kept_maps = (style, style_maps) if self.paired else (photo, photo_maps)
        content = feature_distance(fake_maps, kept_maps, CONTENT_STRIDES)
        statistics = self.grams({1: _spread(fake), **fake_maps}, {1: _spread(style), **style_maps})
        color = color_distance(fake, kept if self.paired else self.palette(kept))
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
            **_facts(fake.detach(), kept),
        }

    @torch.no_grad()
    def watch(self, photo: Tensor, style: Tensor) -> dict[str, Tensor]:
        """Rates of the discriminators on pictures held out from training; nobody learns.

        photo, style: as for step(). What they see is changed as it is in training, so that the
        rates can be compared.
        """
        fake, photo, style = self._draw(photo, style)
        view = _random_view(fake.shape[-1])
        fake_maps = self.eyes(_resize(fake, view))
        style_maps, photo_maps = self._look(style, photo, view)
        source = photo if self.paired else None
        source_maps = photo_maps if self.paired else None
        with self.runtime.autocast():
            return {
                "held_out/real_projected": real_rate(
                    self.projected(_beside(style_maps, source_maps))
                ),
                "held_out/fooled_projected": real_rate(
                    self.projected(_beside(fake_maps, source_maps))
                ),
                "held_out/real_patch": real_rate(
                    self.patch(self._augmented(_together(style, source)))
                ),
                "held_out/fooled_patch": real_rate(
                    self.patch(self._augmented(_together(fake, source)))
                ),
            }

    def _draw(self, photo: Tensor, style: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The generator's picture, the photo and the style picture, cut alike."""
        with self.runtime.autocast():
            # With real surroundings: next to an edge of its own the generator would hide what it
            # must draw somewhere, say all the blue of the prints, and later frame every picture.
            fake = self.generator.redraw(photo, margin=MARGIN)
        return _jitter(fake, cut_border(photo, MARGIN), style)

    @torch.no_grad()
    def _look(
        self, style: Tensor, photo: Tensor, view: int
    ) -> tuple[dict[int, Tensor], dict[int, Tensor]]:
        """The features of both at the size `view`, in one pass."""
        maps = self.eyes(_resize(torch.cat([style, photo]), view))
        count = len(style)
        return {s: m[:count] for s, m in maps.items()}, {s: m[count:] for s, m in maps.items()}

    def state(self) -> dict[str, Tensor]:
        """All tensors that going on needs, by name."""
        tensors: dict[str, Tensor] = {}
        for name, module in self._modules().items():
            tensors |= {f"{name}.{key}": value for key, value in module.state_dict().items()}
        for name, optimizer in self._named_optimizers():
            for index, moments in optimizer.state_dict()["state"].items():
                tensors |= {f"optimizer.{name}.{index}.{k}": v for k, v in moments.items()}
        return tensors

    def restore(self, tensors: Mapping[str, Tensor], steps: int) -> None:
        """Go back to what state() returned after that many steps. Raises RuntimeError if unfit."""
        for name, module in self._modules().items():
            module.load_state_dict(_below(tensors, name))
        for name, optimizer in self._named_optimizers():
            moments: dict[int, dict[str, Any]] = {}
            for key, value in _below(tensors, f"optimizer.{name}").items():
                index, moment = key.split(".")
                moments.setdefault(int(index), {})[moment] = value
            groups = optimizer.state_dict()["param_groups"]
            optimizer.load_state_dict({"state": moments, "param_groups": groups})
        self.steps = steps

    def _judge_patches(
        self, real: Tensor, fake: Tensor, source: Tensor | None
    ) -> tuple[list[Tensor], list[Tensor], Tensor]:
        """Logit maps of real, of fake, and the smoothness penalty at both, in one pass."""
        pictures = [self._augmented(_together(image, source)) for image in (real, fake)]
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
        probability = self.pilot.handicap("patch").augmentation
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

    def _set_handicaps(self, share: float) -> None:
        """Set rates and noise by the schedule and by what the pilot has decided.

        Rates: linear warm-up, constant for half of the run, then linear to zero.
        """
        warm = min(1.0, (self.steps + 1) / max(1, self.config.warmup))
        factor = warm * min(1.0, 2 * (1 - share)) * self.pilot.caution
        for _, optimizer in self._named_optimizers():
            for group in optimizer.param_groups:
                group["lr"] = group["initial_lr"] * factor
        for kind, group in zip(
            KINDS, self.optimizers["discriminators"][0].param_groups, strict=True
        ):
            group["lr"] *= self.pilot.handicap(kind).rate
        noisier = 1 + NOISIER * self.pilot.handicap("projected").augmentation
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
            "palette": self.palette,
        }


def _jitter(fake: Tensor, photo: Tensor, style: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Cut all at the same random place, JITTER pixels smaller.

    The eyes and the generator both work on grids; were these always aligned, the generator would
    be paid for patterns in step with the grid, and draw them into every flat area.
    """
    H, W = (side - JITTER for side in fake.shape[-2:])
    top, left = (int(offset) for offset in torch.randint(JITTER + 1, (2,)))
    cut = [image[..., top : top + H, left : left + W] for image in (fake, photo, style)]
    return cut[0], cut[1], cut[2]


def _random_view(side: int) -> int:
    """A side in VIEWS times side: fine patterns that fool the eyes at one size fail at another."""
    smallest, largest = (int(side * view) for view in VIEWS)
    return int(torch.randint(smallest, largest + 1, ()))


def _resize(image: Tensor, side: int) -> Tensor:
    if image.shape[-1] == side:
        return image
    return F.interpolate(image, size=(side, side), mode="bilinear", antialias=True)


def _spread(image: Tensor) -> Tensor:
    return (image - 0.5) * PIXEL_GAIN


def _beside(
    maps: Mapping[int, Tensor], source_maps: Mapping[int, Tensor] | None
) -> Mapping[int, Tensor]:
    """The features of a picture, with those of its source if there is one, along the channels."""
    if source_maps is None:
        return maps
    return {stride: torch.cat([m, source_maps[stride]], 1) for stride, m in maps.items()}


def _together(image: Tensor, source: Tensor | None) -> Tensor:
    """A picture and its source, if there is one: (B, 3, H, W) or (B, 6, H, W)."""
    return image if source is None else torch.cat([image, source], 1)


def _facts(fake: Tensor, kept: Tensor) -> dict[str, Tensor]:
    """By how much results differ from what they are held to, and their contrast beside its."""
    return {
        "picture/change": (fake - kept).abs().mean(),
        "picture/contrast": fake.std((2, 3)).mean() / kept.std((2, 3)).mean().clamp(min=1e-3),
    }


def _generator_optimizers(
    generator: Generator, lr: float, muon_lr: float
) -> tuple[torch.optim.Optimizer, ...]:
    """Muon for the convolutions between feature maps, AdamW for the rest.

    Entrance and exit meet pixels, where directions are not of equal worth (Jordan et al. 2024).
    """
    inner: list[nn.Parameter] = []
    rest: list[nn.Parameter] = []
    for name, parameter in generator.named_parameters():
        between_maps = parameter.ndim == 4 and "entrance" not in name and "exit" not in name
        (inner if between_maps else rest).append(parameter)
    return _adamw(rest, lr=lr), Muon([{"params": inner, "initial_lr": muon_lr}], lr=muon_lr)


def _adamw(*groups: Iterable[nn.Parameter], lr: float) -> torch.optim.Optimizer:
    learnt = [[parameter for parameter in group if parameter.requires_grad] for group in groups]
    return torch.optim.AdamW(
        [{"params": group, "initial_lr": lr} for group in learnt],
        lr=lr,
        betas=(0.5, 0.99),
        weight_decay=0.0,
    )


@contextmanager
def _frozen(module: nn.Module) -> Iterator[None]:
    """Let gradients pass through a module's parameters without reaching them."""
    learnt = [parameter for parameter in module.parameters() if parameter.requires_grad]
    for parameter in learnt:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in learnt:
            parameter.requires_grad_(True)


def _float(maps: list[Tensor]) -> list[Tensor]:
    """What autocast left in fewer bits, in float32."""
    return [m.to(torch.promote_types(m.dtype, torch.float32)) for m in maps]


def _below(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {
        k.removeprefix(f"{prefix}."): v for k, v in tensors.items() if k.startswith(f"{prefix}.")
    }
