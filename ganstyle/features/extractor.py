"""Features for scores: those of EfficientNet-lite2, or of an extractor that the user names."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ganstyle.config import EvaluateConfig
from ganstyle.features.efficientnet import (
    LITE2,
    EfficientNetLite,
    efficientnet_file,
    load_efficientnet,
)
from ganstyle.features.torchscript import SIDE, ScriptedFeatures, file_hash
from ganstyle.images.tensors import scaled

FAR_SIDE, FAR_CROPS = 224, 3
"""Shorter side of the view from afar, px, and number of squares of that side that cover it."""


@dataclass(frozen=True)
class CropBatch:
    """Crops of an image: all that is kept of it until its features are extracted."""

    stem: str
    """Name of the image, which seeds the choice of its patches."""
    crops: Tensor
    """uint8 (n, crop, crop, 3): a quarter of the memory of floats."""
    whole: Tensor | None = None
    """(3, SIDE, SIDE) in 0 to 255, for the user's extractor."""
    far: Tensor | None = None
    """The whole image from afar, uint8 (k, S, S, 3); see crops.far_crops()."""


@dataclass(frozen=True)
class Features:
    """Features of P images of n crops each, N = P * n crops in all."""

    crops: Tensor
    """(N, 3, H, W) in [0, 1], on the CPU."""
    maps: Tensor
    """(N, C, h, w) of stride 16, for content scores."""
    style: Tensor
    """(P, n, D), for style scores; n is 1 if the extractor sees whole images."""
    depths: dict[str, Tensor]
    """Means over the plane by the name of the depth, shallowest first: (M, D_i), M = N or P."""
    far: "FarFeatures | None" = None
    """Features of the images from afar, if requested."""

    @property
    def images(self) -> int:
        """Number of images, P."""
        return len(self.style)

    def subset(self, which: slice) -> "Features":
        """Features of some of the images."""
        return Features(
            rows_of(self.crops, self.images, which),
            rows_of(self.maps, self.images, which),
            self.style[which],
            {name: rows_of(rows, self.images, which) for name, rows in self.depths.items()},
            self.far and self.far.subset(which),
        )


@dataclass(frozen=True)
class FarFeatures:
    """EfficientNet's features of P images from afar, of k squares each."""

    pooled: Tensor
    """(P, k, D)."""
    maps: Tensor
    """(P * k, C, h, w) of stride 16."""

    def subset(self, which: slice) -> "FarFeatures":
        """Features of some of the images."""
        return FarFeatures(self.pooled[which], rows_of(self.maps, len(self.pooled), which))


def rows_of(rows: Tensor, images: int, which: slice) -> Tensor:
    """Rows, of (M, ...), that belong to some of the images; all images have equally many."""
    return rows.reshape(images, -1, *rows.shape[1:])[which].flatten(0, 1)


class FeatureExtractor:
    """EfficientNet-lite2, and the user's extractor if `scripted` names its file.

    Trainings play against lite0, so its features would flatter their results. The user's extractor
    sees whole images and replaces lite2 for the style close up. Content and the view from afar are
    always measured by lite2. Raises DataError for a file that is not TorchScript, and
    GanstyleError when the weights of lite2 are not installed.
    """

    def __init__(self, device: torch.device, scripted: Path | None = None) -> None:
        self.device = device
        self.network: EfficientNetLite = load_efficientnet(LITE2).to(device)
        self.scripted = ScriptedFeatures(scripted, device) if scripted else None

    @torch.inference_mode()
    def __call__(self, batches: Sequence[CropBatch]) -> Features:
        """Features of images with the same number of crops each, in one forward pass."""
        crops = scaled(torch.cat([batch.crops for batch in batches]))  # (N, 3, crop, crop)
        maps, pooled = self.network.maps_and_pooled(crops.to(self.device))
        if self.scripted:
            features = self.scripted([batch.whole for batch in batches if batch.whole is not None])
            depths = {self.scripted.path.stem: features}
        else:
            features = pooled.cpu()
            depths = {f"stride {stride}": m.mean((2, 3)).cpu() for stride, m in maps.items()}
        style = features.view(len(batches), -1, features.shape[1])  # (P, n, D)
        return Features(crops, maps[16], style, depths, self._from_afar(batches))

    def _from_afar(self, batches: Sequence[CropBatch]) -> FarFeatures | None:
        views = [batch.far for batch in batches if batch.far is not None]
        if len(views) < len(batches):
            return None
        maps, pooled = self.network.maps_and_pooled(scaled(torch.cat(views), self.device))
        return FarFeatures(pooled.cpu().view(len(batches), -1, pooled.shape[1]), maps[16])

    def description(self, config: EvaluateConfig) -> dict[str, object]:
        """Description, for reports, of the network and of its view of an image."""
        if self.scripted:
            path, resize = self.scripted.path, f"{SIDE}x{SIDE} px, bicubic in float32 as clean-fid"
            crop = "whole pictures"
        else:
            path = efficientnet_file(LITE2)
            resize = f"shorter side {config.size} px, Lanczos"
            if config.style_zoom > 1:
                resize += f"; style pictures enlarged {config.style_zoom:g} times, sharpened"
            crop = f"{config.crop}x{config.crop} px from {config.grid}x{config.grid} places"
        name = path.name if self.scripted else "EfficientNet-lite2"
        return {
            "extractor": name,
            "sha256": file_hash(path),
            "resize": resize,
            "crop": crop,
            "from afar": f"EfficientNet-lite2, shorter side {FAR_SIDE} px, {FAR_CROPS} squares",
        }
