"""Convolutions of numbers of 8 bits.

Numbers are steps from 0 to 255. Weights have a scale per channel; inputs have steps of a size that
was measured beforehand (Jacob et al. 2018), for it must not depend on what else a tile shows.
Sums of products are exact.
Only this file calls torch's operators for them: those of its compiler (`torch.export` quantized for
x86), not the older quantized tensors, which torch has announced to remove. They are private, so
int8_problem() tries them before anything relies on them. They were tried up to torch 2.13.
"""

from functools import cache, partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ganstyle.images.tensors import framed, unsigned

_WINDING = [
    ((y % 2 * 2 + x % 2) * 3 + color) * 9 + y // 2 * 3 + x // 2
    for color in range(3)
    for y in range(6)
    for x in (range(6) if y % 2 == 0 else reversed(range(6)))
]
"""Indices of each colour's 6x6 pixels in (12, 3, 3) weights for 2x2 blocks of pixels: row by row,
every other row from its end."""


def _operators() -> Any:
    return torch.ops.onednn


class Int8Kernel:
    """A convolution of steps, uint8 (B, H, W, C). zero: the step that means 0.

    weight: per step, (O, C / groups, H, W). padding: pixels of 0 on each side. to: size and zero of
    the output's steps, where it is in steps as well. silu: whether SiLU comes before these.
    """

    def __init__(
        self,
        weight: Tensor,
        bias: Tensor,
        *,
        stride: int = 1,
        padding: int = 0,
        groups: int = 1,
        zero: int = 128,
        to: tuple[float, int] | None = None,
        silu: bool = False,
        smooth: bool = False,
    ) -> None:
        scales = weight.abs().amax((1, 2, 3)).clamp(min=1e-12) / 127  # (O,)
        steps = weight / scales[:, None, None, None]
        rounded = (_rounded_smoothly(steps) if smooth else steps.round()).to(torch.int8)
        # Some convolutions of single pixels take fifty times as long as the same product.
        self._is_product = weight.shape[2:] == (1, 1) and stride == groups == 1
        geometry = () if self._is_product else ([stride] * 2, [padding] * 2, [1, 1], groups)
        if self._is_product:
            packed = _operators().qlinear_prepack(rounded.flatten(1), None)
        else:
            packed = _operators().qconv_prepack(rounded, scales, 1.0, zero, *geometry, None)
        zeros = torch.zeros(len(scales), dtype=torch.long)
        self._zero, self._weights = zero, (packed, scales, zeros, bias, *geometry)
        step, offset = to or (1.0, 0)
        kind, after = torch.uint8 if to else torch.float32, "swish" if silu else "none"
        self._output: tuple[object, ...] = (step, offset, kind, after, [], "")

    def __call__(self, x: Tensor, size: float = 1.0) -> Tensor:
        """The convolution, (B, H, W, O): float32, or uint8. size: of the input's steps."""
        result: Tensor
        if self._is_product:
            rows = x.flatten(0, 2)
            result = _operators().qlinear_pointwise(
                rows, size, self._zero, *self._weights, *self._output
            )
            return result.view(*x.shape[:3], -1)
        planes = x.permute(0, 3, 1, 2)
        result = _operators().qconv2d_pointwise(
            planes, size, self._zero, *self._weights, *self._output
        )
        return result.permute(0, 2, 3, 1)


@cache
def int8_problem() -> str:
    """Reason why this torch's convolutions of 8 bits are not to be used, found by trying them once.

    "" where they give exact sums, as they should.
    """
    name = f"torch {torch.__version__}: its convolutions of 8 bits"
    try:
        wrong = max(_largest_error(*kind) for kind in _KINDS)
    except Exception as error:  # a private operator may change in any way
        reason = (str(error).splitlines() or [""])[0]
        return f"{name} fail ({type(error).__name__}: {reason})"
    return f"{name} are off by {wrong:g}" if wrong else ""


_CHANNELS = 24
"""Channels of the convolutions that are tried."""

_KINDS = ((3, 1, 1), (3, 2, 1), (3, 1, _CHANNELS), (1, 1, 1))
"""Kernel, stride and groups of these: all kinds that networks here have."""


def _largest_error(kernel: int, stride: int, groups: int) -> float:
    """Largest difference between a small convolution here and in float64, in steps.

    Where rounding decides, after SiLU, one step is none.
    """
    rng, zero = torch.Generator().manual_seed(stride), 100
    x = torch.randint(256, (2, 9, 8, _CHANNELS), generator=rng, dtype=torch.uint8)  # (B, H, W, C)
    shape = _CHANNELS, _CHANNELS // groups, kernel, kernel
    weight = torch.randint(-127, 128, shape, generator=rng).float()
    weight[:, 0, 0, 0] = 127  # so that the scale of each channel is 1, and weights are exact
    bias = torch.randint(-1000, 1000, (_CHANNELS,), generator=rng).float()
    inputs = x.permute(0, 3, 1, 2).double() - zero
    sums = F.conv2d(inputs, weight.double(), bias.double(), stride, groups=groups)
    sums = sums.permute(0, 2, 3, 1)
    made = partial(Int8Kernel, weight, bias, stride=stride, groups=groups, zero=zero)
    found = made()(x)
    error = float((found.double() - sums).abs().max())
    size, offset = float(sums.max()) / 200, 7
    steps = (F.silu(sums) / size).round().add(offset).clamp(0, 255)
    after = made(to=(size, offset), silu=True)(x)
    apart = float((after.double() - steps).abs().max())
    return max(error, apart if apart > 1 else 0.0)


def step_size(ranges: Tensor) -> Tensor:
    """Size of a step: 127 of them reach the end of each range."""
    return ranges.float().clamp(min=1e-6) / 127  # a fresh block has only zeros


def _rounded_smoothly(weight: Tensor) -> Tensor:
    """Weights (O, 12, 3, 3) for 2x2 blocks of pixels, rounded so that errors cancel out nearby.

    The next pixel makes up for the error of one, along a line that winds through all pixels of a
    colour, as in error diffusion (Floyd & Steinberg 1976): neighbours in an image are alike.
    """
    flat = weight.flatten(1)
    sums = flat[:, _WINDING].view(-1, 3, 36).double().cumsum(2).round()
    line = sums.diff(dim=2, prepend=torch.zeros_like(sums[..., :1])).clamp(-127, 127)
    rounded = torch.empty_like(flat)
    rounded[:, _WINDING] = line.flatten(1).float()
    return rounded.view_as(weight)


def to_steps(x: Tensor, padding: int = 0) -> Tensor:
    """Numbers rounded to steps, 128 for 0: (B, H, W, C), which is overwritten, to uint8."""
    return unsigned(framed(x.round_().clamp_(-128, 127), padding, torch.int8))
