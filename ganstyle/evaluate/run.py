"""Scores of styles, and of folders of results, against style images and beside anchors."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ganstyle.config import EvaluateConfig
from ganstyle.distributed import Ranks
from ganstyle.errors import ConfigError, DataError
from ganstyle.evaluate.candidates import Candidate, Untouched, photos_of_all
from ganstyle.evaluate.collect import collect_photos, collect_styles
from ganstyle.evaluate.data_warnings import data_warnings, judge_warnings, training_warnings
from ganstyle.features.extractor import FAR_CROPS, FeatureExtractor
from ganstyle.files import find_images
from ganstyle.images.formats import readable
from ganstyle.metrics.comparison import PairedComparison, StyleReference, ranking
from ganstyle.metrics.judges import Judges
from ganstyle.metrics.kid import KernelBlocks
from ganstyle.metrics.sample import ImageInfo, SetStatistics
from ganstyle.metrics.scores import CandidateScores, Metrics, style_progress

_MOST_MORE = 200
"""Most other photos that the classifiers learn from: more take time and change little."""


@dataclass(frozen=True)
class Evaluation:
    """Scores of all candidates, and how they were measured."""

    candidates: tuple[CandidateScores, ...]
    """Best first, as ranking() orders them."""
    comparisons: tuple[PairedComparison, ...]
    """Differences in KID of each two candidates."""
    photos: Metrics
    """The untouched photos: the starting point."""
    floor: Metrics | None
    """One half of the style pictures against the other, in style and content: the goal. None with
    fewer than four style pictures."""
    warnings: tuple[str, ...]
    measured: dict[str, object]
    """Descriptions of the extractor, and numbers of images."""

    def as_dict(self) -> dict[str, object]:
        """Everything, for JSON. The scores of a single candidate are at the top level too."""
        photos = self.photos.flat()
        floor = self.floor.flat() if self.floor else {"kid": 0.0}  # KID is that on average
        found: dict[str, object] = {}
        if len(self.candidates) == 1:
            found |= self.candidates[0].flat()
            found |= {f"{name}_photos": value for name, value in photos.items()}
            found |= {f"{name}_floor": value for name, value in floor.items()}
        return {
            **found,
            "candidates": [_record(scores) for scores in self.candidates],
            "anchors": {"photos": photos, "floor": floor},
            "differences": [
                {"better": pair.better, "worse": pair.worse, **vars(pair.difference)}
                for pair in self.comparisons
            ],
            "warnings": list(self.warnings),
            "measured": self.measured,
        }


def _record(scores: CandidateScores) -> dict[str, object]:
    style = dict(zip(scores.kept, scores.style_by_picture, strict=True))
    logits = dict(zip(scores.kept, scores.photo_logits, strict=bool(scores.photo_logits)))
    by_picture = [
        {
            "photo": str(path),
            "content": content,
            "nearness": style.get(path),
            **_named(logits.get(path)),
        }
        for path, content in zip(scores.photos, scores.content_by_picture, strict=True)
    ]
    return {"name": scores.name, **scores.flat(), "by_picture": by_picture}


def _named(logits: tuple[float, float] | None) -> dict[str, float | None]:
    """Logits of being taken for a photo, by name; None if unknown."""
    values = logits or (math.nan, math.nan)
    names = ("photo_logit", "photo_logit_close")
    return {n: None if math.isnan(v) else v for n, v in zip(names, values, strict=True)}


def evaluate(
    content: Path,
    style: Path,
    candidates: Sequence[Candidate],
    extractor: FeatureExtractor,
    config: EvaluateConfig,
    *,
    only: tuple[str, ...] | None = None,
    more_photos: Sequence[Path] = (),
    ranks: Ranks | None = None,
    on_message: Callable[[str], None] = lambda _: None,
    on_picture: Callable[[], None] = lambda: None,
) -> Evaluation:
    """Score candidates on the photos in folder `content` against the images in folder `style`.

    only: names, without extension, of the style images to use; None for all. more_photos: folders
    of other photos, which classifiers learn from. ranks: the processes that share the images; each
    returns the same. on_message gets a line per file left out; on_picture is called after each
    image. A photo is left out for all if a candidate has no readable result for it. Raises
    DataError for fewer than two photos or style images, ConfigError for a zoom of whole pictures.
    """
    if extractor.scripted and config.style_zoom > 1:
        raise ConfigError(
            "style_zoom is for crops, and an extractor sees whole pictures: leave one out."
        )
    paths = readable(photos_of_all(find_images(content), candidates), str(content), on_message)
    styles = _style_paths(style, only, on_message)
    _require_two(paths, content, "photos with a result each")
    ranks = ranks or Ranks()
    whole, halves = collect_styles(styles, extractor, config, ranks, on_message, on_picture)
    _require_two(whole.infos, style, "style pictures that could be read")
    everyone, tell = [Untouched(), *candidates], (on_message, on_picture)
    photos, *results = collect_photos(paths, everyone, extractor, config, ranks, *tell)
    _require_two(photos.infos, content, "photos that could be read")
    more = _more_photos(more_photos, paths, extractor, config, ranks, on_message)
    judges = Judges.of(photos, whole, more)
    reference, pairs = StyleReference(whole), list(zip(candidates, results, strict=True))
    start = reference.measure(photos, reference.blocks(photos), judges.verdicts(photos))
    floor = _floor(*halves)
    scored = [_score(c.name, r, photos, reference, judges, start, floor) for c, r in pairs]
    in_files = {c.name: images.infos for c, images in pairs if c.in_files}
    trained_on = {candidate.name: candidate.trained_on for candidate in candidates}
    warnings = (
        *training_warnings(trained_on, [info.path for info in whole.infos]),
        *judge_warnings(judges, photos.images, whole.images, more.images if more else 0),
        *_warnings(photos, whole, in_files, config.size),
    )
    counts = {"photos": _count(photos), "style pictures": _count(whole)}
    measured = {**extractor.description(config), **counts}
    return Evaluation(*ranking(scored), start, floor, warnings, measured)


def _style_paths(
    style: Path, only: tuple[str, ...] | None, on_message: Callable[[str], None]
) -> list[Path]:
    """The style images to use. Raises DataError when there are fewer than two."""
    paths = [path for path in find_images(style) if only is None or path.stem in only]
    paths = readable(paths, str(style), on_message)
    _require_two(paths, style, f"pictures{'' if only is None else ' held out from training'}")
    return paths


def _more_photos(
    folders: Sequence[Path],
    scored: Sequence[Path],
    extractor: FeatureExtractor,
    config: EvaluateConfig,
    ranks: Ranks,
    on_message: Callable[[str], None],
) -> SetStatistics | None:
    """Statistics of other photos that the classifiers learn from, beside the scored ones."""
    known = {path.resolve() for path in scored}
    paths = [path for folder in folders for path in find_images(folder)]
    paths = [path for path in paths if path.resolve() not in known]
    if not paths:
        return None
    paths = paths[:: -(-len(paths) // _MOST_MORE)]
    few = replace(config, crops=FAR_CROPS)  # as many as of style images in large sets
    [photos] = collect_photos(
        paths,
        [Untouched()],
        extractor,
        few,
        ranks,
        on_message,
        on_picture=lambda: None,
        with_marks=False,
    )
    return photos


def _floor(first: SetStatistics, second: SetStatistics) -> Metrics | None:
    if second.images < 2:
        return None
    reference = StyleReference(second)
    return reference.measure(first, reference.blocks(first))


def _score(
    name: str,
    results: SetStatistics,
    photos: SetStatistics,
    reference: StyleReference,
    judges: Judges,
    start: Metrics,
    floor: Metrics | None,
) -> tuple[CandidateScores, KernelBlocks]:
    blocks, verdicts = reference.blocks(results), judges.verdicts(results)
    metrics = reference.measure(results, blocks, verdicts)
    end = floor.kid.value if floor else 0.0  # the expected KID of two halves
    scores = CandidateScores(
        name=name,
        metrics=metrics,
        style_progress=style_progress(metrics.kid.value, start.kid.value, end),
        photos=tuple(info.path for info in photos.infos),
        content_by_picture=tuple(results.content[0].tolist()),
        style_by_picture=reference.nearness(results, photos),
        every=results.every,
        photo_logits=tuple(zip(*(each.logits for each in verdicts), strict=True)),
    )
    return scores, blocks


def _warnings(
    photos: SetStatistics,
    styles: SetStatistics,
    in_files: Mapping[str, Sequence[ImageInfo]],
    size: int,
) -> tuple[str, ...]:
    samples = [m.count for images in (photos, styles) for m in images.moments.values()]
    width = max(len(moments.mean) for moments in styles.moments.values())
    return tuple(data_warnings(photos.infos, styles.infos, in_files, size, min(samples), width))


def _count(images: SetStatistics) -> str:
    views = len(images.style[0])
    return f"{images.images}, by {views} view{'s' if views > 1 else ''} each"


def _require_two(found: Sequence[object], folder: Path, what: str) -> None:
    if len(found) < 2:
        raise DataError(f"{folder}: {len(found)} {what}; two or more are needed.")
