"""Faces of animals in a photo, by class activation maps (Zhou et al. 2016).

EfficientNet-lite0 has learned 398 kinds of animals from ImageNet, and tells most of them apart by
their heads. Training looks through the same network, so nothing else has to be installed.
"""

from collections.abc import Iterator
from functools import lru_cache

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from ganstyle.features.classifier import Classifier, load_classifier
from ganstyle.images.tensors import resized_pixels, scaled, to_pixels
from ganstyle.models.int8_kernel import int8_problem
from ganstyle.painting.faces import Box
from ganstyle.runtime import int8_is_native

_ANIMALS = 398
"""Classes that are animals, the first ones: from the tench to the pufferfish."""

_SMALLEST_SIDE = 64
"""Least side of an image in which animals are looked for, px."""

_GLANCE, _LOOK = 160, 320
"""Shorter sides, px, of the photo that is asked for an animal, and of the one in which its head is
looked for. Most photos get only the first, which takes a fifth as long as both."""

_LONGEST = 3.0
"""Most that the longer side may be, in shorter sides; a longer panorama is squeezed."""

_SURE = 0.8
"""Least probability of all animals together, at a glance (docs/faces.md)."""

_HEAD = 0.6
"""Least activation of a head, as a share of the highest in the map."""

_NEXT = 0.8
"""Least peak of a further head, as a share of the first one's."""

_FACE = 0.85
"""Height of a face as a share of the head: boxes of people reach from brow to chin, too."""

_MOST = 4
"""Most faces that are returned."""

_FINER = 4
"""Places of the enlarged activation map for each place of the network's."""


@torch.inference_mode()
def find_animal_faces(image: Image.Image) -> list[Box]:
    """Square boxes of the faces of animals in an upright RGB image, clearest first, px.

    At most 4, accurate to about a twentieth of the shorter side. Threads may call it at the same
    time.
    """
    if min(image.size) < _SMALLEST_SIDE:
        return []
    likely = _classifier().answer(_reduced(image, _GLANCE))[0].softmax(0)[:_ANIMALS]
    if likely.sum() < _SURE:
        return []
    logits = _classifier()(_reduced(image, _LOOK))[0]  # (1000, h, w)
    likely = likely / likely.sum()
    activation = torch.einsum("k,khw->hw", likely, logits[:_ANIMALS]) - logits.mean(0)
    finer = F.interpolate(activation[None, None], scale_factor=_FINER, mode="bicubic")[0, 0]
    across, down = image.width / finer.shape[1], image.height / finer.shape[0]
    return [_face_box(head, across, down) for head in _heads(finer.clamp_min(0))]


def _reduced(image: Image.Image, side: int) -> Tensor:
    """An image reduced to that shorter side: (1, 3, h, w) in [0, 1]."""
    scale, longest = side / min(image.size), round(_LONGEST * side)
    width, height = (min(round(length * scale), longest) for length in image.size)
    return scaled(resized_pixels(to_pixels([image]), (width, height)))


@lru_cache(maxsize=1)
def _classifier() -> Classifier:
    classifier = load_classifier()
    fast = int8_is_native() and not int8_problem()
    return classifier.in_8_bits() if fast else classifier


def _heads(activation: Tensor) -> Iterator[Tensor]:
    """Masks of the heads in an activation map, (H, W), each around a peak; clearest first."""
    rest, highest = activation.clone(), activation.amax()
    for _ in range(_MOST):
        peak = rest.amax()
        if peak <= 0 or peak < _NEXT * highest:
            return
        head = _connected(rest == peak, rest > _HEAD * highest)
        yield head
        rest[head] = 0


def _connected(start: Tensor, within: Tensor) -> Tensor:
    """All places of `within` that are connected to the start, both boolean (H, W)."""
    found = start
    while True:
        grown = F.max_pool2d(found[None].float(), 3, 1, 1)[0].bool() & within
        if torch.equal(grown, found):
            return found
        found = grown


def _face_box(head: Tensor, across: float, down: float) -> Box:
    """Square around the middle of a head's mask. across, down: px of the image per place."""
    rows, columns = head.any(1).nonzero(), head.any(0).nonzero()
    left, right = int(columns[0]) * across, (int(columns[-1]) + 1) * across
    top, bottom = int(rows[0]) * down, (int(rows[-1]) + 1) * down
    side = _FACE * max(right - left, bottom - top)
    return (left + right - side) / 2, (top + bottom - side) / 2, side, side
