"""Statistics of the images of an evaluation, read in threads and extracted in batches."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar

from PIL import Image

from ganstyle.config import EvaluateConfig
from ganstyle.data.pairs import same_shape
from ganstyle.distributed import Ranks
from ganstyle.errors import ImageError
from ganstyle.evaluate.candidates import Candidate
from ganstyle.evaluate.marks import PhotoMarks, faces_kept, find_marks, pattern_of
from ganstyle.features.extractor import CropBatch, FeatureExtractor
from ganstyle.images.duplicates import fingerprint
from ganstyle.images.tensors import read_image
from ganstyle.metrics.content import ContentScores, content_scores
from ganstyle.metrics.crops import crop_batch
from ganstyle.metrics.sample import (
    MOST_KEPT,
    BatchFeatures,
    ImageInfo,
    SetStatistics,
    batch_features,
    pyramid_levels,
)
from ganstyle.prefetch import prefetch

A = TypeVar("A")
B = TypeVar("B")

_BATCH_CROPS = 16
"""Crops that go through the network at once."""

_AHEAD, _THREADS = 16, 2
"""Number of images that are read ahead, and of threads that read."""

Cut = tuple[ImageInfo, CropBatch]
"""An image in crops."""


@dataclass(frozen=True)
class MarkedPhoto:
    """A photo with its marks, or None if results are not searched for them."""

    path: Path
    image: Image.Image
    marks: PhotoMarks | None


@dataclass(frozen=True)
class PhotoResults:
    """Results for a photo, as crops, except those that are still to be painted."""

    photo: MarkedPhoto | None
    """None if no result of it is still to be painted."""
    results: Sequence[Cut | None]
    """By candidate; None for those that paint their results."""


def collect_styles(
    paths: Sequence[Path],
    extractor: FeatureExtractor,
    config: EvaluateConfig,
    ranks: Ranks,
    on_message: Callable[[str], None],
    on_picture: Callable[[], None],
) -> tuple[SetStatistics, tuple[SetStatistics, SetStatistics]]:
    """Statistics of the style images, whole and in halves.

    The content of the first half is compared with that of the second. on_message gets a line for
    each image that cannot be read; on_picture is called after each of the others.
    """
    crops = config.crops_of(len(paths))
    whole, first, second = (_statistics(config, len(paths)) for _ in range(3))

    def read(path: Path) -> Cut:
        image, sees_all = read_image(path), extractor.scripted is not None
        info = ImageInfo(path, image.size, fingerprint(image))
        zoom = config.style_zoom
        batch = crop_batch(image, path.stem, config, crops, zoom=zoom, whole=sees_all, far=True)
        return info, batch

    def process(cuts: Sequence[Cut]) -> tuple[BatchFeatures, ContentScores | None]:
        infos, batches = zip(*cuts, strict=True)
        features = extractor(batches)
        end = len(cuts) // 2 * 2  # the last of an odd number has no partner
        halves = [features.subset(slice(start, end, 2)) for start in (0, 1)]
        content = content_scores(halves[0], halves[1]) if end else None
        return batch_features(infos, batches, features), content

    size = max(2, _BATCH_CROPS // crops // 2 * 2)
    for batch, content in collect(paths, read, process, size, ranks, on_message):
        whole.add(batch)
        first.add(batch.subset(slice(0, None, 2), content))
        second.add(batch.subset(slice(1, None, 2)))
        for _ in batch.infos:
            on_picture()
    return whole, (first, second)


def collect_photos(
    paths: Sequence[Path],
    candidates: Sequence[Candidate],
    extractor: FeatureExtractor,
    config: EvaluateConfig,
    ranks: Ranks,
    on_message: Callable[[str], None],
    on_picture: Callable[[], None],
    *,
    with_marks: bool = True,
) -> list[SetStatistics]:
    """Statistics of each candidate's results; content is compared with the first candidate's.

    A photo without one of the results is left out for all. with_marks: look for faces and patterns.
    """
    crops = config.crops_of(len(paths))
    sets = [_statistics(config, len(paths)) for _ in candidates]

    cut = partial(_result_in_crops, extractor=extractor, config=config, crops=crops)

    def read(path: Path) -> PhotoResults:
        image = read_image(path)
        photo = MarkedPhoto(path, image, find_marks(image) if with_marks else None)
        results = [cut(c, photo) if c.in_files else None for c in candidates]
        return PhotoResults(photo if None in results else None, results)

    def result(item: PhotoResults, index: int) -> Cut:
        if found := item.results[index]:
            return found
        assert item.photo, "a photo is kept as long as a result of it is to be painted"
        return cut(candidates[index], item.photo)

    def process(items: Sequence[PhotoResults]) -> list[BatchFeatures]:
        source, found = None, []
        for index in range(len(candidates)):
            infos, batches = zip(*(result(item, index) for item in items), strict=True)
            features = extractor(batches)
            source = source or features
            scores = content_scores(features, source)
            found.append(batch_features(infos, batches, features, scores))
        return found

    size = max(1, _BATCH_CROPS // crops)
    for found in collect(paths, read, process, size, ranks, on_message):
        for statistics, batch in zip(sets, found, strict=True):
            statistics.add(batch)
        for _ in found[0].infos:
            on_picture()
    return sets


def _result_in_crops(
    candidate: Candidate,
    photo: MarkedPhoto,
    *,
    extractor: FeatureExtractor,
    config: EvaluateConfig,
    crops: int,
) -> Cut:
    """A candidate's result for a photo, in crops. Raises ImageError if it cannot be read."""
    path, marks = photo.path, photo.marks
    image, sees_all = candidate.result(path, photo.image), extractor.scripted is not None
    info = ImageInfo(
        candidate.file(path) or path,
        image.size,
        fingerprint(image),
        other_shape=not same_shape(image, photo.image),
    )
    if marks:
        faces = len(marks.faces)
        kept = faces if image is photo.image else faces_kept(image, marks)
        info = replace(info, faces=faces, kept_faces=kept, pattern=pattern_of(image, marks))
    like, stem = photo.image, path.stem
    return info, crop_batch(image, stem, config, crops, like=like, whole=sees_all, far=True)


