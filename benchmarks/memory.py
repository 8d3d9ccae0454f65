"""Memory of `stylize`: flat over thousands of photos, and bounded on one of 100 megapixels.

python benchmarks/memory.py [--pictures N] [--megapixels N] [--style NAME|FILE]
                            [--write docs/benchmarks.md]

Linux only: reads the resident memory of the running process from /proc.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from contest import Contestant, run_once, sample_photos
from PIL import Image
from report import Sheet, Write, publish, split_at_markers

from ganstyle.config import DEFAULT_STYLE

MARKERS = "memory"
"""Name of the markers between which --write puts the tables."""

SIZE = (384, 256)
"""Of the many photos, px: small, so that thousands are done in minutes."""

PARTS = 8
"""Points along the run at which the memory is printed."""


def main(
    pictures: Annotated[int, typer.Option(min=PARTS)] = 2000,
    megapixels: Annotated[int, typer.Option(min=1)] = 100,
    style: str = DEFAULT_STYLE,
    write: Write = None,
) -> None:
    """Print resident memory along a run over many photos, and the peak on a huge one."""
    if write:
        split_at_markers(write, MARKERS)
    ours = (sys.executable, "-m", "ganstyle", "stylize", "IN", "OUT", "--style", style)
    with tempfile.TemporaryDirectory() as temporary:
        parts = [
            _many(ours, Path(temporary), pictures),
            _huge(ours, Path(temporary), round((megapixels * 1e6) ** 0.5)),
        ]
    publish(parts, "memory.py", MARKERS, write)


def _many(ours: tuple[str, ...], temporary: Path, pictures: int) -> Sheet:
    """Resident memory along a run over many photos."""
    many, out = temporary / "many", temporary / "out"
    distinct = min(64, pictures)
    sample_photos(many, distinct, SIZE)
    for index in range(distinct, pictures):
        (many / f"{index:04d}.jpg").symlink_to(many / f"{index % distinct:04d}.jpg")
    command = [{"IN": str(many), "OUT": str(out)}.get(word, word) for word in ours]
    found = _along(command, out, pictures)
    columns = (f"photos of {SIZE[0]}x{SIZE[1]} px done", *(f"{done}" for done, _ in found))
    row = ("MB", *(f"{resident / 1e6:.0f}" for _, resident in found))
    caption = f"Resident memory along a run over {pictures:,} photos:"
    return Sheet(caption, columns, [row])


def _huge(ours: tuple[str, ...], temporary: Path, side: int) -> Sheet:
    """Peak memory and time of one huge photo, in both precisions."""
    huge = temporary / "huge"
    huge.mkdir()
    sample_photos(temporary / "one", 1, (1024, 1024))
    photo = Image.open(temporary / "one" / "0000.jpg")
    photo.resize((side, side), Image.Resampling.BICUBIC).save(huge / "huge.jpg", quality=90)
    rows = []
    for precision in ("auto", "float32"):
        run = run_once(Contestant("ganstyle", (*ours, "--precision", precision), huge))
        rows.append((precision, f"{run.peak / 1e6:.0f}", f"{run.seconds:.0f}"))
    columns = (f"one JPEG of {side}x{side} px, precision", "peak, MB", "seconds")
    return Sheet("A huge photo:", columns, rows)


def _along(command: list[str], out: Path, pictures: int) -> list[tuple[int, int]]:
    """Pictures done and resident bytes, PARTS times along a run."""
    found: list[tuple[int, int]] = []
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        done = sum(1 for _ in out.glob("*.jpg")) if out.is_dir() else 0
        resident = _resident(process.pid)  # 0 when it has just ended
        if resident and done * PARTS >= pictures * (len(found) + 1):
            found.append((done, resident))
        time.sleep(0.2)
    assert process.returncode == 0
    return found


def _resident(process: int) -> int:
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * 4096


if __name__ == "__main__":
    typer.run(main)
