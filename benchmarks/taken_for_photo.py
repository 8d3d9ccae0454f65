"""Results that a classifier takes for photos: does a style paint, or does it filter?

python benchmarks/taken_for_photo.py [RESULTS]... [--paint PHOTOS] --photos FOLDER...
                                     --style FOLDER... [--most N] [--cache FILE]
                                     [--write docs/benchmarks.md]

RESULTS are folders of results; one of untouched photos shows what those get. Those of the folder
PHOTOS are judged untouched, and as each shipped style paints them. The classifier is trained on the
pictures of the folders --photos and --style, each option given as often as there are folders;
judged pictures are left out. It sees a network's features that no training of a style sees, of the
pictures as they look from afar and close up. FILE keeps the features of the pictures that it is
trained on, by their names and sizes; without it they are computed.
"""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import torch
import typer
from PIL import Image
from report import Sheet, Write, publish, split_at_markers
from torch import Tensor

from ganstyle.errors import DataError
from ganstyle.features.efficientnet import LITE2, EfficientNetLite, load_efficientnet
from ganstyle.files import atomic_path, find_images
from ganstyle.images.resize import Limit
from ganstyle.images.tensors import read_image, to_batch
from ganstyle.metrics.classifier import fit_logistic
from ganstyle.runtime import tune_cpu
from ganstyle.styles import shipped_styles

MARKERS = "photos"
"""Name of the markers between which --write puts the table."""

DISTANCES = {"from afar": 256, "close up": 480}
"""Shorter side to which larger pictures are reduced, px."""

CROP = 224
"""Side of a crop, px."""

CROPS = 3
"""Crops of a picture, spread along its diagonal."""

PASSING = 0.05
"""Share of the held-out style pictures that pass for photos."""

FOLDS, ROUNDS = 5, 4
"""Parts of the pictures, each held out once, and how often they are parted anew."""

DECAY = 0.01
"""Weight of |w|^2 / 2 beside the classifier's mean loss."""


@dataclass(frozen=True)
class Classifiers:
    """Logistic regressions, each trained without another part of the pictures."""

    weights: Tensor
    """(K, D), for features as they are."""
    biases: Tensor
    """(K,), by which PASSING of the held-out style pictures have logits above 0."""

    def share(self, features: Tensor) -> float:
        """Share of pictures taken for photos, mean of the classifiers; features: (N, D)."""
        logits = features.double() @ self.weights.mT + self.biases  # (N, K)
        return float((logits > 0).double().mean())


def main(
    photos: Annotated[list[Path], typer.Option(help="Folder of photos.")],
    style: Annotated[list[Path], typer.Option(help="Folder of style pictures.")],
    results: Annotated[list[Path] | None, typer.Argument(help="Folders of results.")] = None,
    paint: Annotated[Path | None, typer.Option(help="Folder of photos to paint.")] = None,
    most: Annotated[int, typer.Option(min=FOLDS, help="Photos in all.")] = 200,
    cache: Annotated[Path | None, typer.Option(help="File that keeps features.")] = None,
    write: Write = None,
) -> None:
    """Print the share of the results of each folder that is taken for photos."""
    if not (results or paint):
        raise typer.BadParameter("name folders of results, or photos to --paint.")
    if write:
        split_at_markers(write, MARKERS)
    tune_cpu()
    network = load_efficientnet(LITE2)
    judged = {folder.name: find_images(folder) for folder in results or ()}
    if paint:
        judged["untouched photos"] = find_images(paint)
    own = {path.resolve() for paths in judged.values() for path in paths}
    taken = spread([_others(folder, own) for folder in photos], most)
    painted = [path for folder in style for path in _others(folder, own)]
    known = remembered(network, [*painted, *taken], cache)  # (N, distances, D)
    classifiers = [train(f[: len(painted)], f[len(painted) :]) for f in known.unbind(1)]
    rows = [judge(name, paths, network, classifiers) for name, paths in judged.items()]
    if paint:
        rows += [judge_style(name, paint, network, classifiers) for name in shipped_styles()]
    caption = (
        f"Results taken for photos by a classifier that is trained on {len(taken)} photos and "
        f"{len(painted)} style pictures, of which {PASSING:.0%} pass for photos, with 95 % "
        "intervals:"
    )
    publish([Sheet(caption, ("results", *DISTANCES), rows)], "taken_for_photo.py", MARKERS, write)


def judge(
    name: str, paths: Sequence[Path], network: EfficientNetLite, classifiers: Sequence[Classifiers]
) -> tuple[str, ...]:
    """The row of some pictures: what part of them is taken for photos at each distance."""
    features = torch.stack([look(network, read_image(path)) for path in paths])
    shares = [c.share(f) for c, f in zip(classifiers, features.unbind(1), strict=True)]
    return (name, *(_cell(share, len(paths)) for share in shares))


