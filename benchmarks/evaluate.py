"""Speed and memory of `evaluate` on a folder of results: whole processes, start-up included.

python benchmarks/evaluate.py [--pictures N] [--style-pictures N] [--rounds N]
                              [--write docs/benchmarks.md]
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from contest import sample_photos
from PIL import Image, ImageOps
from report import Sheet, Write, publish, split_at_markers

MARKERS = "evaluate"
"""Name of the markers between which --write puts the table."""

SIZE = (768, 512)
"""Of photos, results and style pictures, px."""

DISTINCT = 64
"""Photos that differ; the others are links to them."""


def main(
    pictures: Annotated[int, typer.Option(min=2)] = 1000,
    style_pictures: Annotated[int, typer.Option(min=2)] = 55,
    rounds: Annotated[int, typer.Option(min=1)] = 3,
    write: Write = None,
) -> None:
    """Print pictures scored a second, the median of the rounds, and the peak memory."""
    if write:
        split_at_markers(write, MARKERS)
    with tempfile.TemporaryDirectory() as temporary:
        photos, results, styles = (Path(temporary, name) for name in ("in", "out", "style"))
        sample_photos(photos, min(DISTINCT, pictures), SIZE)
        sample_photos(styles, style_pictures, SIZE)
        results.mkdir()
        for index in range(pictures):
            name = f"{index:04d}.jpg"
            if index < DISTINCT:
                with Image.open(photos / name) as photo:
                    ImageOps.posterize(photo, 3).save(results / name, quality=95)
                continue
            for folder in (photos, results):
                (folder / name).symlink_to(folder / f"{index % DISTINCT:04d}.jpg")
        runs = [_run(photos, styles, results) for _ in range(rounds)]
    seconds = statistics.median(seconds for seconds, _ in runs)
    peak = max(peak for _, peak in runs)
    figures = (f"{pictures / seconds:.1f}", f"{seconds:.1f}", f"{peak / 1e6:.0f}")
    columns = ("pictures", "style pictures", "images/s", "seconds", "peak memory, MB")
    caption = (
        f"`ganstyle evaluate` on a folder of results of {SIZE[0]}x{SIZE[1]} px, whole processes, "
        f"median of {rounds}:"
    )
    sheet = Sheet(caption, columns, [(f"{pictures}", f"{style_pictures}", *figures)])
    publish([sheet], "evaluate.py", MARKERS, write)


def _run(photos: Path, styles: Path, results: Path) -> tuple[float, int]:
    """Seconds and largest resident bytes of one evaluation. Linux only."""
    command = [sys.executable, "-m", "ganstyle", "evaluate", str(photos), str(styles)]
    command += ["--results", str(results), "--json"]
    started = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)  # Popen must not wait again
    if child.returncode:
        raise RuntimeError(f"exit code {child.returncode}: {' '.join(command)}")
    return seconds, usage.ru_maxrss * 1024


if __name__ == "__main__":
    typer.run(main)
