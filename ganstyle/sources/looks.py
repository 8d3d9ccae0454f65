"""Looks: presets of the dials, made out of each style's own values by one rule; needs no torch."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ganstyle.config import ABSTRACTIONS, CLASSIC, Dials


@dataclass(frozen=True, kw_only=True)
class Look:
    """How far a look is from a style's own values.

    brush, abstraction: factors. The rest go from the style's value towards 1 by that share of what
    is left or, where it is negative, towards 0.
    """

    brush: float = 1.0
    abstraction: float = 1.0
    invention: float = 0.0
    keep_tone: float = 0.0
    palette: float = 0.0


LOOKS = {
    "subtle": Look(brush=0.75, invention=-0.2, keep_tone=0.5, palette=-0.5),
    CLASSIC: Look(),
    "bold": Look(brush=1.3, abstraction=1.3, invention=0.5, keep_tone=-0.5, palette=0.5),
}
"""The looks by the names in config.LOOKS. With a narrower brush, or less abstraction, styles make
marks out of specks of light, on faces above all."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What style, look and dials decide together; the fields are those of Dials and Easel."""

    brush: float = 1.0
    invention: float
    draft_invention: float
    abstraction: float
    keep_tone: float
    palette: float

    @classmethod
    def of_record(cls, easel: Mapping[str, Any]) -> "Settings":
        """A style's own settings, out of the easel in its description."""
        names = ("invention", "draft_invention", "keep_tone", "palette")
        return cls(abstraction=easel["photo"]["factor"], **{name: easel[name] for name in names})

    def asked(self, dials: Dials) -> "Settings":
        """A style's own settings, changed as look and dials ask; each dial overrides the look.

        A picture as the palette gives all of its colours and, unless keep_tone is given, its light
        and dark.
        """
        settings = asdict(self._looked(LOOKS[dials.look]))
        if isinstance(dials.palette, Path):
            settings |= {"keep_tone": 0.0, "palette": 1.0}
        given = {name: getattr(dials, name) for name in settings if hasattr(dials, name)}
        given |= {"draft_invention": dials.invention}
        settings |= {name: x for name, x in given.items() if isinstance(x, float | int)}
        return Settings(**settings)

    @property
    def of_photos(self) -> dict[str, float]:
        """The values for photos, by the names of their options."""
        values = {name: value for name, value in asdict(self).items() if hasattr(Dials, name)}
        return {name.replace("_", "-"): round(value, 3) for name, value in values.items()}

    def _looked(self, look: Look) -> "Settings":
        return Settings(
            brush=look.brush,
            invention=_moved(self.invention, look.invention),
            draft_invention=_moved(self.draft_invention, look.invention),
            abstraction=min(ABSTRACTIONS[1], look.abstraction * self.abstraction),
            keep_tone=_moved(self.keep_tone, look.keep_tone),
            palette=_moved(self.palette, look.palette),
        )


def brush_of(dials: Dials) -> float:
    """Breadth of the strokes, relative to the style's own."""
    return LOOKS[dials.look].brush if dials.brush is None else dials.brush


def _moved(value: float, share: float) -> float:
    """A value that goes towards 1, or towards 0 by a negative share."""
    return value + share * (1 - value if share > 0 else value)
