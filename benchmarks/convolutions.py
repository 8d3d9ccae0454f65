"""The network's convolutions, one by one: what they are called with, and a call of nothing else."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganstyle.models.int8_kernel import Int8Kernel
from ganstyle.runtime import Runtime


@dataclass(frozen=True)
class Convolution:
    """A convolution as the network calls it. inputs, weights: the shapes of both tensors."""

    inputs: tuple[int, ...]
    weights: tuple[int, ...]
    stride: int

    @classmethod
    def of(cls, module: nn.Conv2d, x: Tensor) -> "Convolution":
        """The convolution of a module that is called with x."""
        B, C, H, W = x.shape
        around = 2 * int(module.padding[0])
        return cls((B, C, H + around, W + around), tuple(module.weight.shape), module.stride[0])

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

        In 8 bits it is one to float32, without SiLU; those of single pixels stay in float32.
        """
        if not runtime.int8:
            call = self._in_floats(runtime.device, runtime.dtype)
        elif self.weights[2:] == (1, 1):
            call = self._in_floats(runtime.device, torch.float32)
        else:
            call = self._in_8_bits()
        return torch.inference_mode()(call)

    def _in_8_bits(self) -> Callable[[], Tensor]:
        kernel = Int8Kernel(
            torch.rand(self.weights), torch.rand(self.weights[0]), stride=self.stride
        )
        B, C, H, W = self.inputs
        x = torch.randint(256, (B, H, W, C), dtype=torch.uint8)
        return lambda: kernel(x)

    def _in_floats(self, device: torch.device, dtype: torch.dtype) -> Callable[[], Tensor]:
        x, weight = (
            _channels_last(torch.rand(size, device=device, dtype=dtype))
            for size in (self.inputs, self.weights)
        )
        return lambda: F.conv2d(x, weight, stride=self.stride)

    def __str__(self) -> str:
        C_out, C_in, *kernel = self.weights
        H, W = self.output
        step = f", every {self.stride}nd pixel" if self.stride > 1 else ""
        return f"{kernel[0]}x{kernel[1]}{step}, {C_in} to {C_out} channels, {W}x{H} px"


def _channels_last(x: Tensor) -> Tensor:
    return x.contiguous(memory_format=torch.channels_last)
