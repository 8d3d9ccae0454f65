"""Scores of a set of images on three axes, style, content, plausibility, and beside each other."""

from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import torch
from torch import Tensor

from ganstyle.metrics.bootstrap import FEWEST, Difference, Interval, mean_interval
from ganstyle.metrics.classifier import classifier_test
from ganstyle.metrics.frechet import frechet_distance
from ganstyle.metrics.kid import KernelBlocks, kernel_blocks, nearness
from ganstyle.metrics.sample import SetStatistics
from ganstyle.metrics.sliced_wasserstein import sliced_wasserstein

_ROUNDS = 3
"""Splits into train and test images whose results are averaged."""


def style_progress(kid: float, photos: float, floor: float) -> float:
    """(photos - kid) / (photos - floor): 0 when the photos are as near to the style as it gets."""
    return (photos - kid) / (photos - floor) if photos > floor else 0.0


def selection_score(style_progress: float, content: float) -> float:
    """Product of both, clamped at 0: neither the photo itself nor pure style gets far."""
    return max(0.0, style_progress) * max(0.0, content)


@dataclass(frozen=True)
class Scores:
    """Scores of a style in training: how far results have come from the photos to the style."""

    kid: float
    """KID between results and style images, times 1000."""
    kid_photos: float
    """KID between the untouched photos and the style images: where the way begins."""
    kid_floor: float
    """KID between one half of the style images and the other, where it ends; 0, which is that on
    average, with fewer than four of them."""
    content: float
    """Mean cosine of stride-16 features of photo and result, in [-1, 1]; in paired tasks of the
    image that the result should be."""
    pictures: int
    """Photos scored."""

    @property
    def style_progress(self) -> float:
        """0 is the photo, 1 the style set itself."""
        return style_progress(self.kid, self.kid_photos, self.kid_floor)

    @property
    def selection_score(self) -> float:
        """Product by which the generators of a run are compared."""
        return selection_score(self.style_progress, self.content)

    def __str__(self) -> str:
        return (
            f"style progress {self.style_progress:.0%}, content {self.content:.2f}, "
            f"KID {self.kid:.1f} (photos {self.kid_photos:.1f}, style halves {self.kid_floor:.1f})"
        )

    def as_dict(self) -> dict[str, float]:
        """All scores by name, as a checkpoint keeps them."""
        return {**vars(self), "style_progress": self.style_progress}


@dataclass(frozen=True)
class Metrics:
    """Metrics of a set of images against the style images."""

    kid: Interval
    """Kernel distance, times 1000; 0 is expected of more of the same pictures."""
    frechet: dict[str, float]
    """Fréchet distance by the depth of the features."""
    swd: float
    """Sliced Wasserstein distance of Laplacian-pyramid patches, times 1000; knows no network."""
    swd_levels: tuple[float, ...]
    """The same by the level of the pyramid, finest first."""
    fooled: float
    """Share of crops that a fresh classifier takes for style pictures; 0.5 is indistinguishable."""
    accuracy: float
    """Share of its right answers on both kinds; 0.5 is indistinguishable."""
    content: Interval
    """Mean cosine of stride-16 features of photo and result, in [-1, 1]."""
    edges: Interval
    """Mean agreement of the edges of photo and result, in [-1, 1]."""

    def flat(self) -> dict[str, float | None]:
        """All numbers by name. The ends of an interval that few pictures do not allow are None."""
        found: dict[str, float | None] = {}
        for name in ("kid", "content", "edges"):
            reading: Interval = getattr(self, name)
            few = reading.low != reading.low
            found[name] = reading.value
            found[f"{name}_low"], found[f"{name}_high"] = (
                (None, None) if few else (reading.low, reading.high)
            )
        found["swd"] = self.swd
        found |= {f"swd_{index}": value for index, value in enumerate(self.swd_levels, 1)}
        found |= {f"frechet_{_snake(name)}": value for name, value in self.frechet.items()}
        found["frechet"] = list(self.frechet.values())[-1]  # of the deepest features
        return {**found, "fooled": self.fooled, "accuracy": self.accuracy}


