"""The benchmark of training measures the published methods' steps, and sorts operations rightly."""

import shutil
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from ganstyle.errors import DataError
from ganstyle.runtime import Runtime
from ganstyle.train.config import TrainConfig
from tests.conftest import picture

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))  # scripts, not a package

import train_ranks
from peer_steps import CutStep, CycleGanStep, PatchGan, encode
from peers import CycleGan
from report import markers
from step_profile import ELEMENTWISE, OPTIMIZER, PADDING, PYTHON, Cost, by_category, categorize
from train import (
    AUTO,
    CUT,
    MARKERS,
    Method,
    compare,
    describe_profile,
    main,
    our_method,
    peer_methods,
    take_turns,
)
from train_ranks import parse_ranks, rank_rate

CPU = torch.device("cpu")


def _transparent(network: nn.Module) -> None:
    """Make every weight positive and every norm the identity, so that each path shows."""
    for module in list(network.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.InstanceNorm2d):
                setattr(module, name, nn.Identity())
    for parameter in network.parameters():
        nn.init.constant_(parameter, 1 / parameter[0].numel())


def _seen(image: Tensor, value: Tensor) -> tuple[int, int]:
    """Height and width of the part of the image that a value depends on, px."""
    [gradient] = torch.autograd.grad(value, image, retain_graph=True)
    touched = gradient[0].abs().sum(0) > 0
    return int(touched.any(1).sum()), int(touched.any(0).sum())


def test_cut_contrasts_places_that_see_what_its_paper_says() -> None:
    generator = CycleGan(antialiased=True)
    _transparent(generator)
    image = torch.rand(1, 3, 136, 136, requires_grad=True)
    centers = [m[0, 0, m.shape[2] // 2, m.shape[3] // 2] for m in encode(generator, image)]
    assert [_seen(image, center) for center in centers] == [(s, s) for s in (1, 9, 15, 35, 99)]


def test_the_discriminator_is_the_published_one() -> None:
    judge = PatchGan()
    assert sum(p.numel() for p in judge.parameters()) == pytest.approx(2.765e6, rel=1e-3)
    _transparent(judge)
    image = torch.rand(1, 3, 128, 128, requires_grad=True)
    logits = judge(image)
    assert logits.shape == (1, 1, 14, 14)
    assert _seen(image, logits[0, 0, 7, 7]) == (70, 70)


@pytest.mark.parametrize("kind", [CutStep, CycleGanStep])
def test_a_step_moves_every_weight(kind: type[CutStep] | type[CycleGanStep]) -> None:
    torch.manual_seed(0)
    players = kind(CPU)
    networks = [n for n in vars(players).values() if isinstance(n, nn.Module)]
    weights = [p for network in networks for p in network.parameters() if p.ndim > 1]
    before = [weight.detach().clone() for weight in weights]
    photo, style = torch.rand(1, 3, 32, 32), torch.rand(1, 3, 32, 32)
    assert players.step(photo, style).isfinite()
    assert not any(torch.equal(a, b) for a, b in zip(before, weights, strict=True))
    assert all(weight.requires_grad or weight.grad is not None for weight in weights)


def test_operations_are_sorted_by_what_is_around_them() -> None:
    around = ["autograd::engine::evaluate_function: ConvolutionBackward0", "training step"]
    assert categorize(["aten::convolution_backward", *around]) == "convolution"
    assert categorize(["aten::sum", "aten::convolution_backward", *around]) == "convolution"
    assert categorize(["aten::copy_", "aten::to", "aten::conv2d", *around]) == "copies"
    assert categorize(["aten::clamp", "aten::hardtanh", "aten::relu6", *around]) == "activation"
    assert categorize(["aten::mm", "Optimizer.step#Muon.step", *around]) == OPTIMIZER
    assert categorize(["aten::copy_", "aten::constant_pad_nd", *around]) == PADDING
    assert categorize(["aten::mul", *around]) == ELEMENTWISE
    assert categorize(around) == PYTHON


def _tiny(tiny_preset: str) -> Method:
    config = TrainConfig(images=1, preset=tiny_preset, crop=64, batch=2)
    return our_method(config, Runtime(CPU, torch.float32))


def test_methods_are_compared_round_by_round(
    tiny_preset: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("train.WARM_UP", 1)
    methods = [_tiny(tiny_preset), *peer_methods(32, CPU)]
    said: list[str] = []
    measured = take_turns(methods, 2, 0.0, said.append)
    assert [line.split(": ")[1] for line in said] == [
        method.name for method in (*methods, *reversed(methods))
    ]
    assert all(len(rates) == 2 and min(rates) > 0 for rates in measured.values())

    rates = {method.name: [1.0, 1.0, 1.0] for method in methods}
    rates |= {AUTO: [2.0, 4.0, 8.0], CUT: [1.0, 4.0, 2.0]}
    rows = compare(methods, rates, 32).rows
    assert rows[0] == (AUTO, "float32", "2", "0.50", "4.00", "1.00")
    assert rows[1] == (CUT, "float32", "1", "0.50", "2.00", "2.00")


def test_the_profile_covers_the_step(tiny_preset: str) -> None:
    categories, operations = describe_profile(_tiny(tiny_preset), 1)
    shares = {row[0]: float(row[-1].rstrip("%")) for row in categories.rows}
    assert sum(shares.values()) == pytest.approx(100, abs=1)
    assert {"convolution", "norm", "activation", OPTIMIZER, "random numbers"} <= set(shares)
    assert all(row[0].startswith("`") for row in operations.rows)


def test_network_kernels_come_first() -> None:
    costs = [
        Cost("a", OPTIMIZER, 1, 9.0),
        Cost("b", "norm", 1, 1.0),
        Cost("c", "convolution", 1, 2.0),
        Cost("d", "convolution", 1, 3.0),
    ]
    assert list(by_category(costs).items()) == [("convolution", 5.0), ("norm", 1.0), (OPTIMIZER, 9)]


def test_a_run_by_ranks_tells_its_speed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("photos", "prints"):
        (tmp_path / folder).mkdir()
        picture(96, 96).save(tmp_path / folder / "0.png")
    small = ["--preset=fast", "--crop=64", "--batch=1", "--style-size=64"]
    folders = tmp_path / "photos", tmp_path / "prints"
    assert rank_rate(1, *folders, 1, small) > 0
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with pytest.raises(DataError, match="2 ranks: exit code 1"):
        rank_rate(2, *folders, 1, small)


def test_ranks_are_compared_with_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_ranks, "rank_rate", lambda count, *_: 3.0 * count)
    said: list[str] = []
    rows = train_ranks.compare_ranks([1, 2], 6, said.append).rows
    assert [(row[0], *row[2:]) for row in rows] == [("1", "3.00", "1.00"), ("2", "6.00", "2.00")]
    assert len(said) == 2


def test_ranks_are_numbers() -> None:
    assert parse_ranks("") == []
    assert parse_ranks("1, 2") == [1, 2]
    for text in ("0", "1,", "two", "-1"):
        with pytest.raises(DataError, match="ranks"):
            parse_ranks(text)


def test_a_file_without_the_markers_is_told_before_any_work(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("\n".join(markers("bench")))
    with pytest.raises(SystemExit, match=MARKERS):
        main(write=readme)
