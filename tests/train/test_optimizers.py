import torch
from torch import nn

from ganstyle.models.generator import Generator
from ganstyle.train.muon import Muon
from ganstyle.train.optimizers import adamw, frozen, generator_optimizers
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
