"""The zero-sum game: generator against discriminators, one of the two updated at a time."""

from collections.abc import Iterator, Mapping
from copy import deepcopy

import torch
from torch import Tensor, nn

from ganstyle.checkpoint import taken_from, under
from ganstyle.config import MARGIN
from ganstyle.distributed import Ranks
from ganstyle.errors import ConfigError
from ganstyle.features.efficientnet import CHANNELS, load_efficientnet
from ganstyle.losses.adversarial import discriminator_hinge, generator_hinge, real_rate
from ganstyle.losses.content import color_distance, feature_distance, flatness
from ganstyle.losses.gram import RunningGrams
from ganstyle.models.blocks import cut_border
from ganstyle.models.discriminator import DiscriminatorConfig
from ganstyle.models.generator import Generator, load_matching_weights
from ganstyle.models.presets import preset
from ganstyle.runtime import Runtime
from ganstyle.train.augment import center_colors, image_statistics, jitter, random_view, resize
from ganstyle.train.balance import KINDS, BalanceController
from ganstyle.train.config import TrainConfig
from ganstyle.train.discriminators import Discriminators
from ganstyle.train.optimizers import (
    adamw,
    descend,
    frozen,
    generator_optimizers,
    load_optimizer_tensors,
    optimizer_tensors,
)
from ganstyle.train.step_batch import StepBatch

CONTENT_STRIDES = (8, 16)
"""Strides of the features in which a result is held to its target; finer ones forbid strokes."""

EMA_POWER = 10.0
"""The averaged generator remembers about the last 1 / (EMA_POWER + 1) of the run."""

Values = dict[str, Tensor]
"""Scalars on the device, by the names that a report has for them."""


