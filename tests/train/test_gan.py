import pytest
import torch
from torch import nn

from ganstyle.config import MARGIN
from ganstyle.runtime import pick_runtime
from ganstyle.train.config import TrainConfig
from ganstyle.train.gan import EMA_POWER, Gan


@pytest.fixture
def gan(tiny_preset: str) -> Gan:
    config = TrainConfig(images=100, preset=tiny_preset, crop=64, batch=2, warmup=0)
    return Gan(config, pick_runtime("cpu", "float32"))


def _crops(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    rng = torch.Generator().manual_seed(seed)
    side = 64 + 2 * MARGIN
    photo = torch.rand(2, 3, side, side, generator=rng)
    return photo, torch.rand(2, 3, 64, 64, generator=rng)


def _weights(module: nn.Module) -> list[torch.Tensor]:
    return [parameter.detach().clone() for parameter in module.parameters()]


def test_one_player_moves_at_a_time(gan: Gan, monkeypatch: pytest.MonkeyPatch) -> None:
    moves: list[tuple[str, bool, bool]] = []
    update = gan._update

    def spy(player: str, loss: torch.Tensor) -> None:
        before = _weights(gan.generator), _weights(gan.discriminators)
        for module in (gan.generator, gan.discriminators):
            module.zero_grad()
        update(player, loss)
        after = _weights(gan.generator), _weights(gan.discriminators)
        moved = [
            any(not torch.equal(a, b) for a, b in zip(*pair, strict=True))
            for pair in zip(before, after, strict=True)
        ]
        moves.append((player, *moved))  # type: ignore[arg-type]
        still = gan.discriminators if player == "generator" else gan.generator
        assert all(p.grad is None for p in still.parameters())

    monkeypatch.setattr(gan, "_update", spy)
    gan.step(*_crops(0), progress=0.0)
    assert moves == [("discriminators", False, True), ("generator", True, False)]


def test_a_step_reports_finite_losses_and_fooled_rates(gan: Gan) -> None:
    values = gan.step(*_crops(0), progress=0.0)
    assert all(value.isfinite() for value in values.values())
    assert all(0 <= values[f"fooled/{kind}"] <= 1 for kind in ("projected", "patch"))


def test_the_learning_rate_warms_up_and_ends_at_zero(tiny_preset: str) -> None:
    config = TrainConfig(images=100, preset=tiny_preset, crop=64, batch=1, warmup=4, lr=1e-3)
    gan = Gan(config, pick_runtime("cpu", "float32"))
    rates = []
    for progress in (0.0, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0):
        photo, style = _crops(0)
        gan.step(photo[:1], style[:1], progress)
        rates.append(gan.optimizers["generator"][0].param_groups[0]["lr"])
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
    gan.step(*_crops(0), progress=0.0)
    state = {name: tensor.clone() for name, tensor in gan.state().items()}
    torch.manual_seed(1)
    gan.step(*_crops(1), progress=0.5)

    other = Gan(gan.config, gan.runtime)
    other.restore(state, steps=1)
    torch.manual_seed(1)
    other.step(*_crops(1), progress=0.5)
    for name, tensor in gan.state().items():
        assert torch.equal(tensor, other.state()[name]), name


def test_held_out_rates_move_nobody(gan: Gan) -> None:
    gan.step(*_crops(0), progress=0.0)
    learnt = _weights(gan.generator), _weights(gan.discriminators)
    rates = gan.held_out_rates(*_crops(1))
    assert rates.keys() == {
        f"held_out/{what}_{kind}" for what in ("real", "fooled") for kind in ("projected", "patch")
    }
    assert all(0 <= float(rate) <= 1 for rate in rates.values())
    after = _weights(gan.generator), _weights(gan.discriminators)
    for before, now in zip(learnt, after, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(before, now, strict=True))


def test_the_pilot_sets_rates_noise_and_augmentation(
    gan: Gan, monkeypatch: pytest.MonkeyPatch
) -> None:
    probabilities: list[float] = []

    def spy(images: torch.Tensor, probability: float, _: torch.Tensor) -> torch.Tensor:
        probabilities.append(probability)
        return images

    monkeypatch.setattr("ganstyle.train.discriminators.augment", spy)
    gan.step(*_crops(0), progress=0.0)
    assert probabilities == []
    usual = gan.discriminators.projected.noise
    gan.balance.levels = {"projected": 2.0, "patch": 0.5}
    gan.balance.setbacks = 1
    gan.step(*_crops(0), progress=0.0)
    projected, patch = gan.optimizers["discriminators"][0].param_groups
    lr = gan.config.discriminator_lr
    assert projected["lr"] == pytest.approx(lr / 4 / 2)
    assert patch["lr"] == pytest.approx(lr / 2)
    assert gan.optimizers["generator"][0].param_groups[0]["lr"] == gan.config.lr / 2
    assert gan.discriminators.projected.noise > usual
    assert probabilities == pytest.approx([0.4] * 3)  # real, fake, and the generator's turn


def test_paired_discriminators_see_the_source(tiny_preset: str) -> None:
    config = TrainConfig(images=9, task="paired", preset=tiny_preset, crop=64, batch=2, warmup=0)
    gan = Gan(config, pick_runtime("cpu", "float32"))
    photo, style = _crops(0)
    values = gan.step(photo, style, progress=0.0)
    assert all(value.isfinite() for value in values.values())
    gan.discriminators.eval()  # no noise
    other = torch.rand(photo.shape, generator=torch.Generator().manual_seed(5))
    gan.generator.decoder.exit.weight.data.zero_()  # results are the source again
    torch.manual_seed(0)
    alone = gan.held_out_rates(photo, style)
    torch.manual_seed(0)
    other_rates = gan.held_out_rates(other, style)
    assert alone["held_out/real_patch"] != other_rates["held_out/real_patch"]
