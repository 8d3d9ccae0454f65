"""Several results of each image, with successive seeds: how each is painted, where it goes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ganstyle.config import Dials, OutputConfig
from ganstyle.stylize.jobs import Destination, Job


@dataclass(frozen=True)
class Variation:
    """One of the results that each image gets, or the sheet of all of them.

    destination: None to write every image in its place.
    """

    dials: Dials
    output: OutputConfig
    destination: Destination | None
    is_sheet: bool = False


def plan_variations(
    count: int, dials: Dials, output: OutputConfig, destination: Destination | None
) -> list[Variation]:
    """`count` results of each input, numbered behind their names, and last the sheet of them.

    A single one is as it was asked for, and needs no sheet. Raises ConfigError when a seed would be
    too large.
    """
    if count == 1:
        return [Variation(dials, output, destination)]
    assert destination is not None

    def variation(suffix: str, seed: int, *, is_sheet: bool = False) -> Variation:
        seeded = replace(dials, seed=seed)
        if destination.is_folder:
            suffixed = replace(output, suffix=output.suffix + suffix)
            return Variation(seeded, suffixed, destination, is_sheet)
        path = destination.path.with_stem(destination.path.stem + suffix)
        return Variation(seeded, output, replace(destination, path=path), is_sheet)

    results = [variation(f"-{index + 1}", dials.seed + index) for index in range(count)]
    return [*results, variation("-sheet", dials.seed, is_sheet=True)]


def captioned_results(
    variations: Iterable[tuple[Variation, Sequence[Job]]],
) -> Mapping[Path, list[tuple[Path, str]]]:
    """The results of each input, which may not be there yet, with their numbers and seeds.

    variations: with the jobs of each.
    """
    found: dict[Path, list[tuple[Path, str]]] = {}
    for number, (variation, jobs) in enumerate(variations, 1):
        for job in () if variation.is_sheet else jobs:
            caption = f"{number}: --seed {variation.dials.seed}"
            found.setdefault(job.source, []).append((job.target, caption))
    return found
