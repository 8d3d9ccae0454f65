"""Ranges of the inputs of a generator's convolutions, by which they are rounded to 8 bits."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from ganstyle.models.layers import PaddedConv

_SHARE = 0.999
"""Share of a channel's values within its range: cutting off the few beyond it costs less than finer
steps gain for all others."""


class InputRanges(nn.Module):
    """For each input channel of a convolution, the absolute value that hardly any value exceeds.

    Ranges are 1 until they are measured.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        for name, conv in measured_convs(network):
            self.register_buffer(_buffer(name), torch.ones(conv.in_channels))

    def of(self, name: str) -> Tensor:
        """Ranges of the convolution of that name in the network: (C,)."""
        return self.get_buffer(_buffer(name))

    @torch.inference_mode()
    def measure(self, network: nn.Module, run: Callable[[], object]) -> None:
        """Set the ranges to the largest that occur in a network while run() runs.

        network: of the same shape as the one that these ranges belong to.
        """
        found: dict[str, Tensor] = {}

        def note(name: str) -> Callable[[nn.Module, tuple[Tensor]], None]:
            def hook(_: nn.Module, inputs: tuple[Tensor]) -> None:
                values = inputs[0].float().abs().transpose(0, 1).flatten(1)  # (C, B * H * W)
                rank = max(1, round(_SHARE * values.shape[1]))
                here = values.kthvalue(rank, dim=1).values.cpu()
                found[name] = here.maximum(found.get(name, here))

            return hook

        convs = {_buffer(name): conv for name, conv in measured_convs(network)}
        hooks = [conv.register_forward_pre_hook(note(name)) for name, conv in convs.items()]
        try:
            run()
        finally:
            for hook in hooks:
                hook.remove()
        for name, ranges in found.items():
            self.get_buffer(name).copy_(ranges)


def measured_convs(network: nn.Module) -> Iterator[tuple[str, PaddedConv]]:
    """The convolutions of a network whose inputs need ranges, by name.

    Convolutions of single pixels stay as precise as they are.
    """
    for name, module in network.named_modules():
        if isinstance(module, PaddedConv) and not module.bounded:
            yield name, module


def _buffer(name: str) -> str:
    return name.replace(".", "_")  # a buffer's own must have no dots
