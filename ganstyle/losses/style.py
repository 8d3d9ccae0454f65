"""What brings the style's palette and texture in before the discriminators have learnt them."""

from collections.abc import Mapping

import torch
from torch import Tensor


def moment_distance(result: Mapping[int, Tensor], style: Mapping[int, Tensor]) -> Tensor:
    """Distance of the first two moments of feature channels (Huang & Belongie 2017, eq. 13).

    The moments are taken over the whole batch, not over each picture as there: a photo should come
    near the style set, not near one picture of it. result, style: {stride: (B, C, H, W)}, B may
    differ. Returns the mean over strides of the mean squared difference of the channels' means
    and standard deviations, a scalar.
    """
    distances = []
    for stride, maps in result.items():
        mean, deviation = _moments(maps)
        style_mean, style_deviation = _moments(style[stride])
        distances.append(
            (mean - style_mean).square().mean() + (deviation - style_deviation).square().mean()
        )
    return torch.stack(distances).mean()


def _moments(maps: Tensor) -> tuple[Tensor, Tensor]:
    variance, mean = torch.var_mean(maps, dim=(0, 2, 3))  # (C,), (C,)
    return mean, torch.sqrt(variance + 1e-6)
