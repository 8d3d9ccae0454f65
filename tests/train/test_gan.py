from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ganstyle.data.crop_sources import StyleCrops
from ganstyle.data.crops import Batch, Crops, CropSet
from ganstyle.distributed import Ranks
from ganstyle.models.generator import Generator
from ganstyle.models.noise import TileCoordinates
from ganstyle.runtime import pick_runtime
from ganstyle.sources.abstraction import Abstraction, abstract
from ganstyle.train.balance import BalanceController, check_convergence
from ganstyle.train.config import TrainConfig
from ganstyle.train.gan import EMA_POWER, Gan
from ganstyle.train.optimizers import optimizer_step
from ganstyle.train.step_losses import generator_loss
from ganstyle.train.step_rng import StepRng
from ganstyle.train.tasks import sources_of
from tests.conftest import TINY, lively_generator, picture

CPU = torch.device("cpu")


@pytest.fixture
def gan(tiny_preset: str) -> Gan:
    return _gan(tiny_preset)


def _gan(preset: str, **changes: object) -> Gan:
    options: dict[str, object] = {"images": 100, "crop": 64, "batch": 2, "warmup": 0}
    config = TrainConfig(preset=preset, **(options | changes))  # type: ignore[arg-type]
    return Gan(config, pick_runtime("cpu", "float32"))


def _crops(seed: int) -> Batch:
    first, second = torch.rand(2, 2, 3, 64, 64, generator=torch.Generator().manual_seed(seed))
    return Batch(_whole(first), _whole(second))


def _whole(images: Tensor) -> Crops:
    """Crops of all the height of their images."""
    return Crops(images, torch.tensor([[-1.0, 1.0]]).expand(len(images), 2))


def _generator_loss(gan: Gan, crops: Batch, rng: StepRng) -> tuple[Tensor, dict[str, Tensor]]:
    batch = gan.generate(crops, rng)
    return generator_loss(gan.judge(batch, rng), batch, gan.config)


def _rng(step: int = 0) -> StepRng:
    return StepRng.of_step(0, step, CPU, Ranks())


def _weights(module: nn.Module) -> list[Tensor]:
    return [parameter.detach().clone() for parameter in module.parameters()]


def _differ(before: Sequence[Tensor], after: Sequence[Tensor]) -> bool:
    return any(not torch.equal(a, b) for a, b in zip(before, after, strict=True))


def test_a_set_of_pure_texture_is_not_taken_for_a_collapse(gan: Gan) -> None:
    for step in range(3):
        values = gan.step(_crops(step), _rng(step))  # noise
        check_convergence({name: float(value) for name, value in values.items()})


def test_one_player_moves_at_a_time(gan: Gan, monkeypatch: pytest.MonkeyPatch) -> None:
    moves: list[tuple[str, bool, bool]] = []

    def spy(optimizers: Sequence[torch.optim.Optimizer], loss: Tensor, ranks: Ranks) -> None:
        [player] = [name for name, own in gan.optimizers.items() if own is optimizers]
        players = gan.generator, gan.discriminators
        before = [_weights(module) for module in players]
        for module in players:
            module.zero_grad()
        optimizer_step(optimizers, loss, ranks)
        generator, discriminators = (
            _differ(old, _weights(module)) for old, module in zip(before, players, strict=True)
        )
        moves.append((player, generator, discriminators))
        still = gan.discriminators if player == "generator" else gan.generator
        assert all(p.grad is None for p in still.parameters())

    monkeypatch.setattr("ganstyle.train.gan.optimizer_step", spy)
    gan.step(_crops(0), _rng())
    assert moves == [("discriminators", False, True), ("generator", True, False)]


def test_a_step_reports_finite_losses_and_fooled_rates(gan: Gan) -> None:
    values = gan.step(_crops(0), _rng())
    assert all(value.isfinite() for value in values.values())
    assert all(0 <= values[f"fooled/{kind}"] <= 1 for kind in ("projected", "patch"))
    distances = ("generator", "pair", "color", "draft", "draft_color")
    assert {f"loss/{name}" for name in distances} < values.keys()
    assert {name for name in values if name.startswith("picture")} == {"picture/contrast"}


