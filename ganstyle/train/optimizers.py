"""Optimizers: Muon and AdamW for the generator, AdamW for the discriminators."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from ganstyle.checkpoint import under
from ganstyle.distributed import Ranks
from ganstyle.models.generator import Generator

_COEFFICIENTS = (3.4445, -4.7750, 2.0315)
_ITERATIONS = 5

_BUFFER = "mean"
"""Key of the momentum buffer in the states of runs."""


class Muon(torch.optim.Optimizer):
    """Optimizer for weights of two or more dimensions (Jordan et al. 2024).

    A convolution's update, seen as a matrix (out, in * k * k), is replaced by the nearest
    orthogonal one, so that directions with small gradients are learnt as fast as the few with
    large ones.
    lr: size of an update, its largest singular value. momentum: in [0, 1), Nesterov's.
    """

    def __init__(self, params: Iterable[dict[str, Any]], lr: float, momentum: float = 0.9) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Update every weight that has a gradient."""
        assert closure is None
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    self._update(weight, weight.grad, group)

    def _update(self, weight: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        state, momentum = self.state[weight], group["momentum"]
        if _BUFFER not in state:
            state[_BUFFER] = torch.zeros_like(weight)
        buffer = state[_BUFFER].lerp_(gradient, 1 - momentum)
        update = orthogonal(gradient.lerp(buffer, momentum).flatten(1))  # (out, in * k * k)
        tall = max(1.0, update.shape[0] / update.shape[1]) ** 0.5
        weight.sub_(update.view_as(weight), alpha=group["lr"] * tall)


def orthogonal(matrix: Tensor) -> Tensor:
    """A matrix with all its singular values replaced by about 1: (M, N) to the same shape.

    Five Newton-Schulz iterations with Jordan's coefficients take singular values of 0.01 to 1,
    relative to the largest, to between 0.7 and 1.2; much smaller ones stay small.
    """
    a, b, c = _COEFFICIENTS
    wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    x: Tensor = wide / (wide.norm() + 1e-12)
    for _ in range(_ITERATIONS):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x if wide is matrix else x.T


def generator_optimizers(
    generator: Generator, lr: float, muon_lr: float
) -> tuple[torch.optim.Optimizer, ...]:
    """Muon for the convolutions between feature maps, AdamW for the rest.

    Entrance and exit work on pixels, where directions are not of equal weight (Jordan et al. 2024).
    """
    inner: list[nn.Parameter] = []
    rest: list[nn.Parameter] = []
    for name, parameter in generator.named_parameters():
        between_maps = parameter.ndim == 4 and "entrance" not in name and "exit" not in name
        (inner if between_maps else rest).append(parameter)
    return adamw(rest, lr=lr), Muon([{"params": inner, "initial_lr": muon_lr}], lr=muon_lr)


def adamw(*groups: Iterable[nn.Parameter], lr: float) -> torch.optim.Optimizer:
    """AdamW without weight decay, for those parameters that are not frozen."""
    trainable = [[parameter for parameter in group if parameter.requires_grad] for group in groups]
    return torch.optim.AdamW(
        [{"params": group, "initial_lr": lr} for group in trainable],
        lr=lr,
        betas=(0.5, 0.99),
        weight_decay=0.0,
    )


@contextmanager
def frozen(module: nn.Module) -> Iterator[None]:
    """Let gradients pass through a module without reaching its parameters."""
    trainable = [parameter for parameter in module.parameters() if parameter.requires_grad]
    for parameter in trainable:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in trainable:
            parameter.requires_grad_(True)


def optimizer_step(optimizers: Sequence[torch.optim.Optimizer], loss: Tensor, ranks: Ranks) -> None:
    """Step all optimizers along the gradient of a loss, averaged over all ranks."""
    for optimizer in optimizers:
        optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    if ranks.count > 1:
        _average_gradients(optimizers, ranks)
    for optimizer in optimizers:
        optimizer.step()


def _average_gradients(optimizers: Sequence[torch.optim.Optimizer], ranks: Ranks) -> None:
    groups = [group for optimizer in optimizers for group in optimizer.param_groups]
    trainable = [p for group in groups for p in group["params"] if p.grad is not None]
    means = ranks.mean([p.grad for p in trainable])
    for parameter, mean in zip(trainable, means, strict=True):
        parameter.grad = mean


def optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """State of an optimizer, under names of the form "parameter index.moment"."""
    tensors: dict[str, Tensor] = {}
    for index, moments in optimizer.state_dict()["state"].items():
        tensors |= under(f"{index}", moments)
    return tensors


def load_optimizer_tensors(optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Load the state that optimizer_tensors() returned."""
    moments: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        index, moment = key.split(".")
        moments.setdefault(int(index), {})[moment] = value
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": moments, "param_groups": groups})
