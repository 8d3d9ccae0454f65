"""Statistics of a set of images, gathered batch by batch in constant memory."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ganstyle.features.extractor import CropBatch, Features, rows_of
from ganstyle.metrics.content import ContentScores
from ganstyle.metrics.crops import name_hash
from ganstyle.metrics.frechet import FeatureMoments
from ganstyle.metrics.sliced_wasserstein import PATCH, PyramidPatches, sample_patches

MOST_KEPT = 2000
"""Images of a set whose features are kept one by one; of a larger set every n-th is."""

_CAPACITY = 2**13
"""Patches of each level that are kept of a set."""

_LEVELS = 4
"""Levels of the pyramids whose patches are compared, where crops allow so many."""

_PATCHES = 32
"""Patches of each level of a crop."""


@dataclass(frozen=True)
class ImageInfo:
    """Facts on an image and its file, for warnings and for means over images."""

    path: Path
    size: tuple[int, int]
    bits: np.ndarray
    """Its fingerprint."""
    other_shape: bool = False
    """Whether it had to be stretched to the shape of its content image."""
    faces: int = 0
    """Faces found in its content image."""
    kept_faces: int = 0
    """Of these, the faces that are found at the same places in the image."""
    pattern: float = math.nan
    """Periodic pattern where its content image is flat (flat_pattern); NaN where nothing is."""

    @property
    def is_jpeg(self) -> bool:
        """Whether its file is a JPEG, by its name."""
        return self.path.suffix.lower() in (".jpg", ".jpeg")


@dataclass(frozen=True)
class BatchFeatures:
    """Features kept of P images: small enough for ranks to exchange."""

    infos: Sequence[ImageInfo]
    style: Tensor
    """As in Features, like depths."""
    depths: Mapping[str, Tensor]
    patches: Tensor
    """(N, levels, K, 7, 7, 3) of the crops, as sample_patches gives them."""
    content: ContentScores | None = None
    """Content scores of each with its source."""
    far: Tensor | None = None
    """(P, k, D) as in FarFeatures."""

    def subset(self, which: slice, content: ContentScores | None = None) -> "BatchFeatures":
        """Features of some of the images, with content scores of their own."""
        images = len(self.style)
        depths = {name: rows_of(rows, images, which) for name, rows in self.depths.items()}
        patches = rows_of(self.patches, images, which)
        far = None if self.far is None else self.far[which]
        return BatchFeatures(self.infos[which], self.style[which], depths, patches, content, far)


def batch_features(
    infos: Sequence[ImageInfo],
    batches: Sequence[CropBatch],
    features: Features,
    content: ContentScores | None = None,
) -> BatchFeatures:
    """Features to keep of images with those crops; patches are cut from the crops.

    Their places depend on the image's name: neither batch nor order matters, and a content image
    and its result give patches from the same places.
    """
    seeds = [name_hash(batch.stem) for batch in batches]
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    rngs = [rng for rng, batch in zip(generators, batches, strict=True) for _ in batch.crops]
    levels = pyramid_levels(features.crops.shape[-1])
    patches = sample_patches(features.crops, rngs, levels=levels, count=_PATCHES)
    far = features.far.pooled if features.far else None
    return BatchFeatures(infos, features.style, features.depths, patches, content, far)


def pyramid_levels(crop: int) -> int:
    """Number of pyramid levels for crops of that side: the coarsest level must hold a patch."""
    return next(levels for levels in range(_LEVELS, 0, -1) if (PATCH - 1) << (levels - 1) < crop)


class SetStatistics:
    """Statistics of a set of images.

    KID, classifiers and nearness use the images kept, the rest uses all. levels: of the pyramids
    that patches come from. every: one of so many images is kept.
    """

    def __init__(self, levels: int, every: int = 1) -> None:
        self.every = every
        self.infos: list[ImageInfo] = []
        self.style: list[Tensor] = []
        """Features of the images kept, (n, D) each."""
        self.far: list[Tensor] = []
        """Features of the same images from afar, (k, D) each."""
        self.moments: dict[str, FeatureMoments] = {}
        rng = torch.Generator().manual_seed(0)
        self.patches = PyramidPatches(rng, levels=levels, capacity=_CAPACITY)
        self._content: list[ContentScores] = []

    @property
    def images(self) -> int:
        """Number of images so far."""
        return len(self.infos)

    @property
    def content(self) -> ContentScores:
        """Content scores of the images that have some."""
        return ContentScores(*(torch.cat(parts) for parts in zip(*self._content, strict=True)))

    def add(self, batch: BatchFeatures) -> None:
        """Take in a batch of images."""
        kept = slice(-self.images % self.every, None, self.every)
        self.style += batch.style[kept]
        if batch.far is not None:
            self.far += batch.far[kept]
        self.infos += batch.infos
        for name, rows in batch.depths.items():
            self.moments.setdefault(name, FeatureMoments()).update(rows)
        self.patches.update(batch.patches)
        if batch.content:
            self._content.append(batch.content)
