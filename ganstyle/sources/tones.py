"""Tones of a medium: which lights and colours its pictures have, and a photo brought to them.

Prints have paper and blue, pen drawings are nearly white, engravings dark. What is compared are
means over areas larger than a stroke: black ink on white paper is a tone of grey.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

import torch
import torch.nn.functional as F
from torch import Tensor

from ganstyle.errors import ConfigError
from ganstyle.sources.oklab import from_lab, to_lab

_SIDE = 96
"""Shorter side to which a picture is reduced before its tones are measured, px."""

_QUANTILES = 17
"""Quantiles of lightness that stand for a picture."""

_MOST_PICTURES = 32
"""Pictures that stand for a medium."""

_STEEPEST = 2.5
"""Most and, inverted, least times by which differences in lightness may grow: beyond, a dark sky
turns to patches."""

_PALEST = 0.7
"""Least and, inverted, most times by which colours may grow: a face beside a red hat turns grey
where all of the photo pales as the hat should."""

_MOST_TINT = 0.02
"""Distance in OKLab by which grey may be tinted: old paper has so much."""

_GRAY = 0.015
"""Mean chroma, in OKLab, up to which a medium is grey, its paper's tint aside."""

_LEAST_VARIANCE = 1e-5
"""Variance of a colour axis that every picture is taken to have."""


@dataclass(frozen=True, kw_only=True)
class PictureTones:
    """Lights and colours of one picture, in OKLab."""

    lightness: tuple[float, ...]
    """Quantiles of the lightness, evenly spread from the darkest to the lightest."""
    color: tuple[float, float]
    """Means of a and b."""
    covariance: tuple[float, float, float]
    """Of a with a, a with b, b with b."""

    def __post_init__(self) -> None:
        for name in ("lightness", "color", "covariance"):
            object.__setattr__(self, name, tuple(map(float, getattr(self, name))))
        counts = len(self.lightness), len(self.color), len(self.covariance)
        if counts != (_QUANTILES, 2, 3):
            raise ConfigError(f"tones have {counts} numbers; they need {(_QUANTILES, 2, 3)}.")
        if not all(map(math.isfinite, self.lightness + self.color + self.covariance)):
            raise ConfigError("tones are no finite numbers.")


