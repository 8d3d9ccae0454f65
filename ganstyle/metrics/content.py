"""Content scores: how much of one image is left in another."""

import torch.nn.functional as F
from torch import Tensor

from ganstyle.features.extractor import Features
from ganstyle.metrics.edges import edge_agreement


def feature_similarity(result: Tensor, photo: Tensor) -> Tensor:
    """Mean cosine over the plane of feature vectors: maps (N, C, H, W) to (N,) in [-1, 1]."""
    return F.cosine_similarity(result, photo, dim=1).mean((1, 2))


def content_scores(result: Features, photo: Features) -> tuple[Tensor, Tensor]:
    """Feature similarity and edge agreement of images, means over their crops.

    result, photo: of P images each, of the same numbers of crops. Returns float64 (P,) each.
    """
    similarity = feature_similarity(result.maps, photo.maps)  # (N,)
    agreement = edge_agreement(result.crops, photo.crops)  # (N,)
    return _by_image(similarity, result.images), _by_image(agreement, result.images)


def _by_image(values: Tensor, images: int) -> Tensor:
    return values.double().cpu().view(images, -1).mean(1)
