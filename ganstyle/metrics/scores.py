"""Scores of a set of images on four axes: painted, style, content, plausibility."""

import math
from dataclasses import dataclass
from pathlib import Path

from ganstyle.metrics.bootstrap import Interval


def style_progress(kid: float, photos: float, floor: float) -> float:
    """(photos - kid) / (photos - floor), or 0 when the photos are no farther than the floor."""
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
    """KID between the untouched photos and the style images: the starting point."""
    kid_floor: float
    """KID between one half of the style images and the other: the goal. With fewer than four of
    them, its expected value, 0."""
    content: float
    """Mean cosine of stride-16 features of photo and result, in [-1, 1]; in paired tasks of target
    and result."""
    pictures: int
    """Photos scored."""

    @property
    def style_progress(self) -> float:
        """Progress from the photos, 0, to the style set itself, 1."""
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
    """Kernel distance, times 1000; 0 is expected of other pictures in the style."""
    frechet: dict[str, float]
    """Fréchet distance by the depth of the features."""
    swd: float
    """Sliced Wasserstein distance of Laplacian-pyramid patches, times 1000; uses no network."""
    swd_levels: tuple[float, ...]
    """The same by the level of the pyramid, finest first."""
    fooled: float
    """Share of crops that a fresh classifier takes for style pictures; 0.5 is indistinguishable."""
    accuracy: float
    """Share of its correct answers on both kinds; 0.5 is indistinguishable."""
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
        """All numbers by name. Where pictures are too few for an interval, its ends are None."""
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
class CandidateScores:
    """Scores of a candidate's results."""

    name: str
    metrics: Metrics
    style_progress: float
    """(photos - result) / (photos - floor) in KID: 0 is the photo, 1 the style itself."""
    photos: tuple[Path, ...]
    """Photos scored; the fields below are in their order."""
    content_by_picture: tuple[float, ...]
    style_by_picture: tuple[float, ...]
    """Nearness to the style (kid.nearness) of `kept`."""
    every: int = 1
    """One of so many photos was kept for it."""
    photo_logits: tuple[tuple[float, float], ...] = ()
    """Mean logits of being taken for a photo, from afar and close up, of `kept`; NaN if there is no
    classifier."""

    @property
    def kept(self) -> tuple[Path, ...]:
        """Photos that style_by_picture refers to."""
        return self.photos[:: self.every]

    @property
    def selection_score(self) -> float:
        """Product of style_progress and content."""
        return selection_score(self.style_progress, self.metrics.content.value)

    def flat(self) -> dict[str, float | None]:
        """All numbers by name."""
        own = {"style_progress": self.style_progress, "merit": self.selection_score}
        return {**self.metrics.flat(), **own, "pictures": len(self.photos)}


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def _snake(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name.lower())
