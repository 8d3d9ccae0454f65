"""The scores of a style, each beside its anchors."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from PIL import Image
from torch import Tensor

from ganstyle.config import EvaluateConfig
from ganstyle.errors import DataError
from ganstyle.features.efficientnet import EfficientNetLite0
from ganstyle.images.resize import enlarged
from ganstyle.images.tensors import scaled, to_tensor
from ganstyle.losses.content import feature_similarity
from ganstyle.metrics.kid import kernel_distance


@dataclass(frozen=True)
class Scores:
    """How far results have come from the photos towards the style pictures."""

    kid: float
    """KID between results and style pictures, x1000."""
    kid_photos: float
    """KID between the untouched photos and the style pictures: where the way begins."""
    kid_floor: float
    """KID between one half of the style pictures and the other: where it ends."""
    content: float
    """Mean cosine of stride-16 features of photo and result, in [-1, 1]; in paired tasks of the
    picture that the result should be."""
    pictures: int
    """Photos scored."""

    @property
    def style_progress(self) -> float:
        """0 is the photo, 1 the style set itself."""
        return style_progress(self.kid, self.kid_photos, self.kid_floor)

    @property
    def merit(self) -> float:
        """What generators are compared by."""
        return merit(self.style_progress, self.content)

    def as_dict(self) -> dict[str, float]:
        """All scores by name, as a checkpoint keeps them."""
        return {**vars(self), "style_progress": self.style_progress}


def style_progress(kid: float, photos: float, floor: float) -> float:
    """(photos - kid) / (photos - floor): 0 when the photos are as near to the style as it gets."""
    return (photos - kid) / (photos - floor) if photos > floor else 0.0


def merit(style_progress: float, content: float) -> float:
    """Their product: neither the photo itself nor pure style gets far."""
    return max(0.0, style_progress) * max(0.0, content)


class Example(NamedTuple):
    """A picture to be scored, all three of equal size."""

    photo: Image.Image
    """What the generator got."""
    result: Image.Image
    """What it made of it."""
    kept: Image.Image | None = None
    """What the result must be alike in content, if it is not the photo."""


class Judge:
    """Scores results against style pictures, with both anchors measured the same way.

    Every picture is brought to config.size and cut into crops, which stand for pictures: a few
    dozen pictures are too few for KID. The floor parts pictures, not crops, so that no picture is
    on both sides of it. styles: style pictures, looked at once.
    Raises DataError without two style pictures.
    """

    @torch.inference_mode()
    def __init__(
        self, eyes: EfficientNetLite0, styles: Iterable[Image.Image], config: EvaluateConfig
    ) -> None:
        self.eyes = eyes
        self.config = config
        self.device = eyes.stem.weight.device
        halves: tuple[list[Tensor], list[Tensor]] = ([], [])
        for index, style in enumerate(styles):
            halves[index % 2].append(eyes.pooled(self._crops(style, config.style_zoom)))
        if not halves[1]:
            raise DataError(
                f"{len(halves[0])} style pictures could be read; two or more are needed."
            )
        self.styles = torch.cat(halves[0] + halves[1])
        self.floor = kernel_distance(torch.cat(halves[0]), torch.cat(halves[1]))

    @torch.inference_mode()
    def score(self, examples: Iterable[Example]) -> Scores:
        """Scores of results. Raises DataError when there is none."""
        photo_features, result_features, similarities = [], [], []
        for photo, result, kept in examples:
            crops, result_crops = self._crops(photo), self._crops(result)
            photo_features.append(self.eyes.pooled(crops))
            result_features.append(self.eyes.pooled(result_crops))
            if kept is not None and kept is not photo:
                crops = self._crops(kept)
            similarities.append(
                feature_similarity(self.eyes(result_crops), self.eyes(crops)).mean()
            )
        if not similarities:
            raise DataError("No photo could be read.")
        return Scores(
            kid=kernel_distance(torch.cat(result_features), self.styles),
            kid_photos=kernel_distance(torch.cat(photo_features), self.styles),
            kid_floor=self.floor,
            content=float(torch.stack(similarities).mean()),
            pictures=len(similarities),
        )

    def _crops(self, image: Image.Image, zoom: float = 1) -> Tensor:
        return grid_crops(image, self.config, zoom).to(self.device)


def grid_crops(image: Image.Image, config: EvaluateConfig, zoom: float = 1) -> Tensor:
    """Evenly spread crops of a picture whose shorter side is brought to config.size.

    zoom: by how much it is enlarged after that.
    Returns float32 (config.grid^2, 3, crop, crop) in [0, 1].
    """
    return scaled(cut_crops(image, config, zoom=zoom))


def cut_crops(
    image: Image.Image,
    config: EvaluateConfig,
    *,
    places: Sequence[int] | None = None,
    like: Image.Image | None = None,
    zoom: float = 1,
) -> Tensor:
    """What grid_crops returns, or some of it, as uint8 (N, crop, crop, 3).

    places: numbers of the crops wanted, row by row, all when None. like: a picture to whose shape
    it is stretched first. zoom: as for grid_crops.
    """
    width, height = (like or image).size
    ratio = config.size / min(width, height)
    size = (round(width * ratio), round(height * ratio))
    image = image.resize(size, Image.Resampling.LANCZOS)
    pixels = to_tensor(enlarged(image, zoom) if zoom > 1 else image)  # (H, W, 3)
    H, W, _ = pixels.shape
    tops = torch.linspace(0, H - config.crop, config.grid).int().tolist()
    lefts = torch.linspace(0, W - config.crop, config.grid).int().tolist()
    corners = [(top, left) for top in tops for left in lefts]
    crops = [
        pixels[top : top + config.crop, left : left + config.crop]
        for top, left in (corners if places is None else [corners[place] for place in places])
    ]
    return torch.stack(crops)
