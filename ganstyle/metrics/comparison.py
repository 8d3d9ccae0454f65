"""The three axes on which a set of pictures is scored: style, content, plausibility."""

from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import torch
from torch import Tensor

from ganstyle.metrics.bootstrap import (
    FEWEST,
    Difference,
    Interval,
    KernelBlocks,
    kernel_blocks,
    mean_interval,
)
from ganstyle.metrics.classifier import classifier_test
from ganstyle.metrics.crops import merit
from ganstyle.metrics.frechet import frechet_distance
from ganstyle.metrics.kid import nearness
from ganstyle.metrics.sample import Sample
from ganstyle.metrics.sliced_wasserstein import sliced_wasserstein

_ROUNDS = 3
"""Partings into taught and asked whose answers are averaged."""


@dataclass(frozen=True)
class Axes:
    """What is measured of a set of pictures against the style pictures."""

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
class Standing:
    """A set of results, scored."""

    name: str
    axes: Axes
    style_progress: float
    """(photos - result) / (photos - floor) in KID: 0 is the photo, 1 the style itself; 0 when
    there is no way to go."""
    photos: tuple[Path, ...]
    """What follows is in their order."""
    content_by_picture: tuple[float, ...]
    style_by_picture: tuple[float, ...]
    """Nearness to the style (kernel.nearness) of `kept`."""
    every: int = 1
    """Of so many photos one was kept for it."""

    @property
    def kept(self) -> tuple[Path, ...]:
        """The photos that style_by_picture is about."""
        return self.photos[:: self.every]

    @property
    def merit(self) -> float:
        """style_progress times content."""
        return merit(self.style_progress, self.axes.content.value)

    def flat(self) -> dict[str, float | None]:
        """All numbers by name."""
        own = {"style_progress": self.style_progress, "merit": self.merit}
        return {**self.axes.flat(), **own, "pictures": len(self.photos)}


@dataclass(frozen=True)
class Rivalry:
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


class Yardstick:
    """The style pictures, and how sets of pictures are measured against them."""

    def __init__(self, styles: Sample) -> None:
        self.styles = styles
        self._yy: Tensor | None = None

    def blocks(self, sample: Sample) -> KernelBlocks:
        """Kernels of a set with the style pictures."""
        blocks = kernel_blocks(sample.features, self.styles.features, self._yy)
        self._yy = blocks.yy
        return blocks

    def measure(self, sample: Sample, blocks: KernelBlocks, content: Tensor, edges: Tensor) -> Axes:
        """All axes of a set. content, edges: (P,), by picture.

        The interval of what has too few pictures for one has ends that are no numbers.
        Raises DataError with fewer than two pictures a side.
        """
        kid = blocks.kid
        enough = min(blocks.xy.shape) >= FEWEST
        moments = self.styles.moments
        swd = sliced_wasserstein(sample.patches, self.styles.patches, _chance(), directions=128)
        chance = _chance()
        verdicts = [
            classifier_test(sample.features, self.styles.features, chance) for _ in range(_ROUNDS)
        ]
        return Axes(
            kid=blocks.interval(_chance()) if enough else _bare(kid),
            frechet={n: frechet_distance(m, moments[n]) for n, m in sample.moments.items()},
            swd=swd.mean,
            swd_levels=swd.levels,
            fooled=sum(verdict.fooled for verdict in verdicts) / _ROUNDS,
            accuracy=sum(verdict.accuracy for verdict in verdicts) / _ROUNDS,
            content=_mean(content),
            edges=_mean(edges),
        )

    def nearness(self, sample: Sample, photos: Sample) -> tuple[float, ...]:
        """Of each picture kept, how much nearer it is to the style pictures than to the photos."""
        return tuple(nearness(sample.features, self.styles.features, photos.features).tolist())


def ranking(
    standings: list[tuple[Standing, KernelBlocks]],
) -> tuple[tuple[Standing, ...], tuple[Rivalry, ...]]:
    """Standings from the nearest to the style on, and the difference of each from all after it.

    With fewer than FEWEST pictures there are no differences.
    """
    ranked = sorted(standings, key=lambda pair: pair[0].axes.kid.value)
    rivalries = [
        Rivalry(a.name, b.name, first.difference(second, _chance()))
        for (a, first), (b, second) in combinations(ranked, 2)
        if min(first.xy.shape) >= FEWEST
    ]
    return tuple(standing for standing, _ in ranked), tuple(rivalries)


def _mean(values: Tensor) -> Interval:
    return mean_interval(values) if len(values) >= FEWEST else _bare(float(values.mean()))


def _bare(value: float) -> Interval:
    return Interval(value, float("nan"), float("nan"))


def _chance() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def _snake(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name.lower())
