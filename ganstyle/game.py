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
    fooled_rate,
    generator_hinge,
    smoothness_penalty,
)
from ganstyle.losses.content import color_distance, feature_distance, flatness
from ganstyle.losses.palette import PaletteTransfer
from ganstyle.losses.style import RunningGrams
from ganstyle.models.discriminator import (
    DiscriminatorConfig,
    MultiScaleDiscriminator,
    ProjectedDiscriminator,
)
from ganstyle.models.generator import Generator, adopt_weights, cut_border, preset
from ganstyle.muon import Muon
from ganstyle.runtime import Runtime

CONTENT_STRIDES = (8, 16)
"""Strides of the features that a result should share with its photo; finer ones forbid strokes."""

JITTER = 16
"""Pixels by which the view of the discriminators is smaller than the generated crop."""

VIEWS = (0.75, 1.0)
"""Sizes, relative to the crop, at which the eyes look at pictures, drawn afresh each step."""

PIXEL_GAIN = 4.0
"""Factor that brings the deviation of colours in [0, 1] near that of normalised features."""

EMA_POWER = 10.0
"""The averaged generator remembers about the last 1 / (EMA_POWER + 1) of the run."""


class Game:
    """The players, their optimisers, the averaged generator, and one step of the game.

    config: weights and rates. runtime: where it is played; the eyes stay in float32.
    """

    def __init__(self, config: TrainConfig, runtime: Runtime) -> None:
        self.config = config
        self.runtime = runtime
        torch.manual_seed(config.seed)
        device = runtime.device
        discriminators = DiscriminatorConfig()
        self.generator = Generator(preset(config.preset)).to(device)
        self.eyes = load_efficientnet().to(device)
        seen = {stride: CHANNELS[stride] for stride in discriminators.strides}
        self.projected = ProjectedDiscriminator(discriminators, seen).to(device)
        self.patch = MultiScaleDiscriminator(discriminators).to(device)
        self.grams = RunningGrams({1: 3, **seen}).to(device)
        self.palette = PaletteTransfer().to(device)
        self.ema = deepcopy(self.generator).requires_grad_(False).eval()
        self.discriminators = nn.ModuleList([self.projected, self.patch])
        self.optimizers = {
            "generator": _generator_optimizers(self.generator, config.lr, config.muon_lr),
            "discriminators": (_adamw(self.discriminators.parameters(), config.discriminator_lr),),
        }
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
        """Update the discriminators, then the generator, on one batch of each folder.

        photo: (B, 3, H + 2 * MARGIN, W + 2 * MARGIN) in [0, 1], style: (B, 3, H, W). share: how
        much of the run is over, in [0, 1].
        Returns the losses and fooled rates as scalars on the device.
        """
        self._set_learning_rate(share)
        with self.runtime.autocast():
            # With real surroundings: next to an edge of its own the generator would hide what it
            # must draw somewhere, say all the blue of the prints, and later frame every picture.
            fake = self.generator.redraw(photo, margin=MARGIN)
        fake, photo = _jitter(fake, cut_border(photo, MARGIN))
        style = style[..., : fake.shape[-2], : fake.shape[-1]]
        view = _random_view(fake.shape[-1])
        # One pass over the fake serves both players; the eyes themselves are frozen.
        fake_maps = self.eyes(_resize(fake, view))
        with torch.no_grad():
            both_maps = self.eyes(_resize(torch.cat([style, photo]), view))
        style_maps = {s: maps[: len(style)] for s, maps in both_maps.items()}
        photo_maps = {s: maps[len(style) :] for s, maps in both_maps.items()}

        # The discriminators' turn: the generator is frozen, its pictures are detached.
        judged = {stride: maps.detach() for stride, maps in fake_maps.items()}
        with self.runtime.autocast():
            seen_real, seen_fake = self.projected(style_maps), self.projected(judged)
            patch_real, patch_fake, penalty = self._judge_patches(style, fake.detach())
        projected_loss = discriminator_hinge(_float(seen_real), _float(seen_fake))
        patch_loss = discriminator_hinge(patch_real, patch_fake)
        self._update("discriminators", projected_loss + patch_loss + penalty)

        # The generator's turn: the discriminators are frozen.
        with _frozen(self.discriminators), self.runtime.autocast():
            seen, patches = self.projected(fake_maps), self.patch(fake)
        adversarial = generator_hinge(_float(seen)) + generator_hinge(_float(patches))
        content = feature_distance(fake_maps, photo_maps, CONTENT_STRIDES)
        statistics = self.grams({1: _spread(fake), **fake_maps}, {1: _spread(style), **style_maps})
        color = color_distance(fake, self.palette(photo))
        flat = flatness(fake, photo)
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
            "fooled/projected": fooled_rate(seen_fake),
            "fooled/patch": fooled_rate(patch_fake),
        }

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
        self, real: Tensor, fake: Tensor
    ) -> tuple[list[Tensor], list[Tensor], Tensor]:
        """Logit maps of real, of fake, and the smoothness penalty at both, in one pass."""
        clean = torch.cat([real, fake])
        noisy = clean + NOISE * torch.randn(
            clean.shape, device=clean.device
        )  # contiguous: five times as fast
        logits = [m.float() for m in self.patch(torch.cat([clean, noisy]))]  # (4B, 1, H', W')
        count = len(real)
        penalty = smoothness_penalty(
            [m[: 2 * count] for m in logits], [m[2 * count :] for m in logits]
        )
        return [m[:count] for m in logits], [m[count : 2 * count] for m in logits], penalty

    def _update(self, player: str, loss: Tensor) -> None:
        for optimizer in self.optimizers[player]:
            optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        for optimizer in self.optimizers[player]:
            optimizer.step()

    def _set_learning_rate(self, share: float) -> None:
        """Scale the rates: linear warm-up, constant for half of the run, then linear to zero."""
        warm = min(1.0, (self.steps + 1) / max(1, self.config.warmup))
        factor = warm * min(1.0, 2 * (1 - share))
        for _, optimizer in self._named_optimizers():
            for group in optimizer.param_groups:
                group["lr"] = group["initial_lr"] * factor

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


def _jitter(fake: Tensor, photo: Tensor) -> tuple[Tensor, Tensor]:
    """Cut both at the same random place, JITTER pixels smaller.

    The eyes and the generator both work on grids; were these always aligned, the generator would
    be paid for patterns in step with the grid, and draw them into every flat area.
    """
    H, W = (side - JITTER for side in fake.shape[-2:])
    top, left = (int(offset) for offset in torch.randint(JITTER + 1, (2,)))
    return (
        fake[..., top : top + H, left : left + W],
        photo[..., top : top + H, left : left + W],
    )


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
    return _adamw(rest, lr), Muon([{"params": inner, "initial_lr": muon_lr}], lr=muon_lr)


def _adamw(parameters: Iterable[nn.Parameter], lr: float) -> torch.optim.Optimizer:
    learnt = [parameter for parameter in parameters if parameter.requires_grad]
    group = {"params": learnt, "initial_lr": lr}
    return torch.optim.AdamW([group], lr=lr, betas=(0.5, 0.99), weight_decay=0.0)


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
    return [m.float() for m in maps]


def _below(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {
        k.removeprefix(f"{prefix}."): v for k, v in tensors.items() if k.startswith(f"{prefix}.")
    }
