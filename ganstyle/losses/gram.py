"""Gram matrices, by which results are pulled to the palette and the texture of the style."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from ganstyle.distributed import Ranks


class RunningGrams(nn.Module):
    """Gram matrices of feature maps, means over about fifty batches of results and of style.

    One batch says little about a folder of images: the distance between the Gram matrices of two
    batches of one folder is as large as that between content and style images, and its gradient
    would pull every batch towards the same mean. Generative feature matching networks (dos Santos
    et al. 2019) compare running means instead; so do we. channels: {stride: C}. ranks: those that
    hold the other parts of each batch.
    """

    batches: Tensor

    def __init__(
        self, channels: Mapping[int, int], keep: float = 0.98, ranks: Ranks | None = None
    ) -> None:
        super().__init__()
        self.keep = keep
        self.ranks = ranks or Ranks()
        self.strides = tuple(channels)
        self.register_buffer("batches", torch.zeros(()))
        for stride, C in channels.items():
            for side in ("result", "style"):
                self.register_buffer(f"{side}_{stride}", torch.zeros(C + 1, C + 1))

    def forward(self, result: Mapping[int, Tensor], style: Mapping[int, Tensor]) -> Tensor:
        """Take in a batch of each; return the distance of the running Gram matrices, a scalar.

        result, style: {stride: (B, C, H, W)}. Returns the mean over strides of the squared
        distance, relative to the squared norm of the style's matrix. Gradients reach result as if
        the whole running mean were of this batch.
        """
        self.batches += 1
        keep = (1 - 1 / self.batches).clamp(max=self.keep)
        grams = [gram_matrix(result[stride]) for stride in self.strides]
        means = self.ranks.mean([*grams, *(gram_matrix(style[s]) for s in self.strides)])
        distances = []
        for index, (stride, now) in enumerate(zip(self.strides, grams, strict=True)):
            seen = self._take_in(f"result_{stride}", means[index].detach(), keep)
            mean = means[len(grams) + index].detach()
            wanted = self._take_in(f"style_{stride}", mean, keep)
            difference = now + (seen - now).detach() - wanted  # value of seen, gradient of now
            distances.append(difference.square().sum() / wanted.square().sum())
        return torch.stack(distances).mean()

    def _take_in(self, name: str, now: Tensor, keep: Tensor) -> Tensor:
        mean = torch.lerp(now, self.get_buffer(name), keep)
        self.get_buffer(name).copy_(mean)
        return mean


def gram_matrix(maps: Tensor) -> Tensor:
    """Mean products of every two channels over batch and plane (Gatys et al. 2016, eq. 3).

    A channel of ones is put beside the others, so that the matrix holds their means too.
    maps: (B, C, H, W). Returns (C + 1, C + 1).
    """
    flat = maps.transpose(0, 1).flatten(1)  # (C, B * H * W)
    flat = torch.cat([flat, torch.ones_like(flat[:1])])
    gram: Tensor = flat @ flat.mT / flat.shape[1]
    return gram
