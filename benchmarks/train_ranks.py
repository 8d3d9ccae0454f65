"""Whole `ganstyle train` runs by several processes: how many images a second they report."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from contest import sample_photos
from report import Sheet

from ganstyle.errors import DataError
from ganstyle.train.run_folder import METRICS, RunFolder

PICTURES, SIZE = 24, (720, 480)
"""Pictures made for each folder of --ranks, and their width and height in pixels."""


def parse_ranks(text: str) -> list[int]:
    """The numbers in "1,2", none in "". Raises DataError for what is no list of numbers."""
    words = text.split(",") if text else []
    if not all(word.strip().isdecimal() and int(word) > 0 for word in words):
        raise DataError(f"ranks is {text}; it must be numbers of processes, say 1,2.")
    return [int(word) for word in words]


def compare_ranks(counts: Sequence[int], images: int, say: Callable[[str], None]) -> Sheet:
    """The table of runs by so many processes each, on pictures made for them."""
    with tempfile.TemporaryDirectory() as temporary:
        photos, styles = Path(temporary, "photos"), Path(temporary, "styles")
        sample_photos(photos, PICTURES, SIZE)
        sample_photos(styles, PICTURES, SIZE)
        rates = []
        for count in counts:
            rates.append(rank_rate(count, photos, styles, images))
            say(f"{count} ranks: {rates[-1]:.2f} images/s")
    rows = [
        (f"{count}", f"{threads_each(count)}", f"{rate:.2f}", f"{rate / rates[0]:.2f}")
        for count, rate in zip(counts, rates, strict=True)
    ]
    command = f"`ganstyle train --images {images} --hold-out 0`"
    caption = f"{command} by several processes that share the cores:"
    return Sheet(caption, ("ranks", "threads each", "images/s", "times the first"), rows)


def rank_rate(
    count: int, photos: Path, styles: Path, images: int, options: Sequence[str] = ()
) -> float:
    """Images a second that `ganstyle train` reports when `count` processes share the cores.

    options: further ones for it. Raises DataError, with what it said, when it fails.
    """
    launcher = (sys.executable, "-m", "torch.distributed.run", "--standalone")
    with tempfile.TemporaryDirectory() as temporary:
        run = Path(temporary, "run")
        words = (*launcher, "--nproc-per-node", f"{count}", "-m", "ganstyle", "train")
        command = [*words, str(photos), str(styles), str(run), "--images", f"{images}", *options]
        environment = os.environ | {"OMP_NUM_THREADS": f"{threads_each(count)}"}
        done = subprocess.run(
            [*command, "--hold-out", "0"], env=environment, capture_output=True, text=True
        )
        reports = RunFolder(run).records(METRICS)
        if done.returncode or not reports:
            raise DataError(f"{count} ranks: exit code {done.returncode}. {done.stderr[-2000:]}")
    rates = [float(report["images_per_second"]) for report in reports]
    return median(rates[1:] or rates)  # the first holds the slow first steps


def threads_each(count: int) -> int:
    """Threads of each of `count` processes that share this process's cores."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, (cores or 1) // count)
