"""TensorBoard's event files, for those who have it installed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ganstyle.errors import ConfigError
from ganstyle.train.run_folder import Report


@contextmanager
def event_files(run: Path) -> Iterator[Callable[[Report], None]]:
    """Yield what writes reports to run/events, the images seen as their steps.

    Raises ConfigError when TensorBoard is not installed.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise ConfigError(
            "--tensorboard needs TensorBoard: pip install 'ganstyle[tensorboard]'."
        ) from error

    def log(report: Report) -> None:
        for name, value in report.values.items():
            writer.add_scalar(name, value, report.images_seen)
        writer.add_scalar("images_per_second", report.images_per_second, report.images_seen)
        for action in report.actions:
            writer.add_text("pilot", action, report.images_seen)

    with SummaryWriter(str(run / "events")) as writer:
        yield log
