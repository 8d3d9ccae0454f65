"""Progress of `ganstyle stylize`: files, and the frames of a video."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ganstyle.cli.display import console, say

if TYPE_CHECKING:
    from ganstyle.stylize.jobs import Job, OnFrame


@contextmanager
def stylizing_display(
    total: int | None, *, shown: bool = True
) -> Iterator[tuple[Callable[[], None], "OnFrame"]]:
    """Progress over files, and over the frames of a video with the time that is left.

    Yields a function to call after each file, and one to call after each frame. Bars on a terminal,
    else a line per minute for a video. Nothing unless shown.
    """
    if not shown:
        yield lambda: None, lambda *_: None
        return
    if not sys.stderr.isatty():
        yield lambda: None, _line_per_minute()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console()) as progress:
        files = progress.add_task("Stylizing", total=total)
        frames = progress.add_task("", visible=False)
        shown_job: Job | None = None

        def on_frame(job: "Job", done: int, count: int) -> None:
            nonlocal shown_job
            if job is not shown_job:  # one that is resumed begins in its middle
                shown_job = job
                progress.reset(frames, total=count, completed=done, description=job.source.name)
            progress.update(frames, completed=done, visible=done < count)

        yield lambda: progress.advance(files), on_frame


def _line_per_minute() -> "OnFrame":
    """Function to call after each frame, which says once a minute how far the video is."""
    shown_job: Job | None = None
    begun, first, last = 0.0, 0, 0.0

    def on_frame(job: "Job", done: int, count: int) -> None:
        nonlocal shown_job, begun, first, last
        now = time.monotonic()
        if job is not shown_job:
            shown_job, begun, first, last = job, now, done, now
        elif now - last >= 60:
            last = now
            left = round((count - done) * (now - begun) / (done - first))
            say(f"{job.source}: {done} of {count} frames, {left // 60}:{left % 60:02d} left")

    return on_frame