def collect(
    paths: Sequence[Path],
    read: Callable[[Path], A],
    process: Callable[[Sequence[A]], B],
    size: int,
    ranks: Ranks,
    on_message: Callable[[str], None],
) -> Iterator[B]:
    """Results of `process` on batches of `size` paths that `read` has read, in their order.

    The ranks share the batches, and each gets all results. Paths for which `read` raises
    ImageError are left out, and on_message gets a line for each.
    """
    batches = [paths[start : start + size] for start in range(0, len(paths), size)]
    own = _process(ranks.share(batches), read, process)
    for _ in range(0, len(batches), ranks.count):
        for batch in ranks.gather(next(own, None)):
            if batch:
                result, problems = batch
                for problem in problems:
                    on_message(problem)
                if result is not None:
                    yield result


def _process(
    batches: Sequence[Sequence[Path]],
    read: Callable[[Path], A],
    process: Callable[[Sequence[A]], B],
) -> Iterator[tuple[B | None, list[str]]]:
    """Result of each batch, None if nothing of it can be read, and a line per unreadable path."""

    def attempt(path: Path) -> A | ImageError:
        try:
            return read(path)
        except ImageError as error:
            return error

    paths = chain.from_iterable(batches)
    with (
        ThreadPoolExecutor(_THREADS) as pool,
        closing(prefetch(pool, attempt, paths, _AHEAD)) as found,
    ):
        for batch in batches:
            items = list(islice(found, len(batch)))
            readable = [item for item in items if not isinstance(item, ImageError)]
            problems = [str(item) for item in items if isinstance(item, ImageError)]
            yield (process(readable) if readable else None), problems


def _statistics(config: EvaluateConfig, images: int) -> SetStatistics:
    return SetStatistics(pyramid_levels(config.crop), every=-(-images // MOST_KEPT))
