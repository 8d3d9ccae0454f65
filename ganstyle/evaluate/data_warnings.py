"""Reasons to distrust scores, in plain words: few pictures, JPEG on one side, sizes, duplicates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ganstyle.images.duplicates import near_duplicates
from ganstyle.metrics.bootstrap import FEWEST

FEW = 50
"""Pictures of a set below which scores move much by chance."""

_NAMED = 3
_LOOKED_AT = 4000


@dataclass(frozen=True)
class Fact:
    """What a warning may rest on, of one picture."""

    path: Path
    size: tuple[int, int]
    bits: np.ndarray
    """Its fingerprint."""
    other_shape: bool = False
    """Whether it had to be stretched to the shape of its photo."""

    @property
    def is_jpeg(self) -> bool:
        """Whether its file is a JPEG, by its name."""
        return self.path.suffix.lower() in (".jpg", ".jpeg")


Facts = Sequence[Fact]


def cautions(
    photos: Facts, styles: Facts, results: Mapping[str, Facts], size: int, samples: int, width: int
) -> list[str]:
    """Warnings on the pictures of an evaluation, a sentence or two each.

    results: of the candidates that are folders. size: shorter side in pixels at which pictures are
    scored. samples: of the smaller side, for the Fréchet distance; width: of its features.
    """
    found = [*_few("photos", photos), *_few("style pictures", styles)]
    if samples <= width:
        found.append(
            f"The Fréchet distance has {samples} samples on a side for features of width {width}: "
            "it comes out too high. Compare it within this table only."
        )
    theirs = {f"results of {name}": facts for name, facts in results.items()}
    for name, facts in (("photos", photos), ("style pictures", styles), *theirs.items()):
        found += _sizes(name, facts, size)
    for name, facts in theirs.items():
        found += [*_shapes(name, facts), *_formats(name, facts, styles)]
    for name, facts in (("photos", photos), *theirs.items()):
        found += _shared(name, facts, styles)
    if pairs := near_duplicates([(fact.path, fact.bits) for fact in styles[:_LOOKED_AT]]):
        found.append(
            f"Style pictures look the same, {len(pairs)} times ({_pairs(pairs)}): the split "
            "halves are nearer to each other than new pictures of the style would be."
        )
    return found


def _few(name: str, facts: Facts) -> list[str]:
    count = len(facts)
    if count < FEWEST:
        return [f"{count} {name} are too few for confidence intervals: {FEWEST} are needed."]
    if count < FEW:
        return [
            f"Only {count} {name}: other ones could score quite differently; see the intervals."
        ]
    return []


def _sizes(name: str, facts: Facts, size: int) -> list[str]:
    sides = [min(fact.size) for fact in facts]
    small = sum(side < size for side in sides)
    found = []
    if small:
        found.append(
            f"{small} of {len(facts)} {name} are smaller than {size} px and were "
            "enlarged, which makes them softer than the others."
        )
    if max(sides) > 2 * min(sides):
        found.append(
            f"Sizes of {name} are mixed, {min(sides)} to {max(sides)} px on the shorter side: "
            "brought to one size, strokes and grain come out at different scales."
        )
    return found


def _shapes(name: str, facts: Facts) -> list[str]:
    others = sum(fact.other_shape for fact in facts)
    if not others:
        return []
    return [
        f"{others} of {len(facts)} {name} have another shape than their photos; they "
        "were stretched to it, and contents may not lie on top of each other."
    ]


def _formats(name: str, facts: Facts, styles: Facts) -> list[str]:
    shares = [sum(fact.is_jpeg for fact in side) / len(side) for side in (facts, styles)]
    if abs(shares[0] - shares[1]) < 0.8:
        return []
    sides = (name, "style pictures")
    jpeg, other = sides if shares[0] > shares[1] else sides[::-1]
    return [
        f"The {jpeg} are JPEG files and the {other} are not: compression alone can tell them "
        "apart. Save both the same way."
    ]


def _shared(name: str, facts: Facts, styles: Facts) -> list[str]:
    ours = [(fact.path, fact.bits) for fact in facts[:_LOOKED_AT]]
    paths = {path for path, _ in ours}
    both = near_duplicates([*ours, *((fact.path, fact.bits) for fact in styles[:_LOOKED_AT])])
    pairs = [(a, b) for a, b in both if (a in paths) != (b in paths)]
    if same := [path for path in paths if any(path == fact.path for fact in styles)]:
        pairs += [(path, path) for path in same]
    if not pairs:
        return []
    count = len({first for first, _ in pairs})
    return [
        f"{count} of {len(facts)} {name} are among the style pictures too "
        f"({_pairs(pairs)}): scores that rest on them flatter."
    ]


def _pairs(pairs: Sequence[tuple[Path, Path]]) -> str:
    named = [f"{_name(a)} and {_name(b)}" if a != b else a.name for a, b in pairs[:_NAMED]]
    return ", ".join([*named, *(["..."] if len(pairs) > _NAMED else [])])


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"
