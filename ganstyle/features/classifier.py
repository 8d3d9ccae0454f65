"""EfficientNet-lite with its classifier, in floats and in 8 bits."""

from collections.abc import Mapping
from typing import TypedDict

import torch.nn.functional as F
from torch import Tensor, nn

from ganstyle.features.efficientnet import (
    LITE0,
    EfficientNetLite,
    FoldedConv,
    Variant,
    load_weights,
)
from ganstyle.models.int8_kernel import Int8Kernel, step_size, to_steps

_STEP = 6 / 255
"""Size of a step after ReLU6, which ends at 255 of them."""


class Classifier(nn.Module):
    """EfficientNet-lite with its classifier, applied at each position of the last map.

    weights: state dict of the published model of that variant. forward returns the logits of
    ImageNet's 1,000 classes: (B, 1000, H/32, W/32) for an image as EfficientNetLite takes it. The
    logits of a class are its class activation map (Zhou et al. 2016, eq. 2), bias included.
    """

    weight: Tensor
    bias: Tensor

    def __init__(self, weights: Mapping[str, Tensor], variant: Variant = LITE0) -> None:
        super().__init__()
        self.features = EfficientNetLite(weights, variant)
        self.register_buffer("weight", weights["_fc.weight"])  # (1000, POOLED)
        self.register_buffer("bias", weights["_fc.bias"])

    def forward(self, image: Tensor) -> Tensor:
        last = self.features.last_map(image).permute(0, 2, 3, 1)
        return F.linear(last, self.weight, self.bias).permute(0, 3, 1, 2)

    def answer(self, image: Tensor) -> Tensor:
        """Logits of the whole image, (B, 1000): the mean of forward's over the plane."""
        return F.linear(self.features.last_map(image).mean((2, 3)), self.weight, self.bias)

    def in_8_bits(self) -> "Classifier":
        """Itself, with convolutions of 8 bits: nearly the same logits in half the time.

        For CPUs on which models.int8_kernel.int8_problem() finds none.
        """
        features = self.features
        for module in (features, *features.blocks):
            for name, conv in module.named_children():
                if isinstance(conv, FoldedConv):
                    setattr(module, name, _Int8Conv(conv, **_KINDS[name]))
        return self


class _Kind(TypedDict):
    """Whether a convolution takes and returns steps: uint8, 255 for the 6 at which ReLU6 ends."""

    takes_steps: bool
    returns_steps: bool


_KINDS: dict[str, _Kind] = {
    "stem": {"takes_steps": False, "returns_steps": True},
    "expand": {"takes_steps": False, "returns_steps": True},
    "depthwise": {"takes_steps": True, "returns_steps": True},
    "project": {"takes_steps": True, "returns_steps": False},
    "head": {"takes_steps": False, "returns_steps": False},
}
"""Kinds of the convolutions by name: blocks add what they return as floats."""


class _Int8Conv(nn.Module):
    """A convolution of EfficientNet-lite in 8 bits: (B, C, H, W) to (B, O, H', W')."""

    def __init__(self, conv: FoldedConv, *, takes_steps: bool, returns_steps: bool) -> None:
        super().__init__()
        # The kernel cannot continue an image by more pixels on one side than on the other.
        self._is_uneven, self._padding = conv.stride > 1, conv.padding
        self._zero = 0 if takes_steps else 128
        self._clamped = conv.relu and not returns_steps
        self._kernel = Int8Kernel(
            conv.weight,
            conv.bias,
            stride=conv.stride,
            padding=0 if self._is_uneven else conv.weight.shape[-1] // 2,
            groups=conv.groups,
            zero=self._zero,
            to=(_STEP, 0) if returns_steps else None,
        )

    def forward(self, x: Tensor) -> Tensor:
        x, size = x.permute(0, 2, 3, 1), _STEP
        if self._zero:
            size = float(step_size(x.abs().amax()))
            x = to_steps(x / size)
        if self._is_uneven:
            x = F.pad(x, (0, 0, *self._padding(*x.shape[1:3])), value=self._zero)
        y = self._kernel(x, size).permute(0, 3, 1, 2)
        return y.clamp_(0, 6) if self._clamped else y


def load_classifier(variant: Variant = LITE0) -> Classifier:
    """The classifier with the weights of the package for that variant.

    Raises GanstyleError when the package's file is missing.
    """
    return Classifier(load_weights(variant), variant)
