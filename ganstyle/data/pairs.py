"""Pairs of images: a source, say a sketch, and the target that it should become."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from PIL import Image

from ganstyle.data.pyramids import Load, Pyramid, pyramid
from ganstyle.errors import DataError, ImageError
from ganstyle.images.tensors import read_image

_SAME_SHAPE = 0.02
"""Relative difference of two aspect ratios that a scan or a reduction may leave."""


def match_pairs(
    sources: Sequence[Path], targets: Sequence[Path], *, suffix: str = ""
) -> tuple[dict[Path, Path], list[str]]:
    """The target of each source, by file names without ending, and a line on those without.

    suffix: what the targets' names have behind the sources'. Raises DataError when two files share
    a name, or no source has a target.
    """
    by_stem = {stem.removesuffix(suffix): path for stem, path in _by_stem(targets).items()}
    found = _by_stem(sources)
    pairs = {path: by_stem[stem] for stem, path in found.items() if stem in by_stem}
    alone = [path.name for stem, path in found.items() if stem not in by_stem]
    alone += [path.name for stem, path in by_stem.items() if stem not in found]
    if not pairs:
        raise DataError(
            f"{sources[0].parent} and {targets[0].parent}: no two files have the same name, "
            "but for the ending, by which they would belong together."
        )
    return pairs, [f"{name}: has no partner of the same name; left out." for name in alone]


def common_suffix(sources: Sequence[Path], targets: Sequence[Path]) -> str:
    """Ending that most targets' names have behind a source's: `_out` of `a_out.png` for `a.jpg`."""
    stems = {path.stem for path in sources}
    rests: Counter[str] = Counter()
    for path in targets:
        cuts = (cut for cut in range(len(path.stem), 0, -1) if path.stem[:cut] in stems)
        if cut := next(cuts, 0):
            rests[path.stem[cut:]] += 1
    return rests.most_common(1)[0][0] if rests else ""


def read_pair(source: Path, target: Path, short_side: int) -> tuple[Image.Image, Image.Image]:
    """A source and its target at the same size, larger ones reduced to short_side.

    Raises ImageError when one cannot be read or they are of different shape.
    """
    first = read_image(source, short_side=short_side)
    second = read_image(target, short_side=short_side)
    if not same_shape(first, second):
        raise ImageError(
            f"{source}: {first.width}x{first.height}, but its partner {target} is "
            f"{second.width}x{second.height}; both must show the same, so crop them alike."
        )
    if first.size != second.size:
        first = first.resize(second.size, Image.Resampling.LANCZOS)
    return first, second


def same_shape(first: Image.Image, second: Image.Image) -> bool:
    """Whether the aspect ratios of two images differ by no more than a reduction may leave."""
    ratio = first.width * second.height / (first.height * second.width)
    return abs(ratio - 1) <= _SAME_SHAPE


def pair_loader(partners: Mapping[Path, Path], *, short_side: int, crop: int) -> Load:
    """Decoder of a source and its target into one image of six channels; it raises ImageError."""

    def load(path: Path) -> Pyramid:
        source, target = read_pair(path, partners[path], short_side)
        levels = zip(pyramid(source, crop), pyramid(target, crop), strict=True)
        return tuple(torch.cat(level, -1) for level in levels)  # (H, W, 6) each

    return load


def _by_stem(paths: Sequence[Path]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in paths:
        if path.stem in found:
            raise DataError(
                f"{path}: there is also {found[path.stem]}; which of them belongs to a pair? "
                "Rename one."
            )
        found[path.stem] = path
    return found
