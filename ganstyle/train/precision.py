"""Precision of finished styles: do 8 bits suffice for the images of their training?"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import torch
from PIL import Image

from ganstyle.errors import CheckpointError
from ganstyle.images.resize import Limit
from ganstyle.models.generator import Generator
from ganstyle.models.int8_kernel import int8_problem
from ganstyle.models.pretrained import load_generator, save_generator
from ganstyle.painting.calibration import CALIBRATION_SIDE, NEAR, Difference, measured_for_int8
from ganstyle.runtime import int8_is_native
from ganstyle.styles import read_info
from ganstyle.train.dataset import Folders

FEWEST, MOST, MOST_CHECKS = 4, 16, 12
"""Least and greatest number of images for measuring ranges, and number of others for checks."""


def note_int8(paths: Sequence[Path], folders: Folders) -> list[str]:
    """Note in finished checkpoints whether they may compute in 8 bits, and the ranges for that.

    paths: of generators with equal shape. Does nothing if the CPU has no fast 8-bit products, or
    torch fails at them. Returns lines for the user, one for several files with equal weights.
    """
    if not int8_is_native() or int8_problem():
        return []
    calibration, checks = _images(folders)
    if not checks or len(calibration) < FEWEST:
        return ["too few pictures to find out whether 8 bits suffice for the style."]
    lines = []
    result: Generator | None = None
    for path in paths:
        try:
            generator, info = load_generator(path), read_info(path)
        except CheckpointError as error:  # of a run with weights that are not finite
            lines.append(str(error))
            continue
        if result is None or not _have_same_weights(generator, result):
            result, found = measured_for_int8(generator, calibration, checks)
            lines.append(_in_words(path.name, found))
        save_generator(path, result, replace(info, config=asdict(result.config)))
    return lines


def _images(folders: Folders) -> tuple[list[Image.Image], list[Image.Image]]:
    """Images for the ranges, and others for checks: held-out ones if there are any."""
    checks = list(folders.held_out_inputs(MOST_CHECKS))
    if checks:
        calibration = list(folders.training_inputs(MOST))
    else:
        inputs = list(folders.training_inputs(2 * MOST))
        calibration, checks = inputs[::2], inputs[1::2][:MOST_CHECKS]
    reduce = Limit(shorter=CALIBRATION_SIDE).reduce
    return [reduce(image) for image in calibration], [reduce(image) for image in checks]


def _have_same_weights(one: Generator, other: Generator) -> bool:
    pairs = zip(one.parameters(), other.parameters(), strict=True)
    return all(torch.equal(*pair) for pair in pairs)


def _in_words(name: str, found: Difference) -> str:
    by = f"mean difference {found.mean:.2f} of 255, {found.near:.2f} % within {NEAR}"
    if found.is_hidden:
        return (
            f"{name} computes in 8 bits on CPUs like this one, with no visible difference ({by})."
        )
    return f"{name} keeps its precision: 8 bits would visibly change its pictures ({by})."
