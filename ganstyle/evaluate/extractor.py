"""Pictures as they are scored: cut into crops of one scale, and seen through the networks."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from ganstyle.config import EvaluateConfig
from ganstyle.data.pairs import same_shape
from ganstyle.errors import ConfigError
from ganstyle.evaluate.data_warnings import Fact
from ganstyle.features.efficientnet import efficientnet_file, load_efficientnet
from ganstyle.features.torchscript import SIDE, ScriptedFeatures, clean_resize, file_hash
from ganstyle.images.duplicates import fingerprint
from ganstyle.images.tensors import scaled
from ganstyle.metrics.crops import cut_crops
from ganstyle.metrics.sample import Look, Traits
from ganstyle.metrics.sliced_wasserstein import PATCH, sample_patches
from ganstyle.runtime import Runtime

_LEVELS = 4
"""Levels of the pyramids whose patches are compared, where crops allow so many."""

_PATCHES = 32
"""Patches of each level of a crop."""


@dataclass(frozen=True)
class View:
    """What is kept of a picture until it has been seen."""

    fact: Fact
    crops: Tensor
    """uint8 (k, crop, crop, 3): a quarter of the memory of floats."""
    whole: Tensor | None
    """(3, SIDE, SIDE) in 0 to 255, for an extractor of the user's."""


class Eyes:
    """The networks that look: EfficientNet-lite0, and an extractor of the user's if there is one.

    The extractor replaces EfficientNet for the style, seeing whole pictures; what is left of the
    photo is always measured by EfficientNet.
    """

    def __init__(
        self, runtime: Runtime, config: EvaluateConfig, features: Path | None = None
    ) -> None:
        if features and config.style_zoom > 1:
            raise ConfigError(
                "style_zoom is for crops, and an extractor sees whole pictures: leave one out."
            )
        self.config = config
        self.device = runtime.device
        self.network = load_efficientnet().to(runtime.device)
        self.scripted = ScriptedFeatures(features, runtime.device) if features else None
        # The coarsest level must hold a patch.
        self.levels = next(n for n in range(_LEVELS, 0, -1) if (PATCH - 1) << (n - 1) < config.crop)

    def view(
        self,
        image: Image.Image,
        path: Path,
        crops: int,
        like: Image.Image | None = None,
        zoom: float = 1,
    ) -> View:
        """A picture, ready to be seen.

        like: the photo to whose shape a result is brought. zoom: by how much a style picture is
        enlarged.
        """
        places = chosen_places(path.stem, crops, self.config.grid)
        return View(
            fact=Fact(
                path,
                image.size,
                fingerprint(image),
                like is not None and not same_shape(image, like),
            ),
            crops=cut_crops(image, self.config, places=places, like=like, zoom=zoom),
            whole=clean_resize(image) if self.scripted else None,
        )

    @torch.inference_mode()
    def look(self, views: Sequence[View]) -> Look:
        """See pictures of one number of crops each."""
        crops = scaled(torch.cat([view.crops for view in views]))  # (N, 3, crop, crop)
        maps, pooled = self.network.look(crops.to(self.device))
        if self.scripted:
            features = self.scripted([view.whole for view in views if view.whole is not None])
            depths = {self.scripted.path.stem: features}
        else:
            features = pooled.cpu()
            depths = {f"stride {stride}": m.mean((2, 3)).cpu() for stride, m in maps.items()}
        features = features.view(len(views), -1, features.shape[1])  # (P, n, D)
        patches = sample_patches(crops, _chances(views), levels=self.levels, count=_PATCHES)
        return Look(crops, maps[16], Traits(features, depths, patches))

    def facts(self) -> dict[str, object]:
        """What the style was seen through, for a report."""
        config = self.config
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


def _chances(views: Sequence[View]) -> list[torch.Generator]:
    """Chance for each crop: by the picture's name, so that neither batch nor order shows, and that
    patches of photo and result are from the same places.
    """
    return [
        chance
        for view in views
        for chance in [torch.Generator().manual_seed(_hash(view.fact.path.stem))] * len(view.crops)
    ]


def _hash(stem: str) -> int:
    return zlib.crc32(stem.encode(errors="surrogateescape"))


def chosen_places(stem: str, crops: int, grid: int) -> list[int]:
    """Places of the grid that a picture gives when it need not give all: spread over it, and by
    its name, so that photo and result give the same, and a set of pictures all of them.
    """
    places = grid**2
    first = _hash(stem) if crops < places else 0
    return sorted((first + index * places // crops) % places for index in range(crops))