class Gan:
    """The players, their optimizers, the averaged generator, and one step of the game.

    config: weights and rates. runtime: where it is played; the feature extractor stays in float32.
    ranks: the processes that share each batch; all of them hold the same networks.
    """

    def __init__(self, config: TrainConfig, runtime: Runtime, ranks: Ranks | None = None) -> None:
        self.config = config
        self.runtime = runtime
        self.ranks = ranks or Ranks()
        torch.manual_seed(config.seed)
        device = runtime.device
        self.paired = config.task != "unpaired"
        judged = DiscriminatorConfig(conditional=self.paired)
        shape = preset(config.preset, paired=self.paired, simplify=config.simplify)
        self.generator = Generator(shape).to(device)
        self.feature_extractor = load_efficientnet().to(device)
        channels = {stride: CHANNELS[stride] for stride in judged.strides}
        self.discriminators = Discriminators(judged, channels, self.ranks).to(device)
        self.grams = RunningGrams({1: 3, **channels}, ranks=self.ranks).to(device)
        self.ema = deepcopy(self.generator).requires_grad_(False).eval()
        by_kind = (self.discriminators.get_submodule(kind).parameters() for kind in KINDS)
        self.optimizers = {
            "generator": generator_optimizers(self.generator, config.lr, config.muon_lr),
            "discriminators": (adamw(*by_kind, lr=config.discriminator_lr),),
        }
        self.balance = BalanceController()
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

    def fit_palette(self, content: Tensor, style: Tensor) -> None:
        """Measure the colours of samples of both folders, (B, 3, H, W) in [0, 1] each.

        From then on the generator starts from content images in the palette of the style, and is
        held to their colours. Paired tasks have the target's.
        """
        if self.generator.palette and self.ema.palette:
            self.generator.palette.fit(content, style, self.config.palette)
            self.ema.palette.load_state_dict(self.generator.palette.state_dict())

    def step(self, content: Tensor, style: Tensor, progress: float) -> Values:
        """Update the discriminators, then the generator, on this rank's part of one batch.

        content: (B, 3, H + 2 * MARGIN, W + 2 * MARGIN) in [0, 1], style: (B, 3, H, W); in paired
        tasks style shows what content, the source, should become. progress: how much of the run
        is over, in [0, 1]. Returns losses, rates and statistics of the images.
        """
        self._set_controls(progress)
        batch = self._stylize(content, style)
        discriminator_losses, rates = self._train_discriminators(batch)
        generator_losses = self._train_generator(batch)
        self._average()
        self.steps += 1
        target, _ = batch.content_target
        statistics = image_statistics(batch.fake.detach(), target)
        return {**discriminator_losses, **generator_losses, **rates, **statistics}

    @torch.no_grad()
    def held_out_rates(self, content: Tensor, style: Tensor) -> Values:
        """Rates of the discriminators on images held out from training; nobody learns.

        content, style: as for step(). They are changed as in training before the discriminators
        see them, so that the rates can be compared.
        """
        batch = self._stylize(content, style)
        rates: Values = {}
        with self.runtime.autocast():
            for name, images, maps in (
                ("real", batch.style, batch.style_maps),
                ("fooled", batch.fake, batch.fake_maps),
            ):
                logits = self.discriminators(images, maps, batch)
                rates |= {f"held_out/{name}_{kind}": real_rate(logits[kind]) for kind in KINDS}
        return rates

    def _stylize(self, content: Tensor, style: Tensor) -> StepBatch:
        """Let the generator draw, cut all images alike, and extract features at one size.

        content, style: as for step(). Only the generator's images and their features, which serve
        both players, carry gradients; the feature extractor itself is frozen.
        """
        with self.runtime.autocast():
            # With real surroundings: next to an edge of its own the generator would hide what it
            # must draw somewhere, say all the blue of the prints, and later frame every picture.
            fake = self.generator.redraw(content, margin=MARGIN)
        fake, content, style = jitter(fake, cut_border(content, MARGIN), style)
        view = random_view(fake.shape[-1])
        fake_maps = self.feature_extractor(resize(fake, view))
        with torch.no_grad():
            both = self.feature_extractor(resize(torch.cat([style, content]), view))
        style_maps = {stride: maps[: len(style)] for stride, maps in both.items()}
        content_maps = {stride: maps[len(style) :] for stride, maps in both.items()}
        return StepBatch(fake, content, style, fake_maps, content_maps, style_maps, self.paired)

    def _train_discriminators(self, batch: StepBatch) -> tuple[Values, Values]:
        """Take the discriminators' turn, in which the generator is frozen; losses and rates."""
        with self.runtime.autocast():
            real, fake, penalty = self.discriminators.compare(batch)
        losses = {kind: discriminator_hinge(real[kind], fake[kind]) for kind in KINDS}
        self._update("discriminators", losses["projected"] + losses["patch"] + penalty)
        return (
            {f"loss/discriminator_{kind}": losses[kind].detach() for kind in KINDS},
            {
                **{f"fooled/{kind}": real_rate(fake[kind]) for kind in KINDS},
                **{f"real/{kind}": real_rate(real[kind]) for kind in KINDS},
            },
        )

    def _train_generator(self, batch: StepBatch) -> Values:
        """Take the generator's turn, in which the discriminators are frozen; its losses."""
        with frozen(self.discriminators), self.runtime.autocast():
            logits = self.discriminators(batch.fake, batch.fake_maps, batch)
        target, target_maps = batch.content_target
        palette = self.generator.palette
        adversarial = generator_hinge(logits["projected"]) + generator_hinge(logits["patch"])
        content = feature_distance(batch.fake_maps, target_maps, CONTENT_STRIDES)
        gram = self.grams(
            {1: center_colors(batch.fake), **batch.fake_maps},
            {1: center_colors(batch.style), **batch.style_maps},
        )
        color = color_distance(batch.fake, palette(target) if palette else target)
        flat = flatness(batch.fake, target)
        self._update(
            "generator",
            adversarial
            + self.config.style_weight * gram
            + self.config.content_weight * self.config.detail * content
            + self.config.color_weight * color
            + self.config.flat_weight / self.config.texture * flat,
        )
        return {
            "loss/generator": adversarial.detach(),
            "loss/style": gram.detach(),
            "loss/content": content.detach(),
            "loss/color": color.detach(),
            "loss/flat": flat.detach(),
        }

    def _update(self, player: str, loss: Tensor) -> None:
        descend(self.optimizers[player], loss, self.ranks)

    def _set_controls(self, progress: float) -> None:
        """Set rates and noise by the schedule and by what the balance controller has decided.

        Rates: linear warm-up, constant for half of the run, then linear to zero.
        """
        warm = min(1.0, (self.steps + 1) / max(1, self.config.warmup))
        factor = warm * min(1.0, 2 * (1 - progress)) * self.balance.lr_factor
        for _, optimizer in self._named_optimizers():
            for group in optimizer.param_groups:
                group["lr"] = group["initial_lr"] * factor
        by_kind = self.optimizers["discriminators"][0].param_groups
        for kind, group in zip(KINDS, by_kind, strict=True):
            group["lr"] *= self.balance.control(kind).rate
        self.discriminators.set_controls(self.balance)

    @torch.no_grad()
    def _average(self) -> None:
        """Power-function EMA (Karras et al. 2024, eq. 127): its memory grows with the run."""
        keep = (1 - 1 / (self.steps + 1)) ** (EMA_POWER + 1)
        for mean, now in zip(self.ema.parameters(), self.generator.parameters(), strict=True):
            mean.lerp_(now, 1 - keep)

    def state(self) -> dict[str, Tensor]:
        """All tensors that going on needs, by name."""
        tensors: dict[str, Tensor] = {}
        for name, module in self._modules().items():
            tensors |= under(name, module.state_dict())
        for name, optimizer in self._named_optimizers():
            tensors |= under(f"optimizer.{name}", optimizer_tensors(optimizer))
        return tensors

    def restore(self, tensors: Mapping[str, Tensor], steps: int) -> None:
        """Go back to what state() returned after that many steps. Raises RuntimeError if unfit."""
        for name, module in self._modules().items():
            module.load_state_dict(taken_from(name, tensors))
        for name, optimizer in self._named_optimizers():
            load_optimizer_tensors(optimizer, taken_from(f"optimizer.{name}", tensors))
        self.steps = steps

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