def judge_style(
    style: str, photos: Path, network: EfficientNetLite, classifiers: Sequence[Classifiers]
) -> tuple[str, ...]:
    """The row of a style: of photos as it paints them. Raises DataError when ganstyle fails."""
    with tempfile.TemporaryDirectory() as temporary:
        words = ("stylize", str(photos), temporary, "--style", style, "--as", "photo")
        done = subprocess.run(
            [sys.executable, "-m", "ganstyle", *words], capture_output=True, text=True
        )
        if done.returncode:
            raise DataError(f"{style}: exit code {done.returncode}. {done.stderr[-2000:]}")
        return judge(f"`{style}`", find_images(Path(temporary)), network, classifiers)


def _others(folder: Path, own: set[Path]) -> list[Path]:
    """Pictures of a folder that are not among those judged, whose real paths are `own`."""
    return [path for path in find_images(folder) if path.resolve() not in own]


def spread(folders: Sequence[Sequence[Path]], most: int) -> list[Path]:
    """At most that many paths, as many of each folder as its size allows, evenly spaced in it."""
    chosen: list[Path] = []
    for place, paths in enumerate(sorted(folders, key=len)):
        share = (most - len(chosen)) // (len(folders) - place)
        count = min(share, len(paths))
        chosen += [paths[index * len(paths) // count] for index in range(count)]
    return chosen


def remembered(network: EfficientNetLite, paths: Sequence[Path], cache: Path | None) -> Tensor:
    """Features of look() of the pictures at paths, (N, distances, D), kept in the file cache.

    A picture counts as known by its folder, name and size in bytes.
    """
    settings = f"{DISTANCES} {CROP} {CROPS}"
    known: dict[str, dict[str, Tensor]] = {}
    if cache and cache.is_file():
        known = torch.load(cache, weights_only=True)
    features = known.setdefault(settings, {})
    keys = [f"{path.parent.name}/{path.name} {path.stat().st_size}" for path in paths]
    missing = {key: path for key, path in zip(keys, paths, strict=True) if key not in features}
    features |= {key: look(network, read_image(path)) for key, path in missing.items()}
    if cache and missing:
        with atomic_path(cache) as temporary, temporary.open("wb") as file:
            torch.save(known, file)
    return torch.stack([features[key] for key in keys])


@torch.inference_mode()
def look(network: EfficientNetLite, picture: Image.Image) -> Tensor:
    """Features of a picture at each distance, the means of its crops: (distances, D)."""
    seen = [Limit(shorter=side).reduce(picture) for side in DISTANCES.values()]
    pooled = [network.maps_and_pooled(to_batch(crops(image)))[1] for image in seen]
    return torch.stack([vectors.mean(0) for vectors in pooled])


def crops(image: Image.Image) -> list[Image.Image]:
    """CROPS squares from the upper left to the lower right, smaller in an image that is narrow."""
    side = min(CROP, *image.size)
    corners = [
        ((image.width - side) * index // (CROPS - 1), (image.height - side) * index // (CROPS - 1))
        for index in range(CROPS)
    ]
    return [image.crop((left, top, left + side, top + side)) for left, top in corners]


def train(style: Tensor, photos: Tensor, *, rounds: int = ROUNDS, seed: int = 0) -> Classifiers:
    """Cross-validated classifiers of style pictures and photos, features (N, D) and (M, D).

    The threshold of a round stands where PASSING of all style pictures pass, each judged by the
    classifier that was trained without it. Raises DataError with fewer than FOLDS pictures a kind.
    """
    if min(len(style), len(photos)) < FOLDS:
        raise DataError(
            f"A classifier needs {FOLDS} pictures a kind; got {len(style)} and {len(photos)}."
        )
    rng = torch.Generator().manual_seed(seed)
    weights, biases = [], []
    for _ in range(rounds):
        style_fold, photo_fold = (
            torch.randperm(len(kind), generator=rng) % FOLDS for kind in (style, photos)
        )
        folds = [
            _train_one(style[style_fold != k].double(), photos[photo_fold != k].double())
            for k in range(FOLDS)
        ]
        held_out = [style[style_fold == k].double() @ w + b for k, (w, b) in enumerate(folds)]
        threshold = torch.cat(held_out).quantile(1 - PASSING)
        weights += [weight for weight, _ in folds]
        biases += [bias - threshold for _, bias in folds]
    return Classifiers(torch.stack(weights), torch.stack(biases))


def _train_one(style: Tensor, photos: Tensor) -> tuple[Tensor, Tensor]:
    """Weight (D,) and bias () of the logit of being a photo, for features as they are."""
    deviation, mean = torch.std_mean(torch.cat((style, photos)), dim=0)
    deviation = deviation.clamp(min=1e-6)
    weight, bias = fit_logistic((style - mean) / deviation, (photos - mean) / deviation, DECAY)
    return weight / deviation, bias - mean @ (weight / deviation)


def wilson(share: float, count: int) -> tuple[float, float]:
    """The 95 % interval of a share of `count` pictures (Wilson 1927)."""
    z = 1.96
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    reach = z / (1 + z**2 / count) * (share * (1 - share) / count + (z / (2 * count)) ** 2) ** 0.5
    return max(0.0, middle - reach), min(1.0, middle + reach)


def _cell(share: float, count: int) -> str:
    low, high = wilson(share, count)
    return f"{share:.0%} ({100 * low:.0f} to {high:.0%})"


if __name__ == "__main__":
    typer.run(main)
