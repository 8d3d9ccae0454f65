"""Means of what the steps since the last report have measured."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from ganstyle.distributed import Ranks


@dataclass
class Window:
    """Sums of scalars by name, left on their device until somebody asks for the means."""

    sums: dict[str, Tensor] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, values: Mapping[str, Tensor]) -> None:
        for name, value in values.items():
            self.sums[name] = self.sums[name] + value if name in self.sums else value
            self.counts[name] = self.counts.get(name, 0) + 1

    def close(self, ranks: Ranks) -> dict[str, float]:
        """The means, over all ranks too, and begin anew."""
        sums = ranks.mean(list(self.sums.values()))
        means = {
            name: float(s) / self.counts[name] for name, s in zip(self.sums, sums, strict=True)
        }
        self.sums, self.counts = {}, {}
        return means

    def to(self, device: torch.device) -> "Window":
        """The same sums on a device."""
        return Window({name: s.to(device) for name, s in self.sums.items()}, self.counts)
