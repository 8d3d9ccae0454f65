"""The network's convolutions, one by one: what they are called with, and a call of nothing else."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganstyle.models.int8 import Int8Conv, Steps
from ganstyle.runtime import Runtime


@dataclass(frozen=True)
class Convolution:
    """A convolution as the network calls it. inputs, weights: the shapes of both tensors."""

    inputs: tuple[int, ...]
    weights: tuple[int, ...]
    stride: int
    in_block: bool = False
    """Whether it belongs to a residual block, and so takes 8 bits where the runtime does."""

    @classmethod
    def of(
        cls, module: nn.Conv2d | Int8Conv, x: Tensor, output: Tensor, *, in_block: bool
    ) -> "Convolution":
        """The convolution of a module that made `output` of x."""
        B, C, H, W = x.shape
        around = 2 * int(module.padding[0])
        weights = (output.shape[1], C, *module.kernel_size)
        return cls((B, C, H + around, W + around), weights, module.stride[0], in_block)

    @property
    def output(self) -> tuple[int, int]:
        """Height and width of the output."""
        height, width = (
            (side - kernel) // self.stride + 1
            for side, kernel in zip(self.inputs[2:], self.weights[2:], strict=True)
        )
        return height, width

    @property
    def operations(self) -> int:
        """Operations, of floats or of 8 bits; a multiplication and an addition are two."""
        C_out, C_in, *kernel = self.weights
        H, W = self.output
        return 2 * self.inputs[0] * C_out * C_in * kernel[0] * kernel[1] * H * W

    def alone(self, runtime: Runtime) -> Callable[[], Tensor]:
        """A call of it by itself, on operands as the network has them: channels last in memory.

        In 8 bits it is the one that a block adds, without SiLU and to float32.
        """
        in_8_bits = self.in_block and runtime.int8
        return torch.inference_mode()(self._in_8_bits() if in_8_bits else self._in_floats(runtime))

    def _in_8_bits(self) -> Callable[[], Tensor]:
        floats = nn.Conv2d(self.weights[1], self.weights[0], Int8Conv.kernel_size)
        conv = Int8Conv(floats, Steps(1 / 127, 128), torch.float32)
        x = _channels_last(torch.randint(256, self.inputs, dtype=torch.uint8))
        return lambda: conv.convolve(x)

    def _in_floats(self, runtime: Runtime) -> Callable[[], Tensor]:
        x, weight = (
            _channels_last(torch.rand(size, device=runtime.device, dtype=runtime.dtype))
            for size in (self.inputs, self.weights)
        )
        return lambda: F.conv2d(x, weight, stride=self.stride)

    def __str__(self) -> str:
        C_out, C_in, *kernel = self.weights
        H, W = self.output
        step = f", every {self.stride}nd pixel" if self.stride > 1 else ""
        block = ", in a block" if self.in_block else ""
        return f"{kernel[0]}x{kernel[1]}{step}, {C_in} to {C_out} channels, {W}x{H} px{block}"


def _channels_last(x: Tensor) -> Tensor:
    return x.contiguous(memory_format=torch.channels_last)
