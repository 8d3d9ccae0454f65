"""Several results of each image, with successive seeds: how each is painted, where it goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ganstyle.config import Dials, OutputConfig
from ganstyle.stylize.jobs import Job, output_folder


@dataclass(frozen=True)
class Variation:
    """One of the results that each image gets, or the sheet of all of them."""

    dials: Dials
    output: OutputConfig
    target: Path | None
    sheet_of: int = 0
    """Number of results on the sheet; 0 for a result."""


def plan_variations(
    count: int, dials: Dials, output: OutputConfig, inputs: Sequence[Path], target: Path | None
) -> list[Variation]:
    """`count` results of each input, numbered behind their names, and last the sheet of them.

    A single one is as it was asked for, and needs no sheet. Raises ConfigError when a seed would be
    too large.
    """
    if count == 1:
        return [Variation(dials, output, target)]
    single = output_folder(inputs, target) is None

    def named(ending: str, seed: int, sheet_of: int = 0) -> Variation:
        turned = replace(dials, seed=seed)
        if single and target:
            numbered = target.with_stem(target.stem + ending)
            return Variation(turned, output, numbered, sheet_of)
        suffixed = replace(output, suffix=output.suffix + ending)
        return Variation(turned, suffixed, target, sheet_of)

    results = [named(f"-{index + 1}", dials.seed + index) for index in range(count)]
    return [*results, named("-sheet", dials.seed, count)]


def captioned_results(
    variations: Sequence[Variation], jobs: Sequence[Sequence[Job]]
) -> Mapping[Path, list[tuple[Path, str]]]:
    """The results of each input, which may not be there yet, with their numbers and seeds.

    jobs: those of each variation.
    """
    found: dict[Path, list[tuple[Path, str]]] = {}
    for number, (variation, own) in enumerate(zip(variations, jobs, strict=True), 1):
        for job in own if not variation.sheet_of else ():
            caption = f"{number}: --seed {variation.dials.seed}"
            found.setdefault(job.source, []).append((job.target, caption))
    return found
