"""Settings of the easel: how photos and drafts become what a style's generator draws on."""

from dataclasses import dataclass, field
from typing import Any

from ganstyle.config import BRUSHES, check
from ganstyle.errors import ConfigError
from ganstyle.sources.abstraction import Abstraction
from ganstyle.sources.tones import PictureTones, Tones

_MAX_SIDE = 2**12
"""Far above what is of use: a damaged checkpoint must not ask for all the memory."""


_FINEST = 288
"""Side, px, up to which small photos are refined as well: without a second level, a broad brush
turns fine patterns of light into glitter."""


@dataclass(frozen=True, kw_only=True)
class Easel:
    """How a style's generator meets a picture: at which size, how rough, in which tones."""

    side: int = 320
    """Shorter side of the first level of drafts and faces, px: that of the style pictures."""
    brush: float = 1.0
    """Breadth of the strokes in a photo, relative to those in the style pictures."""
    photo: Abstraction = field(default_factory=lambda: Abstraction(factor=4.5, radius=3))
    """What is left out of a photo, its factor in pixels of a photo of 512 px."""
    refined: Abstraction = field(default_factory=lambda: Abstraction(factor=3.125, radius=2))
    """What is left out of a painting before it is painted anew, twice as large."""
    tones: Tones | None = None
    """Tones of the style pictures; None where photos keep their own."""
    keep_tone: float = 0.4
    """How much of a photo's light stays its own, from 0 to 1."""
    palette: float = 0.4
    """How far its colours are brought to the medium's, from 0 to 1."""
    tone_share: float = 0.25
    """Share of the style pictures, nearest in tone, whose tones a photo gets."""
    invention: float = 1.0
    """Amplitude of the random maps for photos, from 0 to 1."""
    draft_invention: float = 0.8
    """The same for drafts."""

    def __post_init__(self) -> None:
        for name in ("photo", "refined"):
            object.__setattr__(self, name, _of(Abstraction, getattr(self, name)))
        if isinstance(self.tones, dict):
            pictures = self.tones.get("pictures", ())
            tones = Tones(tuple(_of(PictureTones, each) for each in pictures))
            object.__setattr__(self, "tones", tones)
        elif self.tones is not None:
            _of(Tones, self.tones)
        check(16 <= self.side <= _MAX_SIDE, "side", self.side, f"from 16 to {_MAX_SIDE}")
        low, high = BRUSHES
        check(low <= self.brush <= high, "brush", self.brush, f"from {low} to {high}")
        for name in ("keep_tone", "palette", "tone_share", "invention", "draft_invention"):
            value = getattr(self, name)
            check(0 <= value <= 1, name, value, "from 0 to 1")

    @property
    def photo_side(self) -> int:
        """Shorter side of the first level of photos, px."""
        return round(self.side / self.brush)

    @property
    def finest_side(self) -> int:
        """Shorter side that the last level of a photo has at least, px, however broad the brush."""
        return min(self.side, _FINEST)


def _of(kind: type, value: Any) -> Any:
    """The value, made of a dict that JSON brought. Raises ConfigError for any other."""
    made = kind(**value) if isinstance(value, dict) else value
    if not isinstance(made, kind):
        raise ConfigError(f"{value!r} stands where the fields of {kind.__name__} should.")
    return made
