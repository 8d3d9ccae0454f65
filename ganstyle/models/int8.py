"""Residual blocks with convolutions of 8-bit numbers, on CPUs that multiply these fastest.

Weights have a scale a channel, features one a tensor, measured beforehand (Jacob et al. 2018):
it must not hang on what else a tile shows. Sums of products are exact.
All that hangs on torch's operators for it is in this file: they are those of its own compiler
(`torch.export` quantized for x86), not the older quantized tensors, which are announced to end.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganstyle.models.blocks import ResidualBlock

if TYPE_CHECKING:
    from ganstyle.models.generator import Generator

_SILU_MINIMUM = -0.2785
"""Least value of SiLU."""


def measure_ranges(generator: "Generator", run: Callable[[], object]) -> tuple[float, ...]:
    """Largest absolute values that go into the convolutions of the residual blocks during run().

    Two a block, in the order of the blocks: for GeneratorConfig.int8_ranges.
    """
    convs = [conv for block in _blocks(generator) for conv in (block.conv1, block.conv2)]
    largest = [0.0] * len(convs)

    def note(index: int) -> Callable[[nn.Module, tuple[Tensor]], None]:
        def hook(_: nn.Module, inputs: tuple[Tensor]) -> None:
            largest[index] = max(largest[index], float(inputs[0].abs().max()))

        return hook

    hooks = [conv.register_forward_pre_hook(note(index)) for index, conv in enumerate(convs)]
    try:
        run()
    finally:
        for hook in hooks:
            hook.remove()
    return tuple(round(value, 4) for value in largest)


def use_int8(generator: "Generator", dtype: torch.dtype) -> None:
    """Let the residual blocks of a generator with int8_ranges compute in 8 bits, for good.

    It must be in float32 on the CPU, and what the blocks add to stays so. dtype: in which the other
    convolutions multiply. A generator that does so already stays as it is.
    """
    blocks, ranges = list(_blocks(generator)), generator.config.int8_ranges
    for block, normed, hidden in zip(blocks, ranges[::2], ranges[1::2], strict=True):
        if isinstance(block.conv1, nn.Conv2d) and isinstance(block.conv2, nn.Conv2d):
            whole = Steps(normed / 127, 128)
            positive = (hidden - _SILU_MINIMUM) / 255
            after = Steps(positive, round(-_SILU_MINIMUM / positive))
            block.norm = _NormToInt8(block.norm.norm, whole)  # type: ignore[arg-type]
            block.conv1 = Int8Conv(block.conv1, whole, torch.uint8, after)
            block.activation = nn.Identity()  # conv1 has done it
            block.conv2 = Int8Conv(block.conv2, after, torch.float32)
    if dtype is not torch.float32:
        _round_other_convs(generator, dtype)


def _round_other_convs(generator: "Generator", dtype: torch.dtype) -> None:
    for parent in list(generator.modules()):
        for name, module in parent.named_children():
            if isinstance(module, nn.Conv2d) and not isinstance(parent, _RoundedConv):
                setattr(parent, name, _RoundedConv(module, dtype))


def _blocks(generator: "Generator") -> Iterator[ResidualBlock]:
    return (module for module in generator.modules() if isinstance(module, ResidualBlock))


class Steps:
    """Numbers as steps from 0 to 255: value = (step - zero) * size."""

    def __init__(self, size: float, zero: int) -> None:
        self.size = max(size, 1e-6)  # a fresh block has nothing but zeros
        self.zero = zero


class _NormToInt8(nn.Module):
    """A ChannelNorm whose output is rounded to steps, 128 for 0: (B, C, H, W) to uint8."""

    def __init__(self, norm: nn.LayerNorm, steps: Steps) -> None:
        super().__init__()
        self.weight = norm.weight.detach() / steps.size
        self.bias = norm.bias.detach() / steps.size

    def forward(self, x: Tensor) -> Tensor:
        normed = F.layer_norm(x.permute(0, 2, 3, 1), self.weight.shape, self.weight, self.bias)
        # By way of int8: to uint8 torch has no vector instructions.
        steps = normed.round_().clamp_(-128, 127).to(torch.int8).view(torch.uint8)
        return steps.bitwise_xor_(128).permute(0, 3, 1, 2)


class _RoundedConv(nn.Module):
    """A convolution in another precision, (B, C, H, W) to float32."""

    def __init__(self, conv: nn.Conv2d, dtype: torch.dtype) -> None:
        super().__init__()
        self.conv = conv.to(dtype)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.conv(x.to(self.conv.weight.dtype))
        return result.float()


class Int8Conv(nn.Module):
    """A padded 3x3 convolution of steps, (B, C, H, W) in uint8, to numbers or, with SiLU, steps."""

    kernel_size, stride, padding = (3, 3), (1, 1), (1, 1)

    def __init__(
        self, conv: nn.Conv2d, steps: Steps, dtype: torch.dtype, silu_to: Steps | None = None
    ) -> None:
        super().__init__()
        weight = conv.weight.detach()
        sizes = weight.abs().amax((1, 2, 3)).clamp(min=1e-12) / 127  # (C,)
        rounded = (weight / sizes[:, None, None, None]).round().to(torch.int8)
        assert conv.bias is not None
        self.sizes, self.bias, self.steps = sizes, conv.bias.detach(), steps
        self.zeros = torch.zeros(len(sizes), dtype=torch.long)
        self.packed = torch.ops.onednn.qconv_prepack(
            rounded, sizes, steps.size, steps.zero, [1, 1], [0, 0], [1, 1], 1, None
        )
        self.output = (silu_to.size, silu_to.zero) if silu_to else (1.0, 0)
        self.dtype, self.activation = dtype, "swish" if silu_to else "none"

    def forward(self, x: Tensor) -> Tensor:
        return self.convolve(_padded(x))

    def convolve(self, padded: Tensor) -> Tensor:
        """The same of what is padded already, channels last in memory: the operator alone."""
        inputs = (padded, self.steps.size, self.steps.zero)
        weights = (self.packed, self.sizes, self.zeros, self.bias)
        geometry = ([1, 1], [0, 0], [1, 1], 1)
        result: Tensor = torch.ops.onednn.qconv2d_pointwise(
            *inputs, *weights, *geometry, *self.output, self.dtype, self.activation, [], ""
        )
        return result


def _padded(x: Tensor) -> Tensor:
    """Continued by one pixel on each side, as F.pad does not for uint8."""
    tall = torch.cat([x[:, :, :1], x, x[:, :, -1:]], 2)
    return torch.cat([tall[..., :1], tall, tall[..., -1:]], 3)
