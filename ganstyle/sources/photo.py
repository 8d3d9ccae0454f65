"""A photo as a generator draws on it: a careful draft, with the detail out and a medium's tones."""

from dataclasses import replace

from torch import Tensor

from ganstyle.sources.abstraction import Abstraction, abstract_pixels
from ganstyle.sources.tones import ToneMap

SIDE = 512
"""Shorter side of a photo, px, of which the factor of its abstraction is one of pixels: the same
detail goes at every size."""


def careful_draft(
    photo: Tensor, abstraction: Abstraction, tone_map: ToneMap | None = None
) -> Tensor:
    """The careful draft of a photo, or of a part of one: uint8 (1, H, W, 3) to the same.

    abstraction: what is left out, its factor in pixels of SIDE. tone_map: brings the photo to the
    tones of the medium.
    """
    height, width = photo.shape[1:3]
    factor = max(1.0, abstraction.factor * min(height, width) / SIDE)
    rough = replace(abstraction, factor=factor)
    return abstract_pixels(photo, (width, height), rough, tone_map)
