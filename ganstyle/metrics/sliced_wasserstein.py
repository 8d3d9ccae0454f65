"""Sliced Wasserstein distance between the patches of two sets of pictures, scale by scale."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ganstyle.errors import DataError

PATCH = 7
"""Side of a patch in pixels (Karras et al. 2018, section 5)."""

_LEAST_DEVIATION = 1e-4  # a fortieth of a grey level: flat pictures have none to divide by


@dataclass(frozen=True)
class SlicedWasserstein:
    """Distance between two sets of patches at each level of the pyramid, times 1000."""

    levels: tuple[float, ...]
    """Finest first. Each is 0 or more, and above 0 for two samples of one distribution."""

    @property
    def mean(self) -> float:
        """Mean over the levels."""
        return sum(self.levels) / len(self.levels)


class PyramidPatches:
    """Uniform sample of the patches of all pictures seen, in constant memory.

    At each level of the pyramid `capacity` patches are kept, all with the same probability
    (reservoir sampling, algorithm R of Vitter 1985), as float16: 294 bytes a patch. The result does
    not depend on batch size; it depends on order, as on random numbers. generator: on the CPU.
    """

    def __init__(
        self, generator: torch.Generator, *, levels: int = 4, capacity: int = 2**16
    ) -> None:
        self.generator = generator
        self.seen = 0
        self._kept = torch.empty(levels, capacity, PATCH, PATCH, 3, dtype=torch.float16)

    def update(self, patches: Tensor) -> None:
        """Add patches of pictures, (B, levels, K, 7, 7, 3), as sample_patches() returns them."""
        for picture in patches:
            rows, slots = self._next_slots(picture.shape[1])
            self._kept[:, slots] = picture[:, rows]
            self.seen += picture.shape[1]

    def normalized(self, level: int) -> Tensor:
        """Patches kept of a level, each colour channel with mean 0 and deviation 1 over them all.

        Returns float32 (N, 147). Raises DataError before the first picture.
        """
        kept = self._kept[level, : self.seen].float()  # (N, 7, 7, 3)
        if not len(kept):
            raise DataError("The Wasserstein distance needs a picture on each side; got none.")
        deviation, mean = torch.std_mean(kept, dim=(0, 1, 2))  # (3,)
        return ((kept - mean) / deviation.clamp(min=_LEAST_DEVIATION)).flatten(1)

    @property
    def depth(self) -> int:
        """Levels of the pyramid."""
        return len(self._kept)

    def _next_slots(self, count: int) -> tuple[list[int], list[int]]:
        """Indices of the next picture's patches that are kept, and the slot of each."""
        capacity = self._kept.shape[1]
        order = torch.arange(self.seen, self.seen + count)
        chance = torch.rand(count, dtype=torch.float64, generator=self.generator)
        slots = torch.where(order < capacity, order, (chance * (order + 1)).long())
        # A later patch takes the slot of an earlier one, as if they came one by one.
        taken = {slot: row for row, slot in enumerate(slots.tolist()) if slot < capacity}
        return list(taken.values()), list(taken)


def sample_patches(
    pictures: Tensor, rngs: Sequence[torch.Generator], *, levels: int = 4, count: int = 128
) -> Tensor:
    """Patches of PATCH x PATCH at random places of the Laplacian pyramids of pictures.

    pictures: (B, 3, H, W) in [0, 1]. rngs: one for each picture, on the CPU. Returns `count`
    patches of each level, float16 (B, levels, count, 7, 7, 3) on the CPU. Raises DataError when the
    coarsest level is smaller than a patch.
    """
    pyramid = [level.cpu() for level in laplacian_pyramid(pictures, levels)]
    patches = [
        torch.stack([_windows(level[index], count, rng) for level in pyramid])
        for index, rng in enumerate(rngs)
    ]
    return torch.stack(patches).half()


