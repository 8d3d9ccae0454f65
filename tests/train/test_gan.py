from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ganstyle.data.crop_sources import StyleCrops
from ganstyle.data.crops import CropSet
from ganstyle.distributed import Ranks
from ganstyle.runtime import pick_runtime
from ganstyle.sources.abstraction import Abstraction, abstract
from ganstyle.train.balance import BalanceController
from ganstyle.train.config import TrainConfig
from ganstyle.train.gan import EMA_POWER, Gan
from ganstyle.train.optimizers import descend
from ganstyle.train.step_rng import StepRng
from tests.conftest import picture

CPU = torch.device("cpu")


@pytest.fixture
def gan(tiny_preset: str) -> Gan:
    return _gan(tiny_preset)


def _gan(preset: str, **changes: object) -> Gan:
    options: dict[str, object] = {"images": 100, "crop": 64, "batch": 2, "warmup": 0}
    config = TrainConfig(preset=preset, **(options | changes))  # type: ignore[arg-type]
    return Gan(config, pick_runtime("cpu", "float32"))


def _crops(seed: int) -> tuple[Tensor, Tensor]:
    content, style = torch.rand(2, 2, 3, 64, 64, generator=torch.Generator().manual_seed(seed))
    return content, style


def _rng(step: int = 0) -> StepRng:
    return StepRng.of_step(0, step, CPU, Ranks())


def _weights(module: nn.Module) -> list[Tensor]:
    return [parameter.detach().clone() for parameter in module.parameters()]


def _differ(before: Sequence[Tensor], after: Sequence[Tensor]) -> bool:
    return any(not torch.equal(a, b) for a, b in zip(before, after, strict=True))


def test_one_player_moves_at_a_time(gan: Gan, monkeypatch: pytest.MonkeyPatch) -> None:
    moves: list[tuple[str, bool, bool]] = []

    def spy(optimizers: Sequence[torch.optim.Optimizer], loss: Tensor, ranks: Ranks) -> None:
        [player] = [name for name, own in gan.optimizers.items() if own is optimizers]
        players = gan.generator, gan.discriminators
        before = [_weights(module) for module in players]
        for module in players:
            module.zero_grad()
        descend(optimizers, loss, ranks)
        generator, discriminators = (
            _differ(old, _weights(module)) for old, module in zip(before, players, strict=True)
        )
        moves.append((player, generator, discriminators))
        still = gan.discriminators if player == "generator" else gan.generator
        assert all(p.grad is None for p in still.parameters())

    monkeypatch.setattr("ganstyle.train.gan.descend", spy)
    gan.step(*_crops(0), _rng())
    assert moves == [("discriminators", False, True), ("generator", True, False)]


def test_a_step_reports_finite_losses_and_fooled_rates(gan: Gan) -> None:
    values = gan.step(*_crops(0), _rng())
    assert all(value.isfinite() for value in values.values())
    assert all(0 <= values[f"fooled/{kind}"] <= 1 for kind in ("projected", "patch"))
    assert {f"loss/{name}" for name in ("generator", "pair", "content", "color")} < values.keys()


def test_it_plays_on_style_images_alone(gan: Gan) -> None:
    before = _weights(gan.generator), _weights(gan.discriminators)
    values = gan.step(None, _crops(0)[1], _rng())
    assert all(value.isfinite() for value in values.values())
    assert "loss/pair" in values
    assert "loss/content" not in values
    assert _differ(before[0], _weights(gan.generator))
    assert _differ(before[1], _weights(gan.discriminators))
    assert all(rate.isfinite() for rate in gan.held_out_rates(None, _crops(1)[1], _rng()).values())


def test_results_stand_in_the_order_of_their_targets(gan: Gan) -> None:
    """A fresh generator shows its source, so that each result tells what it was drawn on."""
    shades = torch.tensor([0.2, 0.4, 0.6, 0.8])[:, None, None, None]
    flat = shades.expand(4, 3, 64, 64)
    batch = gan.draw(flat[2:], flat[:2], _rng())
    assert batch.pairs == 2
    assert batch.fake.shape == batch.target.shape == (4, 3, 48, 48)
    for images in (batch.target, batch.fake.detach()):
        assert torch.allclose(images, shades.expand_as(images), atol=1e-5)
    assert torch.equal(batch.style, batch.target[:2])
    for stride, maps in batch.fake_maps.items():
        assert maps.shape == batch.target_maps[stride].shape
        assert batch.style_maps[stride].shape[0] == 2


def test_a_content_image_is_held_to_itself_in_the_palette_of_the_style(gan: Gan) -> None:
    content, style = torch.rand(2, 3, 64, 64) * 0.5, 0.5 + torch.rand(2, 3, 64, 64) * 0.5
    gan.fit_palette(content, style)
    assert gan.generator.palette
    recolored = gan.generator.palette(content)
    assert not torch.equal(recolored, content)
    batch = gan.draw(content, style, _rng())
    for whole, cut in ((style, batch.target[:2]), (recolored, batch.target[2:])):
        windows = whole.unfold(2, 48, 1).unfold(3, 48, 1)  # (2, 3, 17, 17, 48, 48)
        places = (windows == cut[:, :, None, None]).all(-1).all(-1)
        assert places.any(-1).any(-1).all()
    assert gan.ema.palette
    assert torch.equal(gan.ema.palette(content), recolored)


