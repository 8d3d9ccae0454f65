"""Abstractions in a graph: the round Kuwahara filter, and what photos and paintings lose by it."""

import numpy as np

from ganstyle.export.graph import Value, cut, largest, op, smallest, total
from ganstyle.export.resizing import (
    UNIT,
    Size,
    resized_in_bytes,
    smooth,
)
from ganstyle.export.tones import Recolor
from ganstyle.sources import abstraction
from ganstyle.sources.abstraction import Abstraction
from ganstyle.sources.photo import SIDE


def careful_draft(photo: Value, rule: Abstraction, recolor: Recolor) -> Value:
    """The careful draft of a photo, both of whole numbers up to 255: see sources/photo."""
    size = Size.of(photo)
    factor = largest(size.short * round(rule.factor * UNIT), np.array(SIDE * UNIT))
    small = size.scaled(np.array(SIDE * UNIT), factor)
    return _abstracted(photo, small, size, rule.radius, recolor)


def refining_source(canvas: Value, size: Size, rule: Abstraction) -> Value:
    """The abstraction of a canvas in another size, both of whole numbers up to 255."""
    small = size.scaled(np.array(UNIT), np.array(round(rule.factor * UNIT)))
    return _abstracted(canvas, small, size, rule.radius, lambda reduced: reduced)


def _abstracted(image: Value, small: Size, size: Size, radius: int, recolor: Recolor) -> Value:
    """sources/abstraction.abstract_pixels() of an image. small: size in which it is filtered."""
    reduced = resized_in_bytes(image, small, smooth(Size.of(image), small))
    filtered = op("Round", recolor(kuwahara(reduced / 255.0, radius)) * 255.0)
    levels = smallest(largest(filtered, 0.0), 255.0)
    return resized_in_bytes(levels, size, smooth(small, size))


def kuwahara(image: Value, radius: int) -> Value:
    """The filter of sources/abstraction: (1, 3, H, W) in [0, 1] to the same."""
    if not radius:
        return image
    squares = total(image * image, 1)
    planes = op("Transpose", op("Concat", image, squares, axis=1), perm=[1, 0, 2, 3])
    ends = np.array([0, 0, radius, radius, 0, 0, radius, radius])
    padded = op("Pad", planes, ends, mode="edge")
    sectors = op("Conv", padded, abstraction._sectors(radius).numpy().copy())  # (4, 8, H, W)
    means, second = cut(sectors, 0, 3), cut(sectors, 0, 4, 3)
    variance = largest(second - total(means * means, 0), 0.0) + abstraction._NOISE  # (1, 8, H, W)
    calmest = op("ReduceMin", variance, np.array([1]), keepdims=1)
    ratio = calmest / variance
    weights = ratio * ratio * ratio * ratio
    weights = weights / total(weights, 1)
    return op("Transpose", total(means * weights, 1), perm=[1, 0, 2, 3])
