"""Still parts of a video stay as they were painted: paint over what changed, keep the rest.

Hertzmann and Perlin, Painterly Rendering for Video and Interaction (2000), who paint over the last
frame where the video has changed. A painting answers noise, which nobody sees, with other strokes.
"""

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from ganstyle.images.resize import Size

SIDE = 160
"""Shorter side, px, at which frames are compared: half of that of the first canvas."""

_LEAST, _MOST = 3 / 255, 16 / 255
"""Change, of 1, that counts as noise in a clean video, and the most that does in a noisy one."""

_NOISES = 5.0
"""Standard deviations of the noise that no pixel of a still part is likely to exceed."""

_CALM, _BLOCK = 0.3, 8
"""Share of the blocks of a frame, and their side in px, that are taken to stand still."""

_AROUND = 9
"""Side, px, of the square whose mean difference is no noise, but a change of light."""

_MEAN_TO_DEVIATION = 1.2533
"""Standard deviation of a normal variable over its mean magnitude."""

_CUT = 0.7
"""Share of a frame that changes from which all of it is painted anew."""

_SOFT = 7
"""Side, px, of the square by which a change is widened and its border is softened."""


class Steadiness:
    """Compares each frame with what the painting shows, and says which parts to paint over.

    amount: 0 to 1; 0 paints every frame, 0.5 keeps what differs by no more than noise, 1 twice
    that. It keeps, for each pixel, the content that it was last painted from, so that what changes
    slowly is painted over, too, sooner or later.
    """

    def __init__(self, amount: float) -> None:
        self.amount = amount
        self._shown: Tensor | None = None
        self._before: Tensor | None = None

    def changes(self, image: Image.Image) -> Image.Image | None:
        """Mask of what to paint over, L, in the size of the image; None to paint all of it.

        image: the next frame, RGB, in the size of small_size().
        """
        frame = _smoothed(image)
        if self._shown is None or self._before is None or self.amount == 0:
            self._shown = self._before = frame
            return None
        noise = _noise(frame - self._before)
        self._before = frame
        least = 2 * self.amount * min(_MOST, max(_LEAST, _NOISES * noise))
        change = (frame - self._shown).abs().amax(1, keepdim=True)  # (1, 1, H, W)
        mask = ((change - least) / least).clamp(0, 1)
        if (change > least).float().mean() > _CUT:
            self._shown = frame
            return None
        if mask.amax() == 0:
            return Image.new("L", image.size)
        padding = _SOFT // 2
        mask = F.max_pool2d(mask, _SOFT, 1, padding)
        mask = F.avg_pool2d(mask, _SOFT, 1, padding, count_include_pad=False)
        self._shown = torch.lerp(self._shown, frame, mask)
        return Image.fromarray((mask[0, 0] * 255).round().byte().numpy())


def small_size(size: Size) -> Size:
    """Size in which frames of that size are compared."""
    ratio = min(1.0, SIDE / min(size))
    return max(1, round(size[0] * ratio)), max(1, round(size[1] * ratio))


def painted_over(before: Image.Image, new: Image.Image, mask: Image.Image) -> Image.Image:
    """The painting before, with the new one where the mask, which may be smaller, says so."""
    return Image.composite(new, before, mask.resize(new.size, Image.Resampling.BILINEAR))


def _smoothed(image: Image.Image) -> Tensor:
    """A frame without most of its noise, (1, 3, H, W) in [0, 1]."""
    pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float() / 255
    return F.avg_pool2d(pixels, 3, 1, 1, count_include_pad=False)


def _noise(difference: Tensor) -> float:
    """Standard deviation of the noise in a difference of frames, by its calmest blocks."""
    light = F.avg_pool2d(difference, _AROUND, 1, _AROUND // 2, count_include_pad=False)
    magnitudes = (difference - light).abs().mean(1, keepdim=True)
    blocks = F.avg_pool2d(magnitudes, _BLOCK, ceil_mode=True)
    return _MEAN_TO_DEVIATION * float(torch.quantile(blocks, _CALM))
