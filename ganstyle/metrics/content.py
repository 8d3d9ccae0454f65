"""Content scores: how much of an image is left in its result."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ganstyle.features.extractor import Features
from ganstyle.metrics.edges import edge_agreement


def feature_similarity(result: Tensor, photo: Tensor) -> Tensor:
    """Mean cosine over the plane of feature vectors: maps (N, C, H, W) to (N,) in [-1, 1]."""
    return F.cosine_similarity(result, photo, dim=1).mean((1, 2))


class ContentScores(NamedTuple):
    """How much of each of P images is left: float64 (P,) each, in [-1, 1]."""

    similarity: Tensor
    """Of features close up."""
    edges: Tensor
    """Agreement of edges."""
    far: Tensor
    """Similarity of features from afar; NaN if those were not extracted."""


def content_scores(result: Features, photo: Features) -> ContentScores:
    """Feature similarity and edge agreement of images, averaged over their crops.

    result, photo: features of P images each, with equal numbers of crops.
    """
    similarity = feature_similarity(result.maps, photo.maps)  # (N,)
    agreement = edge_agreement(result.crops, photo.crops)  # (N,)
    far = torch.full((result.images,), torch.nan)
    if result.far and photo.far:
        far = feature_similarity(result.far.maps, photo.far.maps)  # (P * k,)
    return ContentScores(*(_by_image(v, result.images) for v in (similarity, agreement, far)))


def _by_image(values: Tensor, images: int) -> Tensor:
    return values.double().cpu().view(images, -1).mean(1)