def test_sources_are_abstractions_of_factors_all_over_the_range(
    gan: Gan, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Abstraction] = []

    def spy(images: Tensor, abstraction: Abstraction) -> Tensor:
        asked.append(abstraction)
        return abstract(images, abstraction)

    monkeypatch.setattr("ganstyle.train.tasks.abstract", spy)
    with torch.no_grad():
        for step in range(30):
            gan.draw(*_crops(0), _rng(step))
    factors, config = [abstraction.factor for abstraction in asked], gan.config
    assert config.finest <= min(factors) < config.finest + 0.4
    assert config.coarsest - 0.4 < max(factors) <= config.coarsest
    assert {abstraction.radius for abstraction in asked} == {config.radius}
    quarter = config.finest + (config.coarsest - config.finest) / 4
    assert gan.generator.config.source == Abstraction(factor=quarter, radius=config.radius)


def test_chance_comes_from_the_seed_and_the_step_alone(tiny_preset: str) -> None:
    states = []
    for other_chance in (1, 2):
        torch.manual_seed(other_chance)
        before = torch.get_rng_state()
        gan = _gan(tiny_preset)
        gan.set_rates(0.0, BalanceController({"projected": 0.5, "patch": 0.5}))
        for step in range(2):
            gan.step(*_crops(step), _rng(step))
        gan.held_out_rates(*_crops(5), _rng(5))
        assert torch.equal(torch.get_rng_state(), before)
        states.append(gan.state())
    first, second = states
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)
    other = _gan(tiny_preset, seed=1)
    assert _differ(_weights(_gan(tiny_preset).generator), _weights(other.generator))


def test_the_step_decides_where_it_is_cut_and_drawn(gan: Gan) -> None:
    with torch.no_grad():
        first, again, another = (gan.draw(*_crops(0), _rng(step)) for step in (0, 0, 1))
    assert torch.equal(first.fake, again.fake)
    assert not torch.equal(first.fake, another.fake)


def test_it_learns_to_paint_from_the_abstraction_of_one_picture(tiny_preset: str) -> None:
    """Soft blobs under a hatching: abstractions show the blobs, the hatching must come back."""
    pixels = np.asarray(picture(160, 160)).copy()
    pixels[np.indices(pixels.shape[:2]).sum(0) % 8 < 3] //= 3
    crops = StyleCrops(CropSet([(torch.from_numpy(pixels),)], 64))
    gan = _gan(tiny_preset, lr=2e-3, pair_weight=10.0, color_weight=100.0)
    styles = [crops.sample(4, _rng(step).draws)[1] for step in range(4)]

    @torch.no_grad()
    def judged() -> tuple[float, float]:
        """Distances of features and colours, the means over batches that stay the same."""
        losses = []
        for number, style in enumerate(styles):
            rng = _rng(100 + number)
            losses.append(gan.generator_loss(gan.draw(None, style, rng), rng)[1])
        pair, color = (sum(float(v[f"loss/{n}"]) for v in losses) / 4 for n in ("pair", "color"))
        return pair, color

    before, _ = judged()
    for step in range(40):
        rng = _rng(step)
        gan.step(*crops.sample(2, rng.draws), rng)
    pair, color = judged()
    assert pair < 0.75 * before
    assert color < 0.01


def test_the_generator_pays_for_each_distance_by_its_weight(gan: Gan) -> None:
    with torch.no_grad():
        batch = gan.draw(*_crops(0), _rng())
        loss, values = gan.generator_loss(batch, _rng(1))
    parts = {name: float(values[f"loss/{name}"]) for name in ("pair", "content", "color")}
    assert min(parts.values()) > 0
    weighed = sum(value * getattr(gan.config, f"{name}_weight") for name, value in parts.items())
    assert float(loss) == pytest.approx(float(values["loss/generator"]) + weighed, rel=1e-5)


def test_the_learning_rate_warms_up_and_ends_at_zero(tiny_preset: str) -> None:
    gan, balance = _gan(tiny_preset, batch=1, warmup=4, lr=1e-3), BalanceController()
    rates = []
    for progress in (0.0, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0):
        gan.set_rates(progress, balance)
        rates.append(gan.optimizers["generator"][0].param_groups[0]["lr"])
        gan.step(None, _crops(0)[1][:1], _rng())
    assert rates == pytest.approx([0.25e-3, 0.5e-3, 0.75e-3, 1e-3, 1e-3, 0.5e-3, 0.0])