@dataclass(frozen=True)
class Tones:
    """Tones of a medium: those of some of its pictures."""

    pictures: tuple[PictureTones, ...]
    whole: ClassVar[bool] = False
    """Whether a photo takes on the mean colour too, however strong a tint that is."""

    def __post_init__(self) -> None:
        if not self.pictures:
            raise ConfigError("tones are of no picture; they need one or more.")

    @classmethod
    def of(cls, images: Sequence[Tensor]) -> Self:
        """The tones of images, uint8 (H, W, 3) each; of many, evenly spread ones are measured."""
        count = min(len(images), _MOST_PICTURES)
        picked = (images[index * len(images) // count] for index in range(count))
        return cls(tuple(measure(image.permute(2, 0, 1)[None].float() / 255) for image in picked))

    @property
    def gray(self) -> float:
        """How grey the medium is: 1 if it knows light and dark alone, else 0."""
        return float(self.is_gray)

    @property
    def is_gray(self) -> bool:
        """Whether the medium knows light and dark alone."""
        count = len(self.pictures)
        chroma = [math.sqrt(max(0.0, p.covariance[0] + p.covariance[2])) for p in self.pictures]
        return sum(chroma) / count < _GRAY

    def nearest(self, tones: PictureTones, share: float) -> PictureTones:
        """The mean of the share of pictures whose tones are nearest; one at least.

        Quantiles are averaged one by one: the barycentre of distributions of one dimension.
        """

        def distance(other: PictureTones) -> float:
            light = _mean_square(tones.lightness, other.lightness)
            return light + _mean_square(tones.color, other.color)

        ranked = sorted(self.pictures, key=distance)
        chosen = ranked[: max(1, round(share * len(ranked)))]
        return mean_tones([(picture, 1.0) for picture in chosen])


def measure(image: Tensor) -> PictureTones:
    """The tones of an image, (1, 3, H, W) in [0, 1]."""
    lab = to_lab(_local_means(image))[0].flatten(1)  # (3, N)
    levels = torch.linspace(0, 1, _QUANTILES, device=lab.device)
    lightness: tuple[float, ...] = tuple(torch.quantile(lab[0], levels).tolist())
    a, b = lab[1:].mean(1).tolist()
    if lab.shape[1] < 2:
        return PictureTones(lightness=lightness, color=(a, b), covariance=(0.0, 0.0, 0.0))
    covariance = torch.cov(lab[1:])
    aa, ab, bb = (float(covariance[i, j]) for i, j in ((0, 0), (0, 1), (1, 1)))
    return PictureTones(lightness=lightness, color=(a, b), covariance=(aa, ab, bb))


@dataclass(frozen=True, kw_only=True)
class ToneMap:
    """Colours of a photo moved to those of a medium, the same for all parts of the photo.

    own, wanted: tones of the photo, and those that it gets. light, color: how far it goes there,
    from 0 to 1. gray: share of the colour that does not come along. whole: see Tones.
    Lightness goes by its quantiles, a and b by a linear map (Pitie & Kokaram 2007, eq. 9).
    """

    own: PictureTones
    wanted: PictureTones
    light: float
    color: float
    gray: float = 0.0
    whole: bool = False

    @classmethod
    def of(
        cls, photo: Tensor, tones: Tones, *, light: float, color: float, share: float
    ) -> "ToneMap":
        """The map of a photo, (1, 3, H, W) in [0, 1], to the share of the pictures of a medium
        that are nearest in tone."""
        own = measure(photo)
        wanted = tones.nearest(own, share)
        gray, whole = tones.gray, tones.whole
        return cls(own=own, wanted=wanted, light=light, color=color, gray=gray, whole=whole)

    def __call__(self, image: Tensor) -> Tensor:
        """The photo, or a part of it, in the tones of the medium: (1, 3, H, W) to same."""
        if not self.light and not self.color and not self.gray:
            return image
        lab = to_lab(image)
        lightness = torch.lerp(lab[:, :1], _mapped(lab[:, :1], self.own, self.wanted), self.light)
        color_map = _whole_color_map if self.whole else _color_map
        matrix, offset = color_map(self.own, self.wanted)
        moved = torch.einsum("ij,bjhw->bihw", matrix, lab[:, 1:]) + offset.view(1, 2, 1, 1)
        paper = offset.new_tensor(self.wanted.color).view(1, 2, 1, 1).expand_as(moved)
        colors = torch.lerp(torch.lerp(lab[:, 1:], moved, self.color), paper, self.gray)
        return from_lab(torch.cat([lightness, colors], 1))


def _mapped(lightness: Tensor, own: PictureTones, wanted: PictureTones) -> Tensor:
    """Lightness by a monotonous curve through the quantiles of both, no part of it too steep."""
    x = torch.tensor(own.lightness).clamp(0, 1)
    y = torch.tensor(wanted.lightness)
    steps = (x[1:] - x[:-1]).clamp(min=1e-4)
    slopes = ((y[1:] - y[:-1]) / steps).clamp(1 / _STEEPEST, _STEEPEST)
    curve = torch.cat([torch.zeros(1), (slopes * steps).cumsum(0)])
    curve = curve + (y - curve).mean()  # what slopes cut off is shared by dark and light
    x = torch.cat([x[:1], x[:1] + steps.cumsum(0)])
    at = lightness.contiguous()
    index = torch.searchsorted(x, at).clamp(1, len(x) - 1)
    within = (at - x[index - 1]) / (x[index] - x[index - 1])
    # Beyond the quantiles of local means, in single dark pixels, differences stay as they are.
    beyond = at - at.clamp(float(x[0]), float(x[-1]))
    return torch.lerp(curve[index - 1], curve[index], within.clamp(0, 1)) + beyond


def _color_map(own: PictureTones, wanted: PictureTones) -> tuple[Tensor, Tensor]:
    """Matrix (2, 2) and offset (2,) that bring a and b nearly to the wanted moments.

    The matrix is the Monge-Kantorovich map of second moments about grey, which stays grey: with the
    mean of a photo of a red hat its pale face would turn green. What is left of the difference of
    the means is a tint, and a small one.
    """
    mean, goal = torch.tensor(own.color), torch.tensor(wanted.color)
    matrix = _transport(
        _covariance(own) + torch.outer(mean, mean),
        _covariance(wanted) + torch.outer(goal, goal),
        _PALEST,
    )
    tint = goal - matrix @ mean
    return matrix, tint * min(1.0, _MOST_TINT / max(1e-6, float(tint.norm())))


def _whole_color_map(own: PictureTones, wanted: PictureTones) -> tuple[Tensor, Tensor]:
    """Matrix (2, 2) and offset (2,) that bring a and b to the wanted mean and covariance."""
    matrix = _transport(_covariance(own), _covariance(wanted), 1 / _STEEPEST)
    return matrix, torch.tensor(wanted.color) - matrix @ torch.tensor(own.color)


def _transport(own: Tensor, wanted: Tensor, least: float) -> Tensor:
    """Monge-Kantorovich map of second moments, (2, 2) each, by factors from `least` up."""
    root, inverse = _roots(own)
    middle, _ = _roots(root @ wanted @ root)
    values, vectors = torch.linalg.eigh(inverse @ middle @ inverse)
    matrix: Tensor = vectors * values.clamp(least, 1 / least) @ vectors.mT
    return matrix


def _covariance(tones: PictureTones) -> Tensor:
    """Covariance of a and b, (2, 2), of which no axis is taken to vary by nothing."""
    aa, ab, bb = tones.covariance
    return torch.tensor([[aa, ab], [ab, bb]]) + _LEAST_VARIANCE * torch.eye(2)


def _roots(covariance: Tensor) -> tuple[Tensor, Tensor]:
    """Square root of a symmetric positive matrix, and the inverse of the root."""
    values, vectors = torch.linalg.eigh(covariance)
    roots = values.clamp(min=1e-8).sqrt()
    return vectors * roots @ vectors.mT, vectors / roots @ vectors.mT


def _local_means(image: Tensor) -> Tensor:
    H, W = image.shape[-2:]
    ratio = min(1.0, _SIDE / min(H, W))
    size = max(1, round(H * ratio)), max(1, round(W * ratio))
    if size == (H, W):
        return image
    return F.interpolate(image, size=size, mode="bilinear", antialias=True)


def _mean_square(one: Sequence[float], other: Sequence[float]) -> float:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) / len(one)


def mean_tones(weighted: Sequence[tuple[PictureTones, float]]) -> PictureTones:
    """Mean of tones, each with its weight, number by number."""
    total = sum(weight for _, weight in weighted)

    def mean(name: str) -> Any:
        rows = ([weight * x for x in getattr(tones, name)] for tones, weight in weighted)
        return tuple(sum(column) / total for column in zip(*rows, strict=True))

    return PictureTones(**{each.name: mean(each.name) for each in fields(PictureTones)})
