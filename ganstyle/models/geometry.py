"""Reach and memory of a generator, computed from its config alone."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ganstyle.models.generator import GeneratorConfig


def bytes_per_pixel(config: "GeneratorConfig", itemsize: int) -> int:
    """Bytes per input pixel that a pass through the generator takes at its peak.

    The finest level takes most of it: the encoder's map and the tensors of one block exist at the
    same time, beside a few float32 images. itemsize: bytes of one weight.
    """
    return 8 * config.widths[0] * itemsize // 4 + 8 * 3 * 4


def receptive_field(config: "GeneratorConfig") -> int:
    """Largest distance in pixels along an axis at which an input can change an output pixel.

    Each position within a stride is followed back to the interval of input pixels behind it, since
    the reach depends on the alignment to the grid.
    """
    reach = 0
    for start in range(config.stride):
        low, high = _input_interval(config, start)
        reach = max(reach, start - low, high - start)
    return reach


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