def test_the_average_weighs_step_t_by_its_power(gan: Gan) -> None:
    """After n steps the average of 1, 2, ... n is that of the weights t^power, nearly."""
    parameter, mean = next(gan.generator.parameters()), next(gan.ema.parameters())
    steps = 400
    with torch.no_grad():
        for step in range(steps):
            gan.steps = step
            parameter.fill_(step + 1)
            gan._average()
    expected = steps * (EMA_POWER + 1) / (EMA_POWER + 2)
    assert float(mean.mean()) == pytest.approx(expected, rel=0.01)


def test_restored_players_go_on_as_if_nothing_had_happened(gan: Gan) -> None:
    gan.step(*_crops(0), _rng(0))
    state = {name: tensor.clone() for name, tensor in gan.state().items()}
    gan.step(*_crops(1), _rng(1))

    other = Gan(gan.config, gan.runtime)
    other.restore(state, steps=1)
    other.step(*_crops(1), _rng(1))
    assert other.steps == gan.steps == 2
    for name, tensor in gan.state().items():
        assert torch.equal(tensor, other.state()[name]), name


def test_held_out_rates_move_nobody(gan: Gan) -> None:
    gan.step(*_crops(0), _rng(0))
    learnt = _weights(gan.generator), _weights(gan.discriminators)
    rates = gan.held_out_rates(*_crops(1), _rng(1))
    assert rates.keys() == {
        f"held_out/{what}_{kind}" for what in ("real", "fooled") for kind in ("projected", "patch")
    }
    assert all(0 <= float(rate) <= 1 for rate in rates.values())
    assert not _differ(learnt[0], _weights(gan.generator))
    assert not _differ(learnt[1], _weights(gan.discriminators))


def test_the_pilot_sets_rates_noise_and_augmentation(
    gan: Gan, monkeypatch: pytest.MonkeyPatch
) -> None:
    probabilities: list[float] = []

    def spy(images: Tensor, probability: float, draws: Tensor) -> Tensor:
        probabilities.append(probability)
        assert len(images) == len(draws)
        return images

    monkeypatch.setattr("ganstyle.train.discriminators.augment", spy)
    gan.set_rates(0.0, BalanceController())
    gan.step(*_crops(0), _rng())
    assert probabilities == []
    usual = gan.discriminators.projected.noise
    gan.set_rates(0.0, BalanceController({"projected": 2.0, "patch": 0.5}, setbacks=1))
    gan.step(*_crops(0), _rng())
    projected, patch = gan.optimizers["discriminators"][0].param_groups
    lr = gan.config.discriminator_lr
    assert projected["lr"] == pytest.approx(lr / 4 / 2)
    assert patch["lr"] == pytest.approx(lr / 2)
    assert gan.optimizers["generator"][0].param_groups[0]["lr"] == gan.config.lr / 2
    assert gan.discriminators.projected.noise > usual
    assert probabilities == pytest.approx([0.4] * 2)  # real and fake, and the generator's turn


def test_paired_discriminators_see_the_source(tiny_preset: str) -> None:
    gan = _gan(tiny_preset, task="paired")
    source, target = _crops(0)
    values = gan.step(source, target, _rng())
    assert all(value.isfinite() for value in values.values())
    assert "loss/content" not in values
    gan.discriminators.eval()  # no noise
    other = torch.rand(source.shape, generator=torch.Generator().manual_seed(5))
    gan.generator.decoder.exit.weight.data.zero_()  # results are the source again
    rates = gan.held_out_rates(source, target, _rng())
    other_rates = gan.held_out_rates(other, target, _rng())
    assert rates["held_out/real_patch"] != other_rates["held_out/real_patch"]


def test_drafts_are_drawn_twice_beside_abstractions_of_others(tiny_preset: str) -> None:
    gan = _gan(tiny_preset, task="draft")
    assert gan.generator.palette is None
    assert gan.generator.config.drafts
    assert gan.generator.config.tone == 0
    paintings, others = _crops(0)
    batch = gan.draw(paintings, others, _rng())
    assert (batch.group, batch.pairs, len(batch.fake)) == (2, 4, 6)
    assert torch.equal(batch.target[:2], batch.target[4:])
    assert not torch.equal(batch.target[:2], batch.target[2:4])
    # A fresh generator shows its source: the same draft twice, and an abstraction.
    assert torch.allclose(batch.fake[:2], batch.fake[4:], atol=1e-5)
    before = _weights(gan.generator)
    values = gan.step(paintings, others, _rng())
    assert all(value.isfinite() for value in values.values())
    assert {f"loss/{name}" for name in ("pair", "color", "draft", "draft_color")} < values.keys()
    assert "picture/change" not in values
    assert _differ(before, _weights(gan.generator))
    again = gan.draw(paintings, others, _rng(1))
    assert not torch.allclose(again.fake[:2], again.fake[4:], atol=1e-5)  # by their maps


def test_the_noise_of_drafts_lasts_over_tens_of_pixels(tiny_preset: str) -> None:
    drafts, others = (_gan(tiny_preset, task=t).generator.config for t in ("draft", "unpaired"))
    assert max(drafts.noise_cells) >= 4 * max(others.noise_cells)
