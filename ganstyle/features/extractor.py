"""Features by which images are scored: EfficientNet-lite0's, or those of the user's extractor."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ganstyle.config import EvaluateConfig
from ganstyle.features.efficientnet import EfficientNetLite, efficientnet_file, load_efficientnet
from ganstyle.features.torchscript import SIDE, ScriptedFeatures, file_hash
from ganstyle.images.tensors import scaled


@dataclass(frozen=True)
class CropBatch:
    """Crops of an image, which is all that is kept of it until its features are extracted."""

    stem: str
    """Name of the image, a seed for what is drawn of it."""
    crops: Tensor
    """uint8 (n, crop, crop, 3): a quarter of the memory of floats."""
    whole: Tensor | None = None
    """(3, SIDE, SIDE) in 0 to 255, for an extractor of the user's."""


@dataclass(frozen=True)
class Features:
    """Features of P images of n crops each, N = P * n crops in all."""

    crops: Tensor
    """(N, 3, H, W) in [0, 1], on the CPU."""
    maps: Tensor
    """(N, C, h, w) of stride 16, by which contents are compared."""
    style: Tensor
    """(P, n, D), by which styles are compared; n is 1 of an extractor that sees whole images."""
    depths: dict[str, Tensor]
    """Means over the plane by the name of the depth, shallowest first: (M, D_i), M = N or P."""

    @property
    def images(self) -> int:
        """P."""
        return len(self.style)

    def subset(self, which: slice) -> "Features":
        """Features of some of the images."""
        return Features(
            rows_of(self.crops, self.images, which),
            rows_of(self.maps, self.images, which),
            self.style[which],
            {name: rows_of(rows, self.images, which) for name, rows in self.depths.items()},
        )


def rows_of(rows: Tensor, images: int, which: slice) -> Tensor:
    """Rows (M, ...) of some of the images, each of which has equally many."""
    return rows.reshape(images, -1, *rows.shape[1:])[which].flatten(0, 1)


class FeatureExtractor:
    """EfficientNet-lite0, and an extractor of the user's if `scripted` names its file.

    That one replaces EfficientNet for the style, seeing whole images; what is left of a content
    image is always measured by EfficientNet, which is loaded unless there is one already, as
    `network`, on the device. Raises DataError for a file that is no TorchScript.
    """

    def __init__(
        self,
        device: torch.device,
        scripted: Path | None = None,
        network: EfficientNetLite | None = None,
    ) -> None:
        self.device = device
        self.network = network or load_efficientnet().to(device)
        self.scripted = ScriptedFeatures(scripted, device) if scripted else None

    @torch.inference_mode()
    def __call__(self, batches: Sequence[CropBatch]) -> Features:
        """Features of images of one number of crops each, in one forward pass."""
        crops = scaled(torch.cat([batch.crops for batch in batches]))  # (N, 3, crop, crop)
        maps, pooled = self.network.maps_and_pooled(crops.to(self.device))
        if self.scripted:
            features = self.scripted([batch.whole for batch in batches if batch.whole is not None])
            depths = {self.scripted.path.stem: features}
        else:
            features = pooled.cpu()
            depths = {f"stride {stride}": m.mean((2, 3)).cpu() for stride, m in maps.items()}
        style = features.view(len(batches), -1, features.shape[1])  # (P, n, D)
        return Features(crops, maps[16], style, depths)

    def description(self, config: EvaluateConfig) -> dict[str, object]:
        """Words for a report on the network and on what it sees of an image."""
        if self.scripted:
            path, resize = self.scripted.path, f"{SIDE}x{SIDE} px, bicubic in float32 as clean-fid"
            crop = "whole pictures"
        else:
            path = efficientnet_file()
            resize = f"shorter side {config.size} px, Lanczos"
            if config.style_zoom > 1:
                resize += f"; style pictures enlarged {config.style_zoom:g} times, sharpened"
            crop = f"{config.crop}x{config.crop} px from {config.grid}x{config.grid} places"
        name = path.name if self.scripted else "EfficientNet-lite0"
        return {"extractor": name, "sha256": file_hash(path), "resize": resize, "crop": crop}
