import pytest
import torch
from torch import nn

from ganstyle.models.generator import Generator
from ganstyle.train.optimizers import Muon, adamw, frozen, generator_optimizers, orthogonal
from tests.conftest import TINY


def test_convolutions_between_maps_learn_by_muon_and_the_rest_by_adamw() -> None:
    generator = Generator(TINY)
    rest, inner = generator_optimizers(generator, lr=1e-3, muon_lr=1e-2)
    assert isinstance(inner, Muon)
    by_muon = {id(p) for group in inner.param_groups for p in group["params"]}
    by_adamw = {id(p) for group in rest.param_groups for p in group["params"]}
    assert not by_muon & by_adamw
    assert by_muon | by_adamw == {id(p) for p in generator.parameters()}
    assert id(generator.decoder.exit.weight) in by_adamw
    assert id(generator.encoder.down[0].weight) in by_muon


def test_groups_keep_their_order_and_leave_out_what_is_frozen() -> None:
    first, second = nn.Linear(2, 2), nn.Linear(3, 3)
    first.bias.requires_grad_(False)
    groups = adamw(first.parameters(), second.parameters(), lr=0.1).param_groups
    assert [[tuple(p.shape) for p in group["params"]] for group in groups] == [
        [(2, 2)],
        [(3, 3), (3,)],
    ]


def test_gradients_pass_through_what_is_frozen() -> None:
    layer = nn.Linear(2, 2)
    x = torch.ones(1, 2, requires_grad=True)
    with frozen(layer):
        layer(x).sum().backward()
    assert x.grad is not None
    assert layer.weight.grad is None
    assert layer.weight.requires_grad


@pytest.mark.parametrize("shape", [(8, 8), (6, 40), (40, 6)])
def test_orthogonal_keeps_the_directions_and_evens_out_their_strength(
    shape: tuple[int, int],
) -> None:
    torch.manual_seed(0)
    u, _, vh = torch.linalg.svd(torch.randn(shape), full_matrices=False)
    strengths = torch.logspace(0, -1.5, len(vh) if shape[0] >= shape[1] else u.shape[1])
    result = orthogonal(u @ strengths.diag() @ vh)
    inner = u.T @ result @ vh.T  # diagonal where the singular vectors are kept
    assert ((inner.diag() > 0.6) & (inner.diag() < 1.3)).all()
    assert (inner - inner.diag().diag()).abs().max() < 1e-3


def test_weak_directions_of_a_gradient_move_as_far_as_strong_ones() -> None:
    weight = torch.zeros(4, 4, 3, 3, requires_grad=True)
    strong, weak = torch.zeros(2, 4, 4, 3, 3)
    strong[0, 0, 0, 0], weak[1, 1, 2, 2] = 1.0, 0.05
    weight.grad = strong + weak
    Muon([{"params": [weight]}], lr=0.1).step()
    moved = -weight.detach()
    assert 0.06 < moved[0, 0, 0, 0] < 0.13
    assert 0.06 < moved[1, 1, 2, 2] < 0.13
    assert moved.count_nonzero() == 2


def test_it_follows_the_slope_to_the_ground() -> None:
    torch.manual_seed(0)
    weight, wanted = torch.zeros(6, 8, requires_grad=True), 0.1 * torch.randn(6, 8)
    optimizer = Muon([{"params": [weight]}], lr=0.02)
    for step in range(100):
        optimizer.param_groups[0]["lr"] = 0.02 * (1 - step / 100)
        optimizer.zero_grad()
        (weight - wanted).square().sum().backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    assert (weight.detach() - wanted).abs().max() < 0.01
