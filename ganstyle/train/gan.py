"""Adversarial training: discriminators and generator, updated in turn."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace

import torch
from torch import Tensor, nn

from ganstyle.checkpoint import taken_from, under
from ganstyle.data.crops import Batch
from ganstyle.distributed import Ranks
from ganstyle.features.efficientnet import CHANNELS, load_efficientnet
from ganstyle.losses.adversarial import real_rate
from ganstyle.models.discriminator import DiscriminatorConfig
from ganstyle.models.generator import Generator
from ganstyle.models.pretrained import load_matching_weights
from ganstyle.runtime import Runtime
from ganstyle.sources.tones import Tones
from ganstyle.train.augment import image_statistics, random_view, random_window, resize
from ganstyle.train.balance import KINDS, BalanceController
from ganstyle.train.config import TrainConfig
from ganstyle.train.discriminators import Discriminators, Judgement, Logits
from ganstyle.train.generator_config import generator_config
from ganstyle.train.optimizers import (
    adamw,
    frozen,
    generator_optimizers,
    load_optimizer_tensors,
    optimizer_step,
    optimizer_tensors,
)
from ganstyle.train.step_batch import StepBatch
from ganstyle.train.step_losses import Values, discriminator_loss, generator_loss
from ganstyle.train.step_rng import StepRng
from ganstyle.train.tasks import sources_of

EMA_POWER = 10.0
"""The averaged generator remembers about the last 1 / (EMA_POWER + 1) of the run."""


class Gan:
    """Networks, their optimizers, the averaged generator, and one step of training.

    config: weights and rates. runtime: device and precision; the feature extractor stays in
    float32. ranks: the processes that share each batch; all of them hold the same networks. tones:
    of the style images, to which photos will be brought.
    """

    def __init__(
        self,
        config: TrainConfig,
        runtime: Runtime,
        ranks: Ranks | None = None,
        tones: Tones | None = None,
    ) -> None:
        self.config = config
        self.runtime = runtime
        self.ranks = ranks or Ranks()
        device = runtime.device
        judged = DiscriminatorConfig(conditional=config.is_paired)
        channels = {stride: CHANNELS[stride] for stride in judged.strides}
        with torch.random.fork_rng(devices=[]):  # fresh weights come from the CPU
            torch.default_generator.manual_seed(config.seed)
            self.generator = Generator(generator_config(config, tones)).to(device)
            self.discriminators = Discriminators(judged, channels).to(device)
        self.feature_extractor = load_efficientnet().to(device)
        self.ema = deepcopy(self.generator).requires_grad_(False).eval()
        by_kind = (self.discriminators.get_submodule(kind).parameters() for kind in KINDS)
        self.optimizers = {
            "generator": generator_optimizers(self.generator, config.lr, config.muon_lr),
            "discriminators": (adamw(*by_kind, lr=config.discriminator_lr),),
        }
        self.steps = 0

    def step(self, batch: Batch, rng: StepRng) -> Values:
        """Update the discriminators, then the generator.

        batch: this rank's rows of the crops, (B, 3, S, S) each. Returns losses, rates and
        statistics of the images.
        """
        images = self.generate(batch, rng)

        loss, values = discriminator_loss(self.compare(images, rng))
        optimizer_step(self.optimizers["discriminators"], loss, self.ranks)

        loss, terms = generator_loss(self.judge(images, rng), images, self.config)
        optimizer_step(self.optimizers["generator"], loss, self.ranks)

        self._average()
        self.steps += 1
        return values | terms | image_statistics(images)

    def generate(self, batch: Batch, rng: StepRng) -> StepBatch:
        """Results of the generator beside their targets, cut alike, with features at one size.

        Only results and their features carry gradients; the feature extractor itself is frozen.
        """
        sources = sources_of(self.config, batch, rng)
        source, target, size = sources.images, sources.targets, sources.group_size
        with self.runtime.autocast():
            stride = self.generator.config.stride
            group_rng = rng.grouped(len(target) // size)
            coordinates = group_rng.coordinates(source, sources.edges, stride)
            if not self.config.is_paired:  # every invention that a user may ask for, high ones more
                coordinates = replace(coordinates, amplitude=rng.uniform(0, 1) ** 0.5)
            fake = self.generator(source, coordinates)  # (N, 3, S, S)
        rows, columns = random_window(fake.shape[-1], rng)
        fake, target, source = (image[..., rows, columns] for image in (fake, target, source))
        side = random_view(fake.shape[-1], rng)
        fake_maps = self.feature_extractor(resize(fake, side))
        with torch.no_grad():
            target_maps = self.feature_extractor(resize(target, side))
            paired = self.config.is_paired
            source_maps = self.feature_extractor(resize(source, side)) if paired else None
        return StepBatch(
            fake=fake,
            target=target,
            fake_maps=fake_maps,
            target_maps=target_maps,
            real_count=sources.real_count,
            group_size=size,
            exact=sources.exact,
            source=source,
            source_maps=source_maps,
            drafts=sources.drafts,
        )

    def compare(self, images: StepBatch, rng: StepRng) -> Judgement:
        """Logits of style images and results, without gradients to the generator."""
        with self.runtime.autocast():
            return self.discriminators.compare(images, rng)

    def judge(self, images: StepBatch, rng: StepRng) -> Logits:
        """Logits of the results, without gradients to the discriminators."""
        with frozen(self.discriminators), self.runtime.autocast():
            logits: Logits = self.discriminators(images.fake, images.fake_maps, images, rng)
        return logits

    @torch.no_grad()
    def held_out_rates(self, batch: Batch, rng: StepRng) -> Values:
        """Rates of the discriminators on images held out from training, without any update.

        The images are augmented as in training, so that the rates can be compared.
        """
        found = self.compare(self.generate(batch, rng), rng)
        rates = {f"held_out/real_{kind}": real_rate(found.real[kind]) for kind in KINDS}
        return rates | {f"held_out/fooled_{kind}": real_rate(found.fake[kind]) for kind in KINDS}

    def set_rates(self, progress: float, balance: BalanceController) -> None:
        """Set learning rates and what the discriminators see, by the schedule and the balance.

        Rates: linear warm-up, constant for half of the run, then linear to zero. progress: share
        of the budget that is used up, in [0, 1].
        """
        warm = min(1.0, (self.steps + 1) / max(1, self.config.warmup))
        factor = warm * min(1.0, 2 * (1 - progress)) * balance.lr_factor
        for _, optimizer in self._named_optimizers():
            for group in optimizer.param_groups:
                group["lr"] = group["initial_lr"] * factor
        controls = {kind: balance.control(kind) for kind in KINDS}
        by_kind = self.optimizers["discriminators"][0].param_groups
        for kind, group in zip(KINDS, by_kind, strict=True):
            group["lr"] *= controls[kind].rate
        self.discriminators.set_controls(controls)

    def begin_with(self, other: Generator) -> None:
        """Take over those weights of another generator that fit."""
        for generator in (self.generator, self.ema):
            load_matching_weights(generator, other)

    @torch.no_grad()
    def _average(self) -> None:
        """Power-function EMA (Karras et al. 2024, eq. 127): its memory grows with the run."""
        keep = (1 - 1 / (self.steps + 1)) ** (EMA_POWER + 1)
        for mean, now in zip(self.ema.parameters(), self.generator.parameters(), strict=True):
            mean.lerp_(now, 1 - keep)

    def is_finite(self) -> bool:
        """Whether all weights of the generator are numbers."""
        return all(bool(weight.isfinite().all()) for weight in self.generator.parameters())

    def state(self) -> dict[str, Tensor]:
        """All tensors that resuming needs, by name."""
        tensors: dict[str, Tensor] = {}
        for name, module in self._modules().items():
            tensors |= under(name, module.state_dict())
        for name, optimizer in self._named_optimizers():
            tensors |= under(f"optimizer.{name}", optimizer_tensors(optimizer))
        return tensors

    def restore(self, tensors: Mapping[str, Tensor], steps: int) -> None:
        """Load what state() returned after that many steps. Raises RuntimeError for a misfit."""
        for name, module in self._modules().items():
            module.load_state_dict(taken_from(name, tensors))
        for name, optimizer in self._named_optimizers():
            load_optimizer_tensors(optimizer, taken_from(f"optimizer.{name}", tensors))
        self.steps = steps

    def _named_optimizers(self) -> Iterator[tuple[str, torch.optim.Optimizer]]:
        for networks, optimizers in self.optimizers.items():
            for optimizer in optimizers:
                yield f"{networks}.{type(optimizer).__name__}", optimizer

    def _modules(self) -> dict[str, nn.Module]:
        return {
            "generator": self.generator,
            "ema": self.ema,
            "discriminators": self.discriminators,
        }
