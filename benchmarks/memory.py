"""Memory of `stylize`: flat over thousands of photos, and bounded on one of 100 megapixels.

python benchmarks/memory.py [--pictures N] [--megapixels N] [--style NAME|FILE]

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

from ganstyle.config import DEFAULT_STYLE

SIZE = (384, 256)
"""Of the many photos, px: small, so that thousands are done in minutes."""

PARTS = 8
"""Points along the run at which the memory is printed."""


def main(
    pictures: Annotated[int, typer.Option(min=PARTS)] = 2000,
    megapixels: Annotated[int, typer.Option(min=1)] = 100,
    style: str = DEFAULT_STYLE,
) -> None:
    """Print resident memory along a run over many photos, and the peak on a huge one."""
    ours = (sys.executable, "-m", "ganstyle", "stylize", "IN", "OUT", "--style", style)
    with tempfile.TemporaryDirectory() as temporary:
        many, huge = Path(temporary, "many"), Path(temporary, "huge")
        sample_photos(many, 64, SIZE)
        for index in range(64, pictures):
            (many / f"{index:04d}.jpg").symlink_to(many / f"{index % 64:04d}.jpg")
        out = Path(temporary, "out")
        command = [{"IN": str(many), "OUT": str(out)}.get(word, word) for word in ours]
        print(f"{pictures} photos of {SIZE[0]}x{SIZE[1]} px, resident MB along the run:")
        for done, resident in _along(command, out, pictures):
            print(f"  {done:5d} done: {resident / 1e6:.0f}", flush=True)
        huge.mkdir()
        side = round((megapixels * 1e6) ** 0.5)
        sample_photos(Path(temporary, "one"), 1, (1024, 1024))
        photo = Image.open(Path(temporary, "one", "0000.jpg"))
        photo.resize((side, side), Image.Resampling.BICUBIC).save(huge / "huge.jpg", quality=90)
        for precision in ("auto", "float32"):
            run = run_once(Contestant("ganstyle", (*ours, "--precision", precision), huge))
            print(
                f"{side}x{side} px, {precision}: peak {run.peak / 1e6:.0f} MB, {run.seconds:.0f} s",
                flush=True,
            )


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
