"""Guided upsampling: a small output takes the fine edges of its content image."""

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

_RADIUS = 2
"""Half the side, in pixels of the small image, of the windows in which colours are compared."""

_NOISE = 25.0
"""Variance of luminance, in 8-bit steps, below which a window counts as flat."""

_ROWS = 256
"""Rows of the large image that are worked on at once."""


def guided_upsample(output: Image.Image, content: Image.Image) -> Image.Image:
    """Bring a small output to the size of its content image, with that image's fine edges.

    Where the output follows the content's luminance, the detail that the content lost on the way
    down is added back, times the slope of the one over the other, as in the guided filter (He &
    Sun 2015, eq. 5); lines that only the output has stay as they are. Both RGB; returns RGB.
    """
    guide = content.convert("L")
    small_guide = guide.resize(output.size, Image.Resampling.BOX)
    slopes = [_slope(channel, small_guide) for channel in output.split()]
    upsampled = Image.new("RGB", content.size)
    for top, bottom, box in _strips(content.size, output.size):
        size = content.width, bottom - top
        detail = _floats(guide.crop((0, top, content.width, bottom)))
        detail -= _floats(small_guide.resize(size, Image.Resampling.BICUBIC, box))
        coarse = _floats(output.resize(size, Image.Resampling.BICUBIC, box))  # (H, W, 3)
        gains = [_floats(slope.resize(size, Image.Resampling.BILINEAR, box)) for slope in slopes]
        pixels = coarse + np.stack(gains, axis=2) * detail[:, :, None]
        upsampled.paste(Image.fromarray(pixels.round().clip(0, 255).astype(np.uint8)), (0, top))
    return upsampled


def _slope(channel: Image.Image, guide: Image.Image) -> Image.Image:
    """Slope of the linear regression of channel over guide around each pixel, in [0, 1]: F."""
    x, y = _floats(guide), _floats(channel)
    mean_x, mean_y = _window_mean(x), _window_mean(y)
    variance = _window_mean(x * x) - mean_x * mean_x
    covariance = _window_mean(x * y) - mean_x * mean_y
    return Image.fromarray((covariance / (variance + _NOISE)).clip(0, 1).astype(np.float32))


def _window_mean(values: np.ndarray) -> np.ndarray:
    plane = torch.from_numpy(values)[None]  # (1, H, W)
    side = 2 * _RADIUS + 1
    means = F.avg_pool2d(plane, side, stride=1, padding=_RADIUS, count_include_pad=False)
    return means[0].numpy()


def _strips(
    size: tuple[int, int], small: tuple[int, int]
) -> Iterator[tuple[int, int, tuple[float, float, float, float]]]:
    """First row, row after the last, and the box in the small image, strip by strip."""
    ratio = small[1] / size[1]
    for top in range(0, size[1], _ROWS):
        bottom = min(top + _ROWS, size[1])
        yield top, bottom, (0, top * ratio, small[0], min(small[1], bottom * ratio))


def _floats(image: Image.Image) -> np.ndarray:
    return np.asarray(image, dtype=np.float32)
