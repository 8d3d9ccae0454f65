"""Scores of a set of images on three axes, style, content, plausibility, and beside each other."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import torch
from torch import Tensor

from ganstyle.metrics.bootstrap import FEWEST, Difference, Interval, mean_interval
from ganstyle.metrics.classifier import classifier_test
from ganstyle.metrics.frechet import frechet_distance
from ganstyle.metrics.kid import KernelBlocks, kernel_blocks, nearness
from ganstyle.metrics.sample import ImageInfo, SetStatistics
from ganstyle.metrics.sliced_wasserstein import sliced_wasserstein
from ganstyle.metrics.taken_for_photos import FOLDS, PASSING, PhotoClassifier

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
    taken_for_photos: Interval
    """Share of results that a classifier takes for photos, from afar; NaN where it cannot tell."""
    taken_for_photos_close: Interval
    """The same close up."""
    kid_far: Interval
    """KID from afar, times 1000. Bold edges count against it: see docs/evaluate.md."""
    content_far: Interval
    """Content from afar."""
    kept_faces: float = math.nan
    """Share of the faces in the photos that are found again in the results; NaN without any."""
    pattern: float = math.nan
    """Mean periodic pattern in areas that are flat in the photo, in [-1, 1]; NaN without any."""

    def flat(self) -> dict[str, float | None]:
        """All numbers by name. The ends of an interval that few pictures do not allow are None."""
        found: dict[str, float | None] = {}
        for name in _WITH_INTERVAL:
            reading: Interval = getattr(self, name)
            found[name] = _number(reading.value)
            found[f"{name}_low"] = _number(reading.low)
            found[f"{name}_high"] = _number(reading.high)
        found["kept_faces"], found["pattern"] = _number(self.kept_faces), _number(self.pattern)
        found["swd"] = self.swd
        found |= {f"swd_{index}": value for index, value in enumerate(self.swd_levels, 1)}
        found |= {f"frechet_{_snake(name)}": value for name, value in self.frechet.items()}
        found["frechet"] = list(self.frechet.values())[-1]  # of the deepest features
        return {**found, "fooled": self.fooled, "accuracy": self.accuracy}


_WITH_INTERVAL = (
    "taken_for_photos",
    "taken_for_photos_close",
    "kid",
    "kid_far",
    "content",
    "content_far",
    "edges",
)
"""Metrics that have an interval, as Metrics.flat() lists them."""


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
            judge.paired_share(_means(views)) if judge and judge.tells_apart else _bare(math.nan)
            for judge, views in ((self.far, images.far), (self.close, images.style))
        )
        return far, close


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
    photo_logits: tuple[tuple[float, float], ...] = ()
    """Mean logits of being taken for a photo, from afar and close up, of `kept`; NaN where it
    cannot be told."""

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
    """Style images, and how sets of images are measured against them.

    judges: classifiers that results are shown to.
    """

    def __init__(self, styles: SetStatistics, judges: Judges | None = None) -> None:
        self.styles = styles
        self.judges = judges
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
        content = images.content
        far = kernel_blocks(images.far, self.styles.far)
        if self.judges:
            taken_far, taken_close = self.judges.readings(images)
        else:  # one half of the style images against the other
            taken_far = taken_close = _bare(PASSING)
        return Metrics(
            kid=blocks.interval(_rng()) if enough else _bare(kid),
            frechet={n: frechet_distance(m, moments[n]) for n, m in images.moments.items()},
            swd=swd.mean,
            swd_levels=swd.levels,
            fooled=sum(test.fooled for test in tests) / _ROUNDS,
            accuracy=sum(test.accuracy for test in tests) / _ROUNDS,
            content=_mean(content.similarity),
            edges=_mean(content.edges),
            taken_for_photos=taken_far,
            taken_for_photos_close=taken_close,
            kid_far=far.interval(_rng()) if enough else _bare(far.kid),
            content_far=_mean(content.far),
            kept_faces=_kept_faces(images.infos),
            pattern=_mean_pattern(images.infos),
        )

    def nearness(self, images: SetStatistics, photos: SetStatistics) -> tuple[float, ...]:
        """Nearness of each image kept to the style images rather than to the photos."""
        return tuple(nearness(images.style, self.styles.style, photos.style).tolist())


def ranking(
    candidates: list[tuple[CandidateScores, KernelBlocks]],
) -> tuple[tuple[CandidateScores, ...], tuple[PairedComparison, ...]]:
    """Candidates, the best first, and the difference in KID of any two.

    The best is the one of which fewest results are taken for photos from afar; KID decides among
    equals. With fewer than FEWEST images there are no differences.
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


def _means(views: Sequence[Tensor]) -> Tensor:
    """The mean of the views of each image: (n, D) each, to (P, D)."""
    return torch.stack([rows.mean(0) for rows in views]) if views else torch.empty(0, 0)


def _kept_faces(infos: Sequence[ImageInfo]) -> float:
    faces = sum(info.faces for info in infos)
    return sum(info.kept_faces for info in infos) / faces if faces else math.nan


def _mean_pattern(infos: Sequence[ImageInfo]) -> float:
    found = [info.pattern for info in infos if not math.isnan(info.pattern)]
    return sum(found) / len(found) if found else math.nan


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def _mean(values: Tensor) -> Interval:
    return mean_interval(values) if len(values) >= FEWEST else _bare(float(values.mean()))


def _bare(value: float) -> Interval:
    return Interval(value, float("nan"), float("nan"))


def _rng() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def _snake(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name.lower())
