"""A photo as a generator draws on it: a careful draft, with the detail out and a medium's tones."""

from dataclasses import replace

import torch
from torch import Tensor

from ganstyle.sources.abstraction import Abstraction, abstract
from ganstyle.sources.tones import ToneMap

SIDE = 512
"""Shorter side of a photo, px, of which the factor of its abstraction is one of pixels: the same
detail goes at every size."""


@torch.inference_mode()
def careful_draft(
    photo: Tensor, abstraction: Abstraction, tone_map: ToneMap | None = None
) -> Tensor:
    """The careful draft of a photo, or of a part of one: (1, 3, H, W) in [0, 1] to the same.

    abstraction: what is left out, its factor in pixels of SIDE. tone_map: brings the photo to the
    tones of the medium.
    """
    factor = max(1.0, abstraction.factor * min(photo.shape[-2:]) / SIDE)
    rough = replace(abstraction, factor=factor)
    return abstract(photo, rough, tone_map) if tone_map else abstract(photo, rough)
