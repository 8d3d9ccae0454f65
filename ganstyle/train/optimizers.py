"""Who learns by which rule: Muon and AdamW for the generator, AdamW for the discriminators."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import nn

from ganstyle.models.generator import Generator
from ganstyle.train.muon import Muon


def generator_optimizers(
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
    return adamw(rest, lr=lr), Muon([{"params": inner, "initial_lr": muon_lr}], lr=muon_lr)


def adamw(*groups: Iterable[nn.Parameter], lr: float) -> torch.optim.Optimizer:
    """AdamW without decay; what is frozen among the parameters is left out."""
    learnt = [[parameter for parameter in group if parameter.requires_grad] for group in groups]
    return torch.optim.AdamW(
        [{"params": group, "initial_lr": lr} for group in learnt],
        lr=lr,
        betas=(0.5, 0.99),
        weight_decay=0.0,
    )


@contextmanager
def frozen(module: nn.Module) -> Iterator[None]:
    """Let gradients pass through a module's parameters without reaching them."""
    learnt = [parameter for parameter in module.parameters() if parameter.requires_grad]
    for parameter in learnt:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in learnt:
            parameter.requires_grad_(True)
