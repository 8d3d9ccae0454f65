"""The palette: a picture whose colours a painting gets in place of the style's."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from ganstyle.config import Dials
from ganstyle.images.read import read_picture
from ganstyle.images.tensors import to_tensor
from ganstyle.sources.tones import Tones

_SIDE = 512
"""Shorter side to which the picture is reduced as it is decoded, px: its tones need no more."""


@dataclass(frozen=True)
class Palette(Tones):
    """Tones of a picture that was chosen for them: a photo takes on all of them."""

    whole: ClassVar[bool] = True
    medium_gray: float = 0.0
    """How grey the medium is: one that knows light and dark alone learns no colours."""

    @property
    def gray(self) -> float:
        return max(super().gray, self.medium_gray)

    def for_medium(self, tones: Tones | None) -> "Palette":
        """The palette for a medium of those tones."""
        return replace(self, medium_gray=tones.gray if tones else 0.0)


def read_palette(dials: Dials) -> Palette | None:
    """The palette of the picture that dials name; None if they name none.

    Raises ImageError, naming the file, for a picture that cannot be read.
    """
    if not isinstance(dials.palette, Path):
        return None
    [frame] = read_picture(dials.palette, shorter_side=_SIDE, first_only=True).frames
    return Palette.of([to_tensor(frame.image)])
