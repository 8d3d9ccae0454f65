"""A single photo, start-up included, beside the import of torch alone. Imports no torch itself."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from contest import Contestant, Run, race, sample_photos
from report import Sheet

if TYPE_CHECKING:
    from limits import Limits

SIZES = ((768, 512), (1024, 683), (1024, 1024))
"""Width and height of the photos, px. The first is compared with what is possible."""

IMPORT, QUICK = "`import torch`", "`import torch`, ended by `os._exit`"
"""The import alone, and without the time in which Python takes torch apart at the end."""

CODE = "import os, shutil, sys, torch; shutil.copytree(*sys.argv[1:3], dirs_exist_ok=True)"
"""Copies the photo, for a program that leaves none behind counts as failed."""

Singles = Mapping[tuple[int, int], Mapping[str, Sequence[Run]]]
"""Runs by the photo's size and the program's name."""


def race_singles(
    programs: Sequence[Contestant], rounds: int, temporary: Path, say: Callable[[str], None]
) -> Singles:
    """Runs on a single photo of each size, with the import of torch among the programs."""
    found = {}
    for width, height in SIZES:
        photo = temporary / f"single-{width}x{height}"
        sample_photos(photo, 1, (width, height))
        loads = [
            Contestant(name, (sys.executable, "-c", code, "IN", "OUT"), photo)
            for name, code in {IMPORT: CODE, QUICK: f"{CODE}; os._exit(0)"}.items()
        ]
        racers = [*(replace(program, photos=photo) for program in programs), *loads]
        found[width, height] = race(racers, rounds, say)
    return found


def single_table(singles: Singles, precisions: Mapping[str, str], limits: "Limits") -> Sheet:
    """Seconds of a single photo, and how much more than QUICK the first size takes.

    precisions: of our programs, by their names.
    """
    first = singles[SIZES[0]]
    rows = []
    for name, own in first.items():
        seconds = (f"{median(run.seconds for run in runs[name]):.2f}" for runs in singles.values())
        pairs = zip(own, first[QUICK], strict=True)
        beyond = f"{median(run.seconds - load.seconds for run, load in pairs):+.2f}"
        best = ""
        if name in precisions:
            convolutions = limits.paintings[precisions[name]].limit
            best = f"{convolutions + limits.decoding + limits.encoding:+.2f}"
        rows.append((name, *seconds, "" if name == QUICK else beyond, best))
    columns = (
        *("program", *(f"{width}x{height} px, s" for width, height in singles)),
        *("more than the last, at {}x{} px, s".format(*SIZES[0]), "at best, s"),
    )
    caption = (
        "A single photo, start-up included. At best there is nothing beside the import of torch "
        "but decoding, convolutions and encoding:"
    )
    return Sheet(caption, columns, rows)
