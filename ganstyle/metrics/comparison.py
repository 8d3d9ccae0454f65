"""Sets of images measured against style images, and compared with each other."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import torch
from torch import Tensor

from ganstyle.metrics.bootstrap import FEWEST, Difference, Interval, bare, mean_interval
from ganstyle.metrics.classifier import classifier_test
from ganstyle.metrics.frechet import frechet_distance
from ganstyle.metrics.judges import Verdicts
from ganstyle.metrics.kid import KernelBlocks, kernel_blocks, nearness
from ganstyle.metrics.sample import ImageInfo, SetStatistics
from ganstyle.metrics.scores import CandidateScores, Metrics
from ganstyle.metrics.sliced_wasserstein import sliced_wasserstein
from ganstyle.metrics.taken_for_photos import PASSING

_ROUNDS = 3
"""Splits into training and test images, over which results are averaged."""


@dataclass(frozen=True)
class PairedComparison:
    """Paired difference between the KID of two sets of results of the same photos."""

    better: str
    worse: str
    difference: Difference
    """KID of better minus KID of worse."""

    def __str__(self) -> str:
        gap = self.difference
        size = f"by {-gap.value:.1f} ({-gap.high:.1f} to {-gap.low:.1f}) on the same photos."
        if gap.low <= 0 <= gap.high:
            return f"{self.better} and {self.worse} cannot be told apart: KID differs {size}"
        return f"{self.better} is nearer to the style than {self.worse}: KID is lower {size}"


class StyleReference:
    """Style images that sets of images are measured against."""

    def __init__(self, styles: SetStatistics) -> None:
        self.styles = styles
        self._yy: Tensor | None = None

    def blocks(self, images: SetStatistics) -> KernelBlocks:
        """Kernels of a set with the style images."""
        blocks = kernel_blocks(images.style, self.styles.style, self._yy)
        self._yy = blocks.yy
        return blocks

    def measure(
        self,
        images: SetStatistics,
        blocks: KernelBlocks,
        verdicts: tuple[Verdicts, Verdicts] | None = None,
    ) -> Metrics:
        """Metrics of a set with its blocks.

        verdicts: from afar and close up; None for style images, whose share is known.
        Where there are too few images for an interval, its ends are NaN. Raises DataError with
        fewer than two images on a side.
        """
        kid = blocks.kid
        enough = min(blocks.xy.shape) >= FEWEST
        moments = self.styles.moments
        swd = sliced_wasserstein(images.patches, self.styles.patches, _rng(), directions=128)
        rng = _rng()
        tests = [classifier_test(images.style, self.styles.style, rng) for _ in range(_ROUNDS)]
        content = images.content
        far = kernel_blocks(images.far, self.styles.far)
        shares = [each.share for each in verdicts] if verdicts else [bare(PASSING)] * 2
        return Metrics(
            kid=blocks.interval(_rng()) if enough else bare(kid),
            frechet={n: frechet_distance(m, moments[n]) for n, m in images.moments.items()},
            swd=swd.mean,
            swd_levels=swd.levels,
            fooled=sum(test.fooled for test in tests) / _ROUNDS,
            accuracy=sum(test.accuracy for test in tests) / _ROUNDS,
            content=_mean(content.similarity),
            edges=_mean(content.edges),
            taken_for_photos=shares[0],
            taken_for_photos_close=shares[1],
            kid_far=far.interval(_rng()) if enough else bare(far.kid),
            content_far=_mean(content.far),
            kept_faces=_kept_faces(images.infos),
            pattern=_mean_pattern(images.infos),
        )

    def nearness(self, images: SetStatistics, photos: SetStatistics) -> tuple[float, ...]:
        """Nearness of each kept image to the style images rather than to the photos."""
        return tuple(nearness(images.style, self.styles.style, photos.style).tolist())


def ranking(
    candidates: list[tuple[CandidateScores, KernelBlocks]],
) -> tuple[tuple[CandidateScores, ...], tuple[PairedComparison, ...]]:
    """Candidates, best first, and the difference in KID of each two.

    The best is the one with the fewest results that are taken for photos from afar; KID breaks
    ties. With fewer than FEWEST images there are no differences.
    """

    def key(pair: tuple[CandidateScores, KernelBlocks]) -> tuple[float, float]:
        metrics = pair[0].metrics
        share = metrics.taken_for_photos.value
        return (0.0 if math.isnan(share) else share, metrics.kid.value)

    by_kid = sorted(candidates, key=lambda pair: pair[0].metrics.kid.value)
    comparisons = [
        PairedComparison(a.name, b.name, first.difference(second, _rng()))
        for (a, first), (b, second) in combinations(by_kid, 2)
        if min(first.xy.shape) >= FEWEST
    ]
    return tuple(scores for scores, _ in sorted(candidates, key=key)), tuple(comparisons)


def _kept_faces(infos: Sequence[ImageInfo]) -> float:
    faces = sum(info.faces for info in infos)
    return sum(info.kept_faces for info in infos) / faces if faces else math.nan


def _mean_pattern(infos: Sequence[ImageInfo]) -> float:
    found = [info.pattern for info in infos if not math.isnan(info.pattern)]
    return sum(found) / len(found) if found else math.nan


def _mean(values: Tensor) -> Interval:
    return mean_interval(values) if len(values) >= FEWEST else bare(float(values.mean()))


def _rng() -> torch.Generator:
    return torch.Generator().manual_seed(0)
