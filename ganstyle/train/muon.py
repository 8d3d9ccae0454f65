"""Muon: momentum whose every update of a convolution is brought to orthogonal form."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

_COEFFICIENTS = (3.4445, -4.7750, 2.0315)
_ITERATIONS = 5


class Muon(torch.optim.Optimizer):
    """Optimizer of weights of two dimensions and more (Jordan et al. 2024).

    A convolution's update, seen as a matrix (out, in * k * k), is replaced by the nearest
    orthogonal one, so that directions with small gradients are learnt as fast as the few with
    large ones.
    lr: size of an update, its largest singular value. momentum: in [0, 1), Nesterov's.
    """

    def __init__(self, params: Iterable[dict[str, Any]], lr: float, momentum: float = 0.9) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Move every weight that has a gradient."""
        assert closure is None
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    self._move(weight, weight.grad, group)

    def _move(self, weight: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        state, momentum = self.state[weight], group["momentum"]
        if "mean" not in state:
            state["mean"] = torch.zeros_like(weight)
        mean = state["mean"].lerp_(gradient, 1 - momentum)
        update = orthogonal(gradient.lerp(mean, momentum).flatten(1))  # (out, in * k * k)
        tall = max(1.0, update.shape[0] / update.shape[1]) ** 0.5
        weight.sub_(update.view_as(weight), alpha=group["lr"] * tall)


def orthogonal(matrix: Tensor) -> Tensor:
    """The singular vectors of `matrix` with singular values of about 1: (M, N) to the same shape.

    Five Newton-Schulz iterations with Jordan's coefficients, which lead values between 0.01 and 1
    of the largest to between 0.7 and 1.2; those far below stay small.
    """
    a, b, c = _COEFFICIENTS
    wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    x: Tensor = wide / (wide.norm() + 1e-12)
    for _ in range(_ITERATIONS):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x if wide is matrix else x.T
