"""Tones of a medium: which lights and colours its pictures have, and a photo brought to them.

Prints have paper and blue, pen drawings are nearly white, engravings dark. What is compared are
means over areas larger than a stroke: black ink on white paper is a tone of grey.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ganstyle.errors import ConfigError

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

_TO_LMS = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_TO_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
"""Linear sRGB to cone responses, and their cube roots to OKLab (Ottosson 2020)."""


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

    def __post_init__(self) -> None:
        if not self.pictures:
            raise ConfigError("tones are of no picture; they need one or more.")

    @classmethod
    def of(cls, images: Sequence[Tensor]) -> "Tones":
        """The tones of images, uint8 (H, W, 3) each; of many, evenly spread ones are measured."""
        count = min(len(images), _MOST_PICTURES)
        picked = (images[index * len(images) // count] for index in range(count))
        return cls(tuple(measure(image.permute(2, 0, 1)[None].float() / 255) for image in picked))

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
        return PictureTones(
            lightness=_means(picture.lightness for picture in chosen),
            color=_means(picture.color for picture in chosen),  # type: ignore[arg-type]
            covariance=_means(picture.covariance for picture in chosen),  # type: ignore[arg-type]
        )


def measure(image: Tensor) -> PictureTones:
    """The tones of an image, (1, 3, H, W) in [0, 1]."""
    lab = _to_lab(_local_means(image))[0].flatten(1)  # (3, N)
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
    from 0 to 1. gray: whether no colour comes along.
    Lightness goes by its quantiles, a and b by a linear map (Pitie & Kokaram 2007, eq. 9).
    """

    own: PictureTones
    wanted: PictureTones
    light: float
    color: float
    gray: bool = False

    @classmethod
    def of(
        cls, photo: Tensor, tones: Tones, *, light: float, color: float, share: float
    ) -> "ToneMap":
        """The map of a photo, (1, 3, H, W) in [0, 1], to the share of the pictures of a medium
        that are nearest in tone."""
        own = measure(photo)
        wanted = tones.nearest(own, share)
        return cls(own=own, wanted=wanted, light=light, color=color, gray=tones.is_gray)

    def __call__(self, image: Tensor) -> Tensor:
        """The photo, or a part of it, in the tones of the medium: (1, 3, H, W) to same."""
        if not self.light and not self.color and not self.gray:
            return image
        lab = _to_lab(image)
        lightness = torch.lerp(lab[:, :1], _mapped(lab[:, :1], self.own, self.wanted), self.light)
        matrix, offset = _color_map(self.own, self.wanted)
        moved = torch.einsum("ij,bjhw->bihw", matrix, lab[:, 1:]) + offset.view(1, 2, 1, 1)
        if self.gray:
            moved = offset.new_tensor(self.wanted.color).view(1, 2, 1, 1).expand_as(moved)
        colors = torch.lerp(lab[:, 1:], moved, 1.0 if self.gray else self.color)
        return _from_lab(torch.cat([lightness, colors], 1))


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
    root, inverse = _roots(_moments(own))
    middle, _ = _roots(root @ _moments(wanted) @ root)
    values, vectors = torch.linalg.eigh(inverse @ middle @ inverse)
    matrix = vectors * values.clamp(_PALEST, 1 / _PALEST) @ vectors.mT
    tint = torch.tensor(wanted.color) - matrix @ torch.tensor(own.color)
    return matrix, tint * min(1.0, _MOST_TINT / max(1e-6, float(tint.norm())))


def _moments(tones: PictureTones) -> Tensor:
    """Second moments of a and b about grey, (2, 2)."""
    aa, ab, bb = tones.covariance
    mean = torch.tensor(tones.color)
    centred = torch.tensor([[aa, ab], [ab, bb]]) + _LEAST_VARIANCE * torch.eye(2)
    return centred + torch.outer(mean, mean)


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


def _to_lab(image: Tensor) -> Tensor:
    """OKLab of sRGB, (B, 3, H, W) in [0, 1] to lightness, a and b."""
    linear = torch.where(image > 0.04045, ((image + 0.055) / 1.055) ** 2.4, image / 12.92)
    cones = torch.einsum("ij,bjhw->bihw", image.new_tensor(_TO_LMS), linear).clamp(min=0)
    return torch.einsum("ij,bjhw->bihw", image.new_tensor(_TO_LAB), cones ** (1 / 3))


def _from_lab(lab: Tensor) -> Tensor:
    """sRGB, (B, 3, H, W) in [0, 1], of OKLab."""
    to_roots, to_linear = (torch.linalg.inv(lab.new_tensor(m)) for m in (_TO_LAB, _TO_LMS))
    cones = torch.einsum("ij,bjhw->bihw", to_roots, lab) ** 3
    linear = torch.einsum("ij,bjhw->bihw", to_linear, cones).clamp(0, 1)
    curved = 1.055 * linear ** (1 / 2.4) - 0.055
    return torch.where(linear > 0.0031308, curved, linear * 12.92).clamp(0, 1)


def _mean_square(one: Sequence[float], other: Sequence[float]) -> float:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) / len(one)


def _means(rows: Iterable[Sequence[float]]) -> tuple[float, ...]:
    columns = list(zip(*rows, strict=True))
    return tuple(sum(column) / len(column) for column in columns)