@dataclass(frozen=True)
class CandidateScores:
    """Scores of a candidate's results."""

    name: str
    metrics: Metrics
    style_progress: float
    """(photos - result) / (photos - floor) in KID: 0 is the photo, 1 the style itself; 0 when
    there is no way to go."""
    photos: tuple[Path, ...]
    """Photos scored; the fields below are in their order."""
    content_by_picture: tuple[float, ...]
    style_by_picture: tuple[float, ...]
    """Nearness to the style (kid.nearness) of `kept`."""
    every: int = 1
    """Of so many photos one was kept for it."""

    @property
    def kept(self) -> tuple[Path, ...]:
        """Photos that style_by_picture is about."""
        return self.photos[:: self.every]

    @property
    def selection_score(self) -> float:
        """Product of style_progress and content."""
        return selection_score(self.style_progress, self.metrics.content.value)

    def flat(self) -> dict[str, float | None]:
        """All numbers by name."""
        own = {"style_progress": self.style_progress, "merit": self.selection_score}
        return {**self.metrics.flat(), **own, "pictures": len(self.photos)}


@dataclass(frozen=True)
class PairedComparison:
    """A paired difference of the KID of two sets of results of the same photos."""

    better: str
    worse: str
    difference: Difference
    """KID of better less KID of worse."""

    def __str__(self) -> str:
        gap = self.difference
        size = f"by {-gap.value:.1f} ({-gap.high:.1f} to {-gap.low:.1f}) on the same photos."
        if gap.low <= 0 <= gap.high:
            return f"{self.better} and {self.worse} cannot be told apart: KID differs {size}"
        return f"{self.better} is nearer to the style than {self.worse}: KID is lower {size}"


class StyleReference:
    """Style images, and how sets of images are measured against them."""

    def __init__(self, styles: SetStatistics) -> None:
        self.styles = styles
        self._yy: Tensor | None = None

    def blocks(self, images: SetStatistics) -> KernelBlocks:
        """Kernels of a set with the style images."""
        blocks = kernel_blocks(images.style, self.styles.style, self._yy)
        self._yy = blocks.yy
        return blocks

    def measure(self, images: SetStatistics, blocks: KernelBlocks) -> Metrics:
        """Metrics of a set with its blocks.

        The interval of what has too few images for one has ends that are no numbers.
        Raises DataError with fewer than two images a side.
        """
        kid = blocks.kid
        enough = min(blocks.xy.shape) >= FEWEST
        moments = self.styles.moments
        swd = sliced_wasserstein(images.patches, self.styles.patches, _rng(), directions=128)
        rng = _rng()
        tests = [classifier_test(images.style, self.styles.style, rng) for _ in range(_ROUNDS)]
        similarity, edges = images.content
        return Metrics(
            kid=blocks.interval(_rng()) if enough else _bare(kid),
            frechet={n: frechet_distance(m, moments[n]) for n, m in images.moments.items()},
            swd=swd.mean,
            swd_levels=swd.levels,
            fooled=sum(test.fooled for test in tests) / _ROUNDS,
            accuracy=sum(test.accuracy for test in tests) / _ROUNDS,
            content=_mean(similarity),
            edges=_mean(edges),
        )

    def nearness(self, images: SetStatistics, photos: SetStatistics) -> tuple[float, ...]:
        """Nearness of each image kept to the style images rather than to the photos."""
        return tuple(nearness(images.style, self.styles.style, photos.style).tolist())


def ranking(
    candidates: list[tuple[CandidateScores, KernelBlocks]],
) -> tuple[tuple[CandidateScores, ...], tuple[PairedComparison, ...]]:
    """Candidates from the nearest to the style on, and the difference of each from all after it.

    With fewer than FEWEST images there are no differences.
    """
    ranked = sorted(candidates, key=lambda pair: pair[0].metrics.kid.value)
    comparisons = [
        PairedComparison(a.name, b.name, first.difference(second, _rng()))
        for (a, first), (b, second) in combinations(ranked, 2)
        if min(first.xy.shape) >= FEWEST
    ]
    return tuple(scores for scores, _ in ranked), tuple(comparisons)


def _mean(values: Tensor) -> Interval:
    return mean_interval(values) if len(values) >= FEWEST else _bare(float(values.mean()))


def _bare(value: float) -> Interval:
    return Interval(value, float("nan"), float("nan"))


def _rng() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def _snake(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name.lower())
