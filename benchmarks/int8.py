"""Measure styles for 8-bit convolutions, and note in their checkpoints what comes of it.

python benchmarks/int8.py PHOTOS CHECKS [CHECKPOINT]... [--write docs/benchmarks.md]

The ranges of what goes into the convolutions are measured on PHOTOS. Where what they give on CHECKS
is as good as the same as in float32, by the mean difference and by the share of values within
4/255, they are written into the checkpoint: `--precision auto` computes by them on CPUs that can.
Without checkpoints all shipped styles that take photos are measured.
"""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from PIL import Image
from report import Sheet, Write, publish, split_at_markers

from ganstyle.config import Dials
from ganstyle.files import find_images
from ganstyle.images.tensors import read_image
from ganstyle.models.generator import Generator
from ganstyle.models.int8 import measure_ranges
from ganstyle.models.pretrained import load_generator, save_generator
from ganstyle.painting.painter import Painter
from ganstyle.runtime import pick_runtime, tune_cpu
from ganstyle.styles import read_info, shipped_styles

MOST_MEAN, NEAR, LEAST_NEAR = 1.0, 4, 99.0
"""Mean difference from float32 in 1/255, what counts as near, and per cent that must be near."""

MARKERS = "int8"
"""Name of the markers between which --write puts the table."""

CALIBRATION_SIDE = 512
"""Shorter side of the photos by which ranges are measured, px."""


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
    shipped = [path for path in shipped_styles().values() if read_info(path).takes == "photo"]
    calibration = [read_image(path, short_side=CALIBRATION_SIDE) for path in find_images(photos)]
    pictures = [read_image(path) for path in find_images(checks)]
    rows = [measure(path, calibration, pictures) for path in checkpoints or shipped]
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
    exact = Painter(generator, pick_runtime("cpu", "float32"), Dials())
    ranges = measure_ranges(generator, lambda: [exact.paint([photo]) for photo in calibration])
    config = replace(generator.config, int8_ranges=ranges)
    rounded = Generator(config)
    rounded.load_state_dict(generator.state_dict())
    kinds = (
        Painter(rounded, pick_runtime("cpu", "int8", trained=True), Dials()),
        Painter(load_generator(path), pick_runtime("cpu", "bfloat16"), Dials()),
    )
    wanted = [_values(exact, picture) for picture in pictures]
    found = [
        _differences(wanted, [_values(painter, picture) for picture in pictures])
        for painter in kinds
    ]
    mean, near = found[0]
    taken = mean < MOST_MEAN and near >= LEAST_NEAR
    generator.config = config if taken else replace(config, int8_ranges=())
    described = {**info.config, "int8_ranges": generator.config.int8_ranges}
    save_generator(path, generator, replace(info, config=described))
    figures = [f"{value:.2f}" for pair in found for value in pair]
    return (info.style, *figures, "yes" if taken else "no")


def _values(painter: Painter, picture: Image.Image) -> np.ndarray:
    return np.asarray(painter.paint([picture])[0], np.int16)


def _differences(a: list[np.ndarray], b: list[np.ndarray]) -> tuple[float, float]:
    """Mean difference in 1/255, and per cent of values that are near."""
    apart = [np.abs(one - other) for one, other in zip(a, b, strict=True)]
    total = sum(d.size for d in apart)
    near = sum(int((d <= NEAR).sum()) for d in apart)
    return sum(int(d.sum()) for d in apart) / total, 100 * near / total


if __name__ == "__main__":
    typer.run(main)
