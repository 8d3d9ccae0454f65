"""Values of a training: averages between reports, the reports, and TensorBoard's files."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ganstyle.distributed import Ranks
from ganstyle.errors import ConfigError


@dataclass
class MetricAverager:
    """Sums of scalars by name, which stay on their device until the means are needed."""

    sums: dict[str, Tensor] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, values: Mapping[str, Tensor]) -> None:
        for name, value in values.items():
            self.sums[name] = self.sums[name] + value if name in self.sums else value
            self.counts[name] = self.counts.get(name, 0) + 1

    def flush(self, ranks: Ranks) -> dict[str, float]:
        """Means since the last call, over all ranks; the sums start again from zero."""
        sums = ranks.mean(list(self.sums.values()))
        means = {
            name: float(s) / self.counts[name] for name, s in zip(self.sums, sums, strict=True)
        }
        self.sums, self.counts = {}, {}
        return means

    def to(self, device: torch.device) -> "MetricAverager":
        """The same sums on a device."""
        return MetricAverager({name: s.to(device) for name, s in self.sums.items()}, self.counts)


@dataclass(frozen=True)
class TrainingReport:
    """Progress of a training, and means of the values of all steps since the last report."""

    progress: float
    """Share of the budget that is used up, in [0, 1]."""
    seconds: float
    """Seconds of training so far, earlier starts of the run included."""
    images_seen: int
    """Generated crops so far."""
    images_per_second: float
    """Generated crops per second since the last report."""
    values: dict[str, float]
    """Means since the last report: losses (`loss/...`); rates at which patches of generated images
    (`fooled/...`) and of style images (`real/...`) are taken for real, also on held-out images
    (`held_out/...`); and statistics of the results (`picture/...`)."""
    actions: list[str] = field(default_factory=list)
    """Actions of the pilot, a line each."""

    @property
    def seconds_left(self) -> float:
        """Estimate, from the share that is used up."""
        return self.seconds * (1 - self.progress) / max(self.progress, 1e-6)

    def as_record(self) -> dict[str, Any]:
        """The report under the keys of metrics.jsonl."""
        return {
            "share": self.progress,
            "seconds": self.seconds,
            "images_seen": self.images_seen,
            "images_per_second": self.images_per_second,
            "values": self.values,
            "actions": self.actions,
        }


@contextmanager
def event_files(run: Path) -> Iterator[Callable[[TrainingReport], None]]:
    """Yield a writer of reports to run/events, TensorBoard's files, with images seen as steps.

    Raises ConfigError when TensorBoard is not installed.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise ConfigError(
            "--tensorboard needs TensorBoard: pip install 'ganstyle[tensorboard]'."
        ) from error

    def log(report: TrainingReport) -> None:
        for name, value in report.values.items():
            writer.add_scalar(name, value, report.images_seen)
        writer.add_scalar("images_per_second", report.images_per_second, report.images_seen)
        for action in report.actions:
            writer.add_text("pilot", action, report.images_seen)

    with SummaryWriter(str(run / "events")) as writer:
        yield log
