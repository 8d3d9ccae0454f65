"""Pairs of images: a source, such as a sketch, and the target that it should become."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import torch
from PIL import Image

from ganstyle.data.pyramids import Load, Pyramid, pyramid
from ganstyle.errors import DataError, ImageError
from ganstyle.images.tensors import read_image

Key = TypeVar("Key", Path, str)

_SAME_SHAPE = 0.02
"""Largest relative difference of aspect ratios that scanning or resizing may cause."""


def match_pairs(
    sources: Sequence[Path], targets: Sequence[Path], *, roots: tuple[Path, Path], suffix: str = ""
) -> tuple[dict[Path, Path], list[str]]:
    """The target of each source, and a line for each file that has no partner.

    A target has the same path below its root as its source, without the extension. If no path
    matches, a file name that only one source and one target have is enough. suffix: added to the
    names of targets. Raises DataError when a file has several partners, or no file has one.
    """
    own = {path: path.relative_to(roots[0]).with_suffix("") for path in sources}
    theirs = {path: _without(suffix, path.relative_to(roots[1])) for path in targets}
    pairs = _partners(own, theirs)
    named = {key.name for key in (own[path] for path in pairs)}  # whose paths tell them apart
    pairs |= _partners(
        {path: key.name for path, key in own.items() if key.name not in named},
        {path: key.name for path, key in theirs.items() if key.name not in named},
    )
    if not pairs:
        raise DataError(
            f"{roots[0]} and {roots[1]}: no two files have the same name, without the extension; "
            "equal names make a pair."
        )
    found = set(pairs.values())
    alone = [path.relative_to(roots[0]) for path in sources if path not in pairs]
    alone += [path.relative_to(roots[1]) for path in targets if path not in found]
    ordered = {path: pairs[path] for path in sources if path in pairs}
    return ordered, [f"{name}: has no partner of the same name; left out." for name in alone]


def _partners(sources: Mapping[Path, Key], targets: Mapping[Path, Key]) -> dict[Path, Path]:
    """The target of each source that has the same key. Raises DataError when one has several."""
    common = set(sources.values()) & set(targets.values())
    by_key: list[dict[Key, Path]] = []
    for side in (sources, targets):
        found: dict[Key, Path] = {}
        for path, key in side.items():
            if key in common and key in found:
                raise DataError(
                    f"{found[key]} and {path} have the same name, so their partner is not clear. "
                    "Rename one."
                )
            found[key] = path
        by_key.append(found)
    return {by_key[0][key]: by_key[1][key] for key in common}


def _without(suffix: str, path: Path) -> Path:
    """A path without its extension, and without a suffix of its name."""
    return path.with_name(path.stem.removesuffix(suffix) or path.stem)


def common_suffix(sources: Sequence[Path], targets: Sequence[Path]) -> str:
    """Suffix that most targets add to the name of a source: `_out` if `a.jpg` gives `a_out.png`."""
    stems = {path.stem for path in sources}
    rests: Counter[str] = Counter()
    for path in targets:
        cuts = (cut for cut in range(len(path.stem), 0, -1) if path.stem[:cut] in stems)
        if cut := next(cuts, 0):
            rests[path.stem[cut:]] += 1
    return rests.most_common(1)[0][0] if rests else ""


def read_pair(source: Path, target: Path, short_side: int) -> tuple[Image.Image, Image.Image]:
    """A source and its target at the same size, larger ones reduced to short_side.

    Raises ImageError if one cannot be read, or their shapes differ.
    """
    first = read_image(source, short_side=short_side)
    second = read_image(target, short_side=short_side)
    if not same_shape(first, second):
        raise ImageError(
            f"{source}: {first.width}x{first.height}, but its partner {target} is "
            f"{second.width}x{second.height}; they must have the same shape, so crop them alike."
        )
    if first.size != second.size:
        first = first.resize(second.size, Image.Resampling.LANCZOS)
    return first, second


def same_shape(first: Image.Image, second: Image.Image) -> bool:
    """Whether the aspect ratios of two images differ by no more than resizing may cause."""
    ratio = first.width * second.height / (first.height * second.width)
    return abs(ratio - 1) <= _SAME_SHAPE


def pair_loader(partners: Mapping[Path, Path], *, short_side: int, crop: int) -> Load:
    """Decoder of a source and its target into an image of six channels; it raises ImageError."""

    def load(path: Path) -> Pyramid:
        source, target = read_pair(path, partners[path], short_side)
        levels = zip(pyramid(source, crop), pyramid(target, crop), strict=True)
        return tuple(torch.cat(level, -1) for level in levels)  # (H, W, 6) each

    return load
