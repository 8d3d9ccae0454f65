"""Geometry of a generator, by its shape alone: reach, memory, and the heights of rows."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from ganstyle.models.generator import GeneratorConfig


def row_heights(top: int, bottom: int, height: int) -> Tensor:
    """Heights of rows top to bottom of an image, from -1 at its upper edge to 1 at its lower.

    The same for a row of a tile as for that row of the whole, to the bit. Returns (bottom - top,).
    """
    return (torch.arange(top, bottom, dtype=torch.double) + 0.5) / height * 2 - 1


def bytes_per_pixel(config: "GeneratorConfig", itemsize: int) -> int:
    """Bytes a pixel of the input that a pass through the generator takes at its peak.

    Most of it goes to the finest level: the encoder's map and the tensors of one block are alive
    together, besides a few float32 images. itemsize: bytes of one weight.
    """
    return 8 * config.widths[0] * itemsize // 4 + 8 * 3 * 4


def receptive_field(config: "GeneratorConfig") -> int:
    """Largest distance in pixels along an axis at which an input can change an output pixel.

    Follows one output pixel back to the interval of input pixels behind it, for each position
    within a stride, since the reach differs with the alignment to the grid.
    """
    reach = 0
    for start in range(config.stride):
        low, high = _input_interval(config, start)
        reach = max(reach, start - low, high - start)
    return reach + config.simplify


def _input_interval(config: "GeneratorConfig", pixel: int) -> tuple[int, int]:
    low = high = pixel // 2  # pixel shuffle
    low, high = low - 1, high + 1  # exit
    for blocks in config.decoder_blocks[:-1]:
        # Bilinear: pixel p lies between the coarse pixels (p - 1) // 2 and (p + 1) // 2.
        low, high = (low - 2 * blocks - 1) // 2, (high + 2 * blocks + 1) // 2
    body = 2 * (config.decoder_blocks[-1] + config.encoder_blocks[-1])
    low, high = low - body, high + body
    for blocks in reversed(config.encoder_blocks[:-1]):
        low, high = 2 * low - 1 - 2 * blocks, 2 * high + 2 + 2 * blocks  # 4x4, stride 2, padding 1
    low, high = low - 1, high + 1  # entrance
    return 2 * low, 2 * high + 1  # pixel unshuffle


def decoder_reach(blocks: tuple[int, ...]) -> list[int]:
    """Pixels of each level, around the image, that it takes to draw the image."""
    reach: list[int] = []
    for count in blocks:
        # The exit looks one pixel far, the interpolation one coarse pixel.
        finer = (reach[-1] + 1) // 2 + 1 if reach else 1
        reach.append(2 * count + finer)
    return reach
