"""Classifiers that say which results are taken for photos, from afar and close up."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ganstyle.metrics.bootstrap import Interval, bare
from ganstyle.metrics.sample import SetStatistics
from ganstyle.metrics.taken_for_photos import FOLDS, PhotoClassifier


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

    def logits(self, images: SetStatistics) -> list[tuple[float, float]]:
        """Mean logits of each result of the photos, from afar and close up; above 0 is a photo."""
        columns = [
            judge.paired_logits(_means(views)).mean(0).tolist()
            if judge
            else [math.nan] * len(images.style)
            for judge, views in ((self.far, images.far), (self.close, images.style))
        ]
        return list(zip(*columns, strict=True))

    def readings(self, images: SetStatistics) -> tuple[Interval, Interval]:
        """Shares of results of the photos that are taken for photos, from afar and close up."""
        far, close = (
            judge.paired_share(_means(views)) if judge and judge.tells_apart else bare(math.nan)
            for judge, views in ((self.far, images.far), (self.close, images.style))
        )
        return far, close


def _means(views: Sequence[Tensor]) -> Tensor:
    """The mean of the views of each image: (n, D) each, to (P, D)."""
    return torch.stack([rows.mean(0) for rows in views]) if views else torch.empty(0, 0)
