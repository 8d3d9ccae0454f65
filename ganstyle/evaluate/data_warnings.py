"""Reasons to distrust scores: few pictures, JPEG on one side only, mixed sizes, duplicates."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ganstyle.errors import are, counted
from ganstyle.features.torchscript import file_hash
from ganstyle.images.duplicates import near_duplicates
from ganstyle.metrics.bootstrap import FEWEST
from ganstyle.metrics.judges import Judges
from ganstyle.metrics.sample import ImageInfo
from ganstyle.metrics.taken_for_photos import FOLDS

FEW = 50
"""Number of pictures in a set below which scores vary widely by chance."""

_FEW_PHOTOS = 100
"""Number of photos below which a classifier hardly knows what a photo looks like."""

_NAMED = 3
_LOOKED_AT = 4000


Infos = Sequence[ImageInfo]


def data_warnings(
    photos: Infos, styles: Infos, results: Mapping[str, Infos], size: int, samples: int, width: int
) -> list[str]:
    """Warnings about the pictures of an evaluation, a sentence or two each.

    results: of the candidates that are folders. size: shorter side in pixels at which pictures are
    scored. samples: of the smaller side, for the Fréchet distance; width: of its features.
    """
    found = [*_few("photo", photos), *_few("style picture", styles)]
    if samples <= width:
        found.append(
            f"The Fréchet distance has {samples} samples on a side for features of width {width}: "
            "it comes out too high. Compare it within this table only."
        )
    theirs = {f"results of {name}": infos for name, infos in results.items()}
    for name, infos in (("photos", photos), ("style pictures", styles), *theirs.items()):
        found += _sizes(name, infos, size)
    for name, infos in theirs.items():
        found += [*_shapes(name, infos), *_formats(name, infos, styles)]
    for name, infos in (("photos", photos), *theirs.items()):
        found += _shared(name, infos, styles)
    if pairs := near_duplicates([(info.path, info.bits) for info in styles[:_LOOKED_AT]]):
        found.append(
            f"{counted(len(pairs), 'near-duplicate')} among the style pictures ({_pairs(pairs)}): "
            "the style halves are more alike than new pictures of the style would be."
        )
    return found


def training_warnings(
    trained_on: Mapping[str, frozenset[str]], styles: Sequence[Path]
) -> list[str]:
    """Warnings about candidates that were trained on the style images that score them.

    trained_on: hashes of the files that each candidate was trained on, by its name.
    """
    hashes = [file_hash(path) for path in styles] if any(trained_on.values()) else []
    counts = {name: sum(h in known for h in hashes) for name, known in trained_on.items()}
    return [
        f"{count} of the {counted(len(hashes), 'style picture')} "
        f"{'was' if count == 1 else 'were'} used to train {name}, so its scores are too good. Use "
        "--held-out, or other pictures."
        for name, count in counts.items()
        if count
    ]


def _few(name: str, infos: Infos) -> list[str]:
    count = len(infos)
    if count < FEWEST:
        few = f"{counted(count, name)} {are(count)} too few for confidence intervals"
        return [f"{few}; {FEWEST} are needed."]
    if count < FEW:
        return [
            f"Only {counted(count, name)}: others might score quite differently; see the intervals."
        ]
    return []


def _sizes(name: str, infos: Infos, size: int) -> list[str]:
    sides = [min(info.size) for info in infos]
    small = sum(side < size for side in sides)
    found = []
    if small:
        found.append(
            f"{small} of {len(infos)} {name} {are(small)} smaller than {size} px: enlarged to it, "
            "they are softer than the others."
        )
    if max(sides) > 2 * min(sides):
        found.append(
            f"Sizes of {name} are mixed, {min(sides)} to {max(sides)} px on the shorter side: "
            "brought to one size, their strokes and grain differ in scale."
        )
    return found


def _shapes(name: str, infos: Infos) -> list[str]:
    others = sum(info.other_shape for info in infos)
    if not others:
        return []
    return [
        f"The shape of {others} of {len(infos)} {name} is not that of the photo: stretched to it, "
        "they may not align with it."
    ]


def _formats(name: str, infos: Infos, styles: Infos) -> list[str]:
    shares = [sum(info.is_jpeg for info in side) / len(side) for side in (infos, styles)]
    if abs(shares[0] - shares[1]) < 0.8:
        return []
    sides = (name, "style pictures")
    jpeg, other = sides if shares[0] > shares[1] else sides[::-1]
    return [
        f"The {jpeg} are JPEG files and the {other} are not: compression alone may make them "
        "differ. Save both in the same format."
    ]


def _shared(name: str, infos: Infos, styles: Infos) -> list[str]:
    ours = [(info.path, info.bits) for info in infos[:_LOOKED_AT]]
    paths = {path for path, _ in ours}
    both = near_duplicates([*ours, *((info.path, info.bits) for info in styles[:_LOOKED_AT])])
    pairs = [(a, b) for a, b in both if (a in paths) != (b in paths)]
    if same := [path for path in paths if any(path == info.path for info in styles)]:
        pairs += [(path, path) for path in same]
    if not pairs:
        return []
    count = len({first for first, _ in pairs})
    return [
        f"{count} of {len(infos)} {name} {are(count)} also among the style pictures "
        f"({_pairs(pairs)}), so scores are too good."
    ]


def _pairs(pairs: Sequence[tuple[Path, Path]]) -> str:
    named = [f"{_name(a)} and {_name(b)}" if a != b else a.name for a, b in pairs[:_NAMED]]
    return ", ".join([*named, *(["..."] if len(pairs) > _NAMED else [])])


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def judge_warnings(judges: Judges, photos: int, styles: int, more: int) -> Iterator[str]:
    """Warnings about classifiers that cannot tell which results are taken for photos.

    photos, styles, more: numbers of the images that they learned from.
    """
    for distance, judge in (("from afar", judges.far), ("close up", judges.close)):
        if judge is None:
            yield (
                f"Which results are taken for photos {distance} cannot be told: it takes {FOLDS} "
                f"photos and {FOLDS} style pictures, and there are {photos} and {styles}."
            )
        elif not judge.tells_apart:
            yield (
                f"Which results are taken for photos {distance} cannot be told: photos and style "
                f"pictures are too alike. Only {judge.untouched.value:.0%} of the untouched photos "
                "are taken for photos."
            )
    if judges.far and photos + more < _FEW_PHOTOS:
        yield (
            f"Only {photos + more} photos show what a photo looks like; with --photos FOLDER, "
            f"{_FEW_PHOTOS} or more in all, the share taken for photos is more certain."
        )
