"""Measure styles for 8-bit convolutions, and note in their checkpoints what comes of it.

python benchmarks/int8.py PHOTOS CHECKS [CHECKPOINT]... [--write docs/benchmarks.md]

The ranges of what goes into the convolutions are measured on PHOTOS. Where the mean difference from
float32 on CHECKS is below 1/255, they are written into the checkpoint: `--precision auto` computes
by them on CPUs that can. Without checkpoints all shipped styles are measured. The share of values
within 4/255 is shown beside it and decides nothing.
"""

from dataclasses import asdict, astuple, replace
from pathlib import Path
from typing import Annotated

import typer
from PIL import Image
from report import Sheet, Write, publish, split_at_markers

from ganstyle.files import find_images
from ganstyle.images.tensors import read_image
from ganstyle.models.pretrained import load_generator, save_generator
from ganstyle.painting.calibration import (
    CALIBRATION_SIDE,
    NEAR,
    compare,
    exact_painter,
    measured_for_int8,
)
from ganstyle.painting.painter import Painter
from ganstyle.runtime import tune_cpu
from ganstyle.styles import read_info, shipped_styles

MARKERS = "int8"
"""Name of the markers between which --write puts the table."""


def main(
    photos: Path,
    checks: Path,
    checkpoints: Annotated[list[Path] | None, typer.Argument()] = None,
    write: Write = None,
) -> None:
    """Measure, print a table, and write the ranges of what has passed."""
    if write:
        split_at_markers(write, MARKERS)
    tune_cpu()
    calibration = [read_image(path, short_side=CALIBRATION_SIDE) for path in find_images(photos)]
    pictures = [read_image(path) for path in find_images(checks)]
    paths = checkpoints or shipped_styles().values()
    rows = [measure(path, calibration, pictures) for path in paths]
    caption = (
        f"Difference from float32 on {checks.name}, mean in 1/255 and per cent of values within "
        f"{NEAR}/255:"
    )
    header = ("style", "int8, mean", "within, %", "bfloat16, mean", "within, %", "int8 is taken")
    publish([Sheet(caption, header, rows)], "int8.py", MARKERS, write)


def measure(
    path: Path, calibration: list[Image.Image], pictures: list[Image.Image]
) -> tuple[str, ...]:
    """A row of the table; the checkpoint is rewritten with the ranges, or without any."""
    generator, info = load_generator(path), read_info(path)
    result, in_8_bits = measured_for_int8(generator, calibration, pictures)
    exact = exact_painter(generator)
    rounding = Painter(path, exact.dials, device="cpu", precision="bfloat16")
    in_bfloat16 = compare(exact, rounding, pictures)
    save_generator(path, result, replace(info, config=asdict(result.config)))
    figures = [f"{value:.2f}" for found in (in_8_bits, in_bfloat16) for value in astuple(found)]
    return (info.style, *figures, "yes" if result.config.int8 else "no")


if __name__ == "__main__":
    typer.run(main)
