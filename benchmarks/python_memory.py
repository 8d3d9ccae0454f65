"""Memory of many calls from Python, by one Painter and by stylize_image.

python benchmarks/python_memory.py [--calls N] [--style NAME|FILE]

Linux only: reads the resident memory of its own process from /proc.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from PIL import Image
from report import Sheet

from ganstyle import Dials, Painter, load_generator, stylize_image
from ganstyle.config import DEFAULT_STYLE

EXAMPLE = Path(__file__).parent.parent / "examples" / "kitten.jpg"

SIZES = ((480, 320), (320, 480), (400, 400), (512, 340), (360, 540), (450, 330))
"""Of the photos in turn, px: more than a painter keeps random maps of."""


def main(
    calls: Annotated[int, typer.Option(min=4)] = 200,
    style: str = DEFAULT_STYLE,
) -> None:
    """Print resident memory after each quarter of the calls; each call has another seed."""
    painter, generator = Painter(style), load_generator(style)
    with Image.open(EXAMPLE) as file:
        photos = [file.convert("RGB").resize(size) for size in SIZES]
    ways: dict[str, Callable[[Image.Image, Dials], object]] = {
        "Painter": lambda photo, dials: painter.with_dials(dials)(photo),
        "stylize_image": lambda photo, dials: stylize_image(photo, generator, dials, "auto"),
    }
    rows = []
    for name, call in ways.items():
        found = []
        for index in range(calls):
            call(photos[index % len(photos)], Dials(seed=index))
            if (index + 1) % (calls // 4) == 0:
                found.append(f"{_resident() / 1e6:.0f}")
        rows.append((name, *found[:4]))
    header = ("MB after so many calls", *(f"{calls * part // 4}" for part in range(1, 5)))
    print(
        Sheet(f"Resident memory, {style} in {painter.runtime.precision}:", header, rows).markdown()
    )


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


if __name__ == "__main__":
    typer.run(main)
