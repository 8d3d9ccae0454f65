"""Scoring styles, and folders of results, against the style's pictures, beside anchors."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ganstyle.distributed import Ranks
from ganstyle.errors import DataError
from ganstyle.evaluate.candidates import Candidate, Results, photos_of_all
from ganstyle.evaluate.collect import Gathering, Side
from ganstyle.evaluate.data_warnings import cautions
from ganstyle.evaluate.extractor import Eyes
from ganstyle.files import find_images
from ganstyle.metrics.bootstrap import KernelBlocks
from ganstyle.metrics.comparison import Axes, Rivalry, Standing, Yardstick, ranking
from ganstyle.metrics.crops import style_progress


@dataclass(frozen=True)
class Evaluation:
    """All that was found out."""

    standings: tuple[Standing, ...]
    """The candidates, the one nearest to the style first."""
    rivalries: tuple[Rivalry, ...]
    """Each candidate beside each that is farther from the style."""
    photos: Axes
    """The untouched photos: where the way begins."""
    floor: Axes | None
    """One half of the style pictures against the other, content of one against the other: where
    it ends. None with fewer than four style pictures."""
    warnings: tuple[str, ...]
    facts: dict[str, object]
    """What the style was seen through, and how many pictures."""

    def as_dict(self) -> dict[str, object]:
        """Everything, for JSON; of a single candidate the scores stand at the top level too."""
        photos = self.photos.flat()
        floor = self.floor.flat() if self.floor else {"kid": 0.0}  # KID is that on average
        found: dict[str, object] = {}
        if len(self.standings) == 1:
            found |= self.standings[0].flat()
            found |= {f"{name}_photos": value for name, value in photos.items()}
            found |= {f"{name}_floor": value for name, value in floor.items()}
        return {
            **found,
            "candidates": [_record(standing) for standing in self.standings],
            "anchors": {"photos": photos, "floor": floor},
            "differences": [
                {"better": rivalry.better, "worse": rivalry.worse, **vars(rivalry.difference)}
                for rivalry in self.rivalries
            ],
            "warnings": list(self.warnings),
            "measured": self.facts,
        }


def _record(standing: Standing) -> dict[str, object]:
    style = dict(zip(standing.kept, standing.style_by_picture, strict=True))
    by_picture = [
        {"photo": str(path), "content": content, "nearness": style.get(path)}
        for path, content in zip(standing.photos, standing.content_by_picture, strict=True)
    ]
    return {"name": standing.name, **standing.flat(), "by_picture": by_picture}


def evaluate(
    content: Path,
    style: Path,
    candidates: Sequence[Candidate],
    eyes: Eyes,
    *,
    only: tuple[str, ...] | None = None,
    ranks: Ranks | None = None,
    on_message: Callable[[str], None] = lambda _: None,
    on_picture: Callable[[], None] = lambda: None,
) -> Evaluation:
    """Score candidates on the photos below content against the pictures below style.

    only: names, without ending, of the style pictures to use, all when None. ranks: the processes
    that share the pictures; each returns the same. on_message gets a line for each file left out,
    on_picture is called after each style picture and each photo. A photo of which one candidate
    has no readable result is left out for all. Raises DataError when fewer than two photos, or
    style pictures, can be read.
    """
    paths = photos_of_all(find_images(content), candidates)
    styles = [path for path in find_images(style) if only is None or path.stem in only]
    wanted = "" if only is None else " of those held out from training"
    _require_two(styles, style, f"pictures{wanted}")
    _require_two(paths, content, "photos with a result each")
    gathering = Gathering(eyes, candidates, on_message, on_picture, ranks)
    whole, halves = gathering.see_styles(styles)
    _require_two(whole.facts, style, "style pictures that could be read")
    photos, results = gathering.see_photos(paths)
    _require_two(photos.facts, content, "photos that could be read")
    return _conclude(whole, halves, photos, list(zip(candidates, results, strict=True)), eyes)


def _conclude(
    whole: Side,
    halves: tuple[Side, Side],
    photos: Side,
    results: Sequence[tuple[Candidate, Side]],
    eyes: Eyes,
) -> Evaluation:
    yardstick = Yardstick(whole.sample)
    start = yardstick.measure(photos.sample, yardstick.blocks(photos.sample), *photos.likeness())
    floor = None
    if halves[1].sample.pictures >= 2:
        half = Yardstick(halves[1].sample)
        floor = half.measure(halves[0].sample, half.blocks(halves[0].sample), *halves[0].likeness())
    end = floor.kid.value if floor else 0.0  # what KID of two halves is on average
    paths = tuple(fact.path for fact in photos.facts)

    def standing(candidate: Candidate, side: Side) -> tuple[Standing, KernelBlocks]:
        blocks = yardstick.blocks(side.sample)
        axes = yardstick.measure(side.sample, blocks, *side.likeness())
        return Standing(
            name=candidate.name,
            axes=axes,
            style_progress=style_progress(axes.kid.value, start.kid.value, end),
            photos=paths,
            content_by_picture=tuple(side.likeness()[0].tolist()),
            style_by_picture=yardstick.nearness(side.sample, photos.sample),
            every=side.sample.every,
        ), blocks

    standings, rivalries = ranking([standing(*pair) for pair in results])
    sizes = [min(m.count for m in s.moments.values()) for s in (photos.sample, whole.sample)]
    warnings = cautions(
        photos.facts,
        whole.facts,
        {c.name: side.facts for c, side in results if isinstance(c, Results)},
        size=eyes.config.size,
        samples=min(sizes),
        width=max(len(moments.mean) for moments in whole.sample.moments.values()),
    )
    facts = {**eyes.facts(), "photos": _count(photos), "style pictures": _count(whole)}
    return Evaluation(standings, rivalries, start, floor, tuple(warnings), facts)


def _count(side: Side) -> str:
    views = len(side.sample.features[0])
    return f"{len(side.facts)}, by {views} view{'s' if views > 1 else ''} each"


def _require_two(found: Sequence[object], folder: Path, what: str) -> None:
    if len(found) < 2:
        raise DataError(f"{folder}: {len(found)} {what}; two or more are needed.")
