"""Reach and memory of a generator."""

import torch
from torch import Tensor, nn

from ganstyle.models.generator import Generator, GeneratorConfig
from ganstyle.models.layers import Upsampling

Spans = tuple[Tensor, Tensor]
"""First and last position along an axis that a pixel can change, for several pixels."""


def bytes_per_pixel(config: GeneratorConfig, itemsize: int) -> int:
    """Bytes per input pixel that a pass through the generator takes at its peak.

    The finest level takes most of it: the encoder's map and the tensors of one block exist at the
    same time, beside a few float32 images. itemsize: bytes of one weight.
    """
    return 8 * config.widths[0] * itemsize // 4 + 8 * 3 * 4


def receptive_field(generator: Generator) -> int:
    """Largest distance in pixels along an axis at which an input can change an output pixel.

    The reach depends on the alignment to the grid: each pixel within a stride is followed to what
    it changes.
    """
    pixels = torch.arange(generator.config.stride)
    blocks = pixels // 2  # the entrance takes blocks of 2x2 pixels, and the exit gives such
    first, last = generator.walk((blocks, blocks), None, _changed)
    return int(torch.maximum(pixels - 2 * first, 2 * last + 1 - pixels).max())


def _changed(layer: nn.Module, spans: Spans, beside: Spans | None = None) -> Spans:
    """Spans in a layer's output, from those in its input and those in the finer map beside it."""
    first, last = spans
    if isinstance(layer, Upsampling):
        assert beside
        # Bilinear: a coarse pixel p changes 2 * p - 1 to 2 * p + 2.
        return torch.minimum(2 * first - 1, beside[0]), torch.maximum(2 * last + 2, beside[1])
    for conv in layer.modules():
        if isinstance(conv, nn.Conv2d):
            stride, kernel, padding = conv.stride[0], conv.kernel_size[0], int(conv.padding[0])
            # Output o is made of the inputs stride * o - padding + (0 to kernel - 1).
            first = -((kernel - 1 - padding - first) // stride)
            last = (last + padding) // stride
    return first, last