def _windows(level: Tensor, count: int, rng: torch.Generator) -> Tensor:
    """Patches at random places of a level (3, H, W): (count, 7, 7, 3)."""
    steps = torch.arange(PATCH)
    tops, lefts = (
        torch.randint(size - PATCH + 1, (count, 1), generator=rng) + steps
        for size in level.shape[1:]
    )  # (count, 7) each
    return level.permute(1, 2, 0)[tops[:, :, None], lefts[:, None, :]]


def sliced_wasserstein(
    a: PyramidPatches, b: PyramidPatches, generator: torch.Generator, *, directions: int = 512
) -> SlicedWasserstein:
    """SWD of Laplacian-pyramid patches (Karras et al. 2018, section 5), times 1000.

    Each side is normalised by its own mean and deviation per channel, as in the paper: a colour
    cast or contrast gain common to all pictures does not count. The sides may have seen different
    numbers of pictures; the fewer the patches, the higher the value for equal distributions.
    Raises DataError when a side has seen none.
    """
    assert a.depth == b.depth, "both sides need pyramids of equal depth"
    return SlicedWasserstein(
        tuple(
            1000 * sliced_distance(a.normalized(i), b.normalized(i), generator, directions)
            for i in range(a.depth)
        )
    )


def sliced_distance(x: Tensor, y: Tensor, generator: torch.Generator, directions: int) -> float:
    """Mean 1-Wasserstein distance of x and y projected on random directions (Rabin et al. 2011).

    x: (N, D), y: (M, D), in the units of the result. Sorted projections are compared one by one;
    the larger set is read at the quantiles of the smaller.
    """
    axes = F.normalize(torch.randn(directions, x.shape[1], generator=generator), dim=1)
    count = min(len(x), len(y))
    total = 0.0
    for some in torch.split(axes, 64):
        p, q = (_sorted(some @ side.T) for side in (x, y))  # (64, N), (64, M)
        gaps = _quantiles(p, count) - _quantiles(q, count)  # (64, min(N, M))
        total += float(gaps.abs().mean(1).sum())
    return total / directions


def laplacian_pyramid(pictures: Tensor, levels: int) -> list[Tensor]:
    """Detail of pictures octave by octave, finest first, and the rest (Burt & Adelson 1983).

    pictures: (B, 3, H, W). Returns (B, 3, H / 2^i, W / 2^i), rounded up, for i below levels.
    Raises DataError when the last is smaller than a patch.
    """
    least = (PATCH - 1) * 2 ** (levels - 1) + 1
    if min(pictures.shape[-2:]) < least:
        size = "x".join(str(side) for side in reversed(pictures.shape[-2:]))
        raise DataError(f"A picture is {size} px; {levels} levels of patches need {least} or more.")
    details = []
    for _ in range(levels - 1):
        coarse = _blur(pictures)[..., ::2, ::2]
        spread = torch.zeros_like(pictures)
        spread[..., ::2, ::2] = coarse
        details.append(pictures - 4 * _blur(spread))
        pictures = coarse
    return [*details, pictures]


def _blur(x: Tensor) -> Tensor:
    taps = torch.tensor([1.0, 4, 6, 4, 1], device=x.device, dtype=x.dtype) / 16
    kernel = torch.outer(taps, taps).expand(x.shape[1], 1, 5, 5)
    return F.conv2d(F.pad(x, (2, 2, 2, 2), mode="reflect"), kernel, groups=x.shape[1])


def _sorted(rows: Tensor) -> Tensor:
    """Rows on the CPU, each sorted: by NumPy, in a tenth of torch's time."""
    return torch.from_numpy(np.sort(rows.numpy(), axis=1))


def _quantiles(ordered: Tensor, count: int) -> Tensor:
    """Values of sorted rows (K, M) at the middles of count equal shares: (K, count)."""
    last = ordered.shape[1] - 1
    middles = (torch.arange(count, dtype=torch.float64) + 0.5) * (last + 1) / count - 0.5
    below = middles.floor().long()
    return torch.lerp(
        ordered[:, below], ordered[:, (below + 1).clamp(max=last)], (middles - below).to(ordered)
    )
