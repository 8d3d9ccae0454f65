"""Several styles at one easel: their settings and tones, mixed by weight."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ganstyle.sources.abstraction import Abstraction
from ganstyle.sources.easel import Easel
from ganstyle.sources.tones import PictureTones, Tones, mean_tones


@dataclass(frozen=True)
class MixedTones(Tones):
    """Tones of several media, each with its weight; the weights sum to 1."""

    parts: tuple[tuple[Tones, float], ...]

    @classmethod
    def of_media(cls, parts: Sequence[tuple[Tones, float]]) -> "MixedTones":
        """The mixture of media; their weights need not sum to 1."""
        total = sum(weight for _, weight in parts)
        pictures = tuple(picture for tones, _ in parts for picture in tones.pictures)
        return cls(pictures, tuple((tones, weight / total) for tones, weight in parts))

    @property
    def gray(self) -> float:
        """How grey the mixture is, from 0 to 1."""
        return sum(weight * tones.gray for tones, weight in self.parts)

    def nearest(self, tones: PictureTones, share: float) -> PictureTones:
        """The weighted mean of what nearest() finds in each medium; grey ones bring no colour."""
        found = [(each.nearest(tones, share), each.gray, weight) for each, weight in self.parts]
        mean = mean_tones([(nearest, weight) for nearest, _, weight in found])
        if colored := [(nearest, weight) for nearest, gray, weight in found if not gray]:
            of_colored = mean_tones(colored)
            return replace(mean, color=of_colored.color, covariance=of_colored.covariance)
        return mean


def mixed_easel(parts: Sequence[tuple[Easel, float]]) -> Easel:
    """The easel of styles that paint together: all numbers are means by weight, which sum to 1.

    So all share the sizes of the levels and the source of each. An easel without tones counts as
    one that keeps all of a photo's own.
    """
    if len(parts) == 1:
        return parts[0][0]
    whole = [(_without_change(easel), weight) for easel, weight in parts]

    def mean(number: Callable[[Easel], float]) -> float:
        total = sum(weight * number(easel) for easel, weight in whole)
        return round(total, 9)  # weights sum to 1 but for the last bit

    def abstraction(of: Callable[[Easel], Abstraction]) -> Abstraction:
        factor = mean(lambda easel: of(easel).factor)
        return Abstraction(factor=factor, radius=round(mean(lambda easel: of(easel).radius)))

    toned = [(easel.tones, weight) for easel, weight in parts if easel.tones]
    return Easel(
        side=round(mean(lambda easel: easel.side)),
        brush=mean(lambda easel: easel.brush),
        photo=abstraction(lambda easel: easel.photo),
        refined=abstraction(lambda easel: easel.refined),
        tones=MixedTones.of_media(toned) if toned else None,
        keep_tone=mean(lambda easel: easel.keep_tone),
        palette=mean(lambda easel: easel.palette),
        tone_share=mean(lambda easel: easel.tone_share),
        invention=mean(lambda easel: easel.invention),
        draft_invention=mean(lambda easel: easel.draft_invention),
    )


def _without_change(easel: Easel) -> Easel:
    return easel if easel.tones else replace(easel, keep_tone=1.0, palette=0.0)
