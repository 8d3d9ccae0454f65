"""Classifiers that tell which results are taken for photos, from afar and close up."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ganstyle.metrics.bootstrap import Interval, bare
from ganstyle.metrics.sample import SetStatistics
from ganstyle.metrics.taken_for_photos import FOLDS, PhotoClassifier, taken_for_photos


@dataclass(frozen=True)
class Verdicts:
    """Verdicts of a classifier on results of the photos."""

    logits: tuple[float, ...]
    """Mean logit of each result; above 0 it is taken for a photo. NaN without a classifier."""
    share: Interval
    """Share that is taken for photos; NaN where photos and style images cannot be told apart."""


@dataclass(frozen=True)
class Judges:
    """Classifiers that tell photos from style images; None where there are too few of them."""

    far: PhotoClassifier | None = None
    close: PhotoClassifier | None = None

    @classmethod
    def of(
        cls, photos: SetStatistics, styles: SetStatistics, more: SetStatistics | None = None
    ) -> "Judges":
        """Classifiers trained on the photos, on more photos if there are some, and on styles."""

        def train(name: str) -> PhotoClassifier | None:
            sets = (photos, styles, *([more] if more else []))
            kinds = [_means(getattr(images, name)) for images in sets]
            if min(len(kinds[0]), len(kinds[1])) < FOLDS:
                return None
            return PhotoClassifier(*kinds)

        return cls(train("far"), train("style"))

    def verdicts(self, images: SetStatistics) -> tuple[Verdicts, Verdicts]:
        """Verdicts from afar and close up on results of the photos, in the photos' order."""
        return _verdicts(self.far, images.far), _verdicts(self.close, images.style)


def _verdicts(judge: PhotoClassifier | None, views: Sequence[Tensor]) -> Verdicts:
    if judge is None:
        return Verdicts((math.nan,) * len(views), bare(math.nan))
    logits = judge.paired_logits(_means(views))  # (rounds, P)
    share = taken_for_photos(logits) if judge.tells_apart else bare(math.nan)
    return Verdicts(tuple(logits.mean(0).tolist()), share)


def _means(views: Sequence[Tensor]) -> Tensor:
    """The mean of the views of each image: (n, D) each, to (P, D)."""
    return torch.stack([rows.mean(0) for rows in views]) if views else torch.empty(0, 0)