def test_results_stand_in_the_order_of_their_targets(tiny_preset: str) -> None:
    """A fresh generator shows its source, so that each result tells what it was drawn on."""
    gan = _gan(tiny_preset, task="paired")
    shades = torch.tensor([0.2, 0.4, 0.6, 0.8])[:, None, None, None]
    flat = shades.expand(4, 3, 64, 64)
    batch = gan.generate(Batch(_whole(flat), _whole(1 - flat)), _rng())
    assert (batch.group_size, batch.real_count) == (4, 4)
    assert batch.fake.shape == batch.target.shape == (4, 3, 48, 48)
    assert torch.allclose(batch.fake.detach(), shades.expand_as(batch.fake), atol=1e-5)
    assert torch.allclose(batch.target, (1 - shades).expand_as(batch.target))
    assert torch.allclose(batch.source, shades.expand_as(batch.source))
    assert torch.equal(batch.style, batch.target)
    for stride, maps in batch.fake_maps.items():
        assert maps.shape == batch.target_maps[stride].shape
        assert batch.style_maps[stride].shape[0] == 4


@pytest.mark.parametrize("task", ["unpaired", "paired"])
def test_random_maps_have_every_amplitude_that_can_be_asked_for(
    task: str, tiny_preset: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gan, amplitudes = _gan(tiny_preset, task=task), []

    def spy(_: Generator, source: Tensor, coordinates: TileCoordinates) -> Tensor:
        amplitudes.append(coordinates.amplitude)
        return source

    monkeypatch.setattr(Generator, "forward", spy)
    monkeypatch.setattr("ganstyle.train.tasks.random_drafts", lambda images, _: images)
    maps = {stride: torch.zeros(1) for stride in (8, 16)}
    monkeypatch.setattr(gan.feature_extractor, "forward", lambda _: maps)
    for step in range(40):
        gan.generate(_crops(0), _rng(step))
    if task == "paired":
        assert set(amplitudes) == {1}
        return
    assert 0 <= min(amplitudes) < 0.3
    assert 0.9 < max(amplitudes) <= 1
    assert sum(amplitude > 0.5 for amplitude in amplitudes) > 20  # most of them have more


def test_results_and_targets_are_cut_alike(gan: Gan) -> None:
    crops = _crops(0)
    batch = gan.generate(crops, _rng())
    whole = torch.cat([crops.first.images, crops.second.images, crops.first.images])
    windows = whole.unfold(2, 48, 1).unfold(3, 48, 1)  # (6, 3, 17, 17, 48, 48)
    found = (windows == batch.target[:, :, None, None]).all(-1).all(-1).all(1)
    places = {tuple(place) for each in found for place in each.nonzero().tolist()}
    assert found.flatten(1).sum(1).tolist() == [1] * 6
    assert len(places) == 1


def test_heights_of_crops_reach_the_generator(
    tiny_preset: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shape = replace(TINY, heights=True)
    monkeypatch.setattr("ganstyle.train.gan.generator_config", lambda *_: shape)
    gan = _gan(tiny_preset)
    gan.generator.load_state_dict(lively_generator(gan.generator.config).state_dict())
    crops = _crops(0)
    upper = Crops(crops.first.images, torch.tensor([[-1.0, -0.4]]).expand(2, 2))
    with torch.no_grad():
        first, again, other = (
            gan.generate(batch, _rng()).fake
            for batch in (crops, crops, crops._replace(first=upper))
        )
    assert torch.equal(first, again)
    changed = (first - other).flatten(1).abs().amax(1) > 1e-4
    assert changed.tolist() == [True, True, False, False, True, True]  # drafts, refined, drafts


def test_sources_are_abstractions_of_factors_all_over_the_range(
    gan: Gan, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Abstraction] = []

    def spy(images: Tensor, abstraction: Abstraction) -> Tensor:
        asked.append(abstraction)
        return abstract(images, abstraction)

    monkeypatch.setattr("ganstyle.train.tasks.abstract", spy)
    monkeypatch.setattr("ganstyle.train.tasks.random_drafts", lambda images, _: images)
    for step in range(30):
        sources_of(gan.config, _crops(0), _rng(step))
    factors, config = [abstraction.factor for abstraction in asked], gan.config
    assert config.finest <= min(factors) < config.finest + 0.4
    assert config.coarsest - 0.4 < max(factors) <= config.coarsest
    assert {abstraction.radius for abstraction in asked} == {config.radius}


def test_chance_comes_from_the_seed_and_the_step_alone(tiny_preset: str) -> None:
    states = []
    for other_chance in (1, 2):
        torch.manual_seed(other_chance)
        before = torch.get_rng_state()
        gan = _gan(tiny_preset)
        gan.set_rates(0.0, BalanceController({"projected": 0.5, "patch": 0.5}))
        for step in range(2):
            gan.step(_crops(step), _rng(step))
        gan.held_out_rates(_crops(5), _rng(5))
        assert torch.equal(torch.get_rng_state(), before)
        states.append(gan.state())
    first, second = states
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)
    other = _gan(tiny_preset, seed=1)
    assert _differ(_weights(_gan(tiny_preset).generator), _weights(other.generator))


def test_the_step_decides_where_it_is_cut_and_drawn(gan: Gan) -> None:
    with torch.no_grad():
        first, again, another = (gan.generate(_crops(0), _rng(step)) for step in (0, 0, 1))
    assert torch.equal(first.fake, again.fake)
    assert not torch.equal(first.fake, another.fake)


def test_it_learns_to_paint_from_the_abstraction_of_one_picture(tiny_preset: str) -> None:
    """Soft blobs under a hatching: abstractions show the blobs, the hatching must come back."""
    pixels = np.asarray(picture(160, 160)).copy()
    pixels[np.indices(pixels.shape[:2]).sum(0) % 8 < 3] //= 3
    images = CropSet([(torch.from_numpy(pixels),)], 64)
    crops = StyleCrops(images, images)
    gan = _gan(tiny_preset, lr=4e-3, muon_lr=0.02, pair_weight=10.0, color_weight=100.0)
    batches = [crops.sample(4, _rng(step).generator) for step in range(2)]

    @torch.no_grad()
    def judged() -> tuple[float, float]:
        """Distances of features and colours, the means over batches that stay the same."""
        losses = []
        for number, batch in enumerate(batches):
            rng = _rng(100 + number)
            losses.append(_generator_loss(gan, batch, rng)[1])
        pair, color = (sum(float(v[f"loss/{n}"]) for v in losses) / 2 for n in ("pair", "color"))
        return pair, color

    before, _ = judged()
    for step in range(25):
        rng = _rng(step)
        gan.step(crops.sample(1, rng.generator), rng)
    pair, color = judged()
    assert pair < 0.75 * before
    assert color < 0.01


@pytest.mark.parametrize("task", ["unpaired", "paired"])
def test_the_generator_pays_for_each_distance_by_its_weight(task: str, tiny_preset: str) -> None:
    weights = {"pair": 3.0, "color": 5.0, "draft": 7.0, "draft_color": 0.5}
    gan = _gan(
        tiny_preset, task=task, pair_weight=3.0, color_weight=5.0, content_weight=7.0
    )  # a tenth of the weight of colours is that of a draft's
    with torch.no_grad():
        loss, values = _generator_loss(gan, _crops(0), _rng())
    names = ("pair", "color") if task == "paired" else tuple(weights)
    assert values.keys() == {f"loss/{name}" for name in ("generator", *names)}
    parts = {name: float(values[f"loss/{name}"]) for name in names}
    assert min(parts.values()) > 0
    weighed = sum(weights[name] * value for name, value in parts.items())
    assert float(loss) == pytest.approx(float(values["loss/generator"]) + weighed, rel=1e-5)


def test_the_learning_rate_warms_up_and_ends_at_zero(tiny_preset: str) -> None:
    gan, balance = _gan(tiny_preset, batch=1, warmup=4, lr=1e-3), BalanceController()
    rates = []
    for progress in (0.0, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0):
        gan.set_rates(progress, balance)
        rates.append(gan.optimizers["generator"][0].param_groups[0]["lr"])
        gan.steps += 1
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
    gan.step(_crops(0), _rng(0))
    state = {name: tensor.clone() for name, tensor in gan.state().items()}
    gan.step(_crops(1), _rng(1))

    other = Gan(gan.config, gan.runtime)
    other.restore(state, steps=1)
    other.step(_crops(1), _rng(1))
    assert other.steps == gan.steps == 2
    for name, tensor in gan.state().items():
        assert torch.equal(tensor, other.state()[name]), name


def test_held_out_rates_move_nobody(gan: Gan) -> None:
    gan.step(_crops(0), _rng(0))
    learnt = _weights(gan.generator), _weights(gan.discriminators)
    rates = gan.held_out_rates(_crops(1), _rng(1))
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

    def spy(images: Tensor, probability: float, uniforms: Tensor) -> Tensor:
        probabilities.append(probability)
        assert len(images) == len(uniforms)
        return images

    monkeypatch.setattr("ganstyle.train.discriminators.augment", spy)
    gan.set_rates(0.0, BalanceController())
    gan.step(_crops(0), _rng())
    assert probabilities == []
    usual = gan.discriminators.projected.noise
    gan.set_rates(0.0, BalanceController({"projected": 2.0, "patch": 0.5}, setbacks=1))
    gan.step(_crops(0), _rng())
    projected, patch = gan.optimizers["discriminators"][0].param_groups
    lr = gan.config.discriminator_lr
    assert projected["lr"] == pytest.approx(lr / 4 / 2)
    assert patch["lr"] == pytest.approx(lr / 2)
    assert gan.optimizers["generator"][0].param_groups[0]["lr"] == gan.config.lr / 2
    assert gan.discriminators.projected.noise > usual
    assert probabilities == pytest.approx([0.4] * 2)  # real and fake, and the generator's turn


def test_paired_discriminators_see_the_source(tiny_preset: str) -> None:
    gan = _gan(tiny_preset, task="paired")
    crops = _crops(0)
    values = gan.step(crops, _rng())
    assert all(value.isfinite() for value in values.values())
    assert not any(name.startswith("loss/draft") for name in values)
    gan.discriminators.eval()  # no noise
    other = crops._replace(first=_crops(5).first)
    gan.generator.decoder.exit.weight.data.zero_()  # results are the source again
    rates = gan.held_out_rates(crops, _rng())
    other_rates = gan.held_out_rates(other, _rng())
    assert rates["held_out/real_patch"] != other_rates["held_out/real_patch"]


def test_drafts_are_drawn_twice_beside_abstractions_of_others(gan: Gan) -> None:
    crops = _crops(0)
    batch = gan.generate(crops, _rng())
    assert (batch.group_size, batch.real_count, len(batch.fake)) == (2, 4, 6)
    assert torch.equal(batch.target[:2], batch.target[4:])
    assert not torch.equal(batch.target[:2], batch.target[2:4])
    assert torch.equal(batch.style, batch.target[:4])
    assert batch.source_maps is None
    # A fresh generator shows its source: the same draft twice, and an abstraction.
    assert torch.allclose(batch.fake[:2], batch.fake[4:], atol=1e-5)
    before = _weights(gan.generator), _weights(gan.discriminators)
    gan.step(crops, _rng())
    assert _differ(before[0], _weights(gan.generator))
    assert _differ(before[1], _weights(gan.discriminators))
    again = gan.generate(crops, _rng(1))
    assert not torch.allclose(again.fake[:2], again.fake[4:], atol=1e-5)  # by their maps


def test_the_noise_of_drafts_lasts_over_tens_of_pixels(tiny_preset: str) -> None:
    drafts, pairs = (_gan(tiny_preset, task=t).generator.config for t in ("unpaired", "paired"))
    assert max(drafts.noise_cells) >= 4 * max(pairs.noise_cells)
