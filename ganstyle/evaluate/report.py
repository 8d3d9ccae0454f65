"""The report of an evaluation: scores beside their anchors, pictures, and warnings."""

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from markupsafe import Markup
from PIL import Image

from ganstyle.evaluate.candidates import Candidate
from ganstyle.evaluate.run import Evaluation
from ganstyle.evaluate.score_charts import score_sections
from ganstyle.files import atomic_path
from ganstyle.images.tensors import read_image
from ganstyle.metrics.scores import CandidateScores
from ganstyle.pages import elements as html
from ganstyle.pages.charts import number

_SIDE = 720
"""Longer side in pixels of the pictures on the page."""


def write_evaluation(path: Path, evaluation: Evaluation, candidates: Sequence[Candidate]) -> None:
    """Write the page of an evaluation. The photos that it shows are read and painted again."""
    with atomic_path(path) as temporary:
        page = evaluation_page(evaluation, candidates)
        # File names need not be Unicode on Linux; such characters cannot be shown.
        temporary.write_text(page, encoding="utf-8", errors="replace")


def evaluation_page(evaluation: Evaluation, candidates: Sequence[Candidate]) -> str:
    """Page of an evaluation, self-contained."""
    by_name = {candidate.name: candidate for candidate in candidates}
    first, *others = evaluation.candidates
    parts = (
        _headline(evaluation),
        *((_ranking(evaluation),) if others else ()),
        html.section("Warnings", html.bullets(evaluation.warnings, empty="None.")),
        *(
            html.section(f"{first.name}, {order}", html.paragraph(text), shown)
            for order, text, shown in _pictures(first, by_name[first.name])
        ),
        *score_sections(evaluation),
        *(_folded_pictures(other, by_name[other.name]) for other in others),
        _method(evaluation.measured),
    )
    title = first.name if not others else f"{len(evaluation.candidates)} compared"
    return html.page(f"{title}: evaluation", *parts)


def _headline(evaluation: Evaluation) -> Markup:
    best = evaluation.candidates[0]
    axes = best.metrics
    facts = (
        (_percent(axes.taken_for_photos_close.value), "taken for photos, close up"),
        (number(axes.content_far.value), "content from afar, 1 at most"),
        *(
            ((_percent(axes.kept_faces), "faces found again"),)
            if not math.isnan(axes.kept_faces)
            else ()
        ),
    )
    share = axes.taken_for_photos.value
    if math.isnan(share):
        text = "Whether the results look painted cannot be told: see the warnings."
        return html.headline(best.name, text, 0.0, facts)
    before = _percent(evaluation.photos.taken_for_photos.value)
    text = (
        f"{_percent(share)} of the results are taken for photos from afar, and {before} of the "
        "untouched photos."
    )
    if len(evaluation.candidates) > 1:
        text = f"The best of {len(evaluation.candidates)}: {text}"
    return html.headline(best.name, text, share, facts)


def _percent(share: float) -> str:
    return "unknown" if math.isnan(share) else number(100 * share, "%")


def _ranking(evaluation: Evaluation) -> Markup:
    rows = [
        (
            standing.name,
            _percent(standing.metrics.taken_for_photos.value),
            _percent(standing.metrics.taken_for_photos_close.value),
            number(standing.metrics.kid.value),
            number(100 * standing.style_progress, "%"),
            number(standing.metrics.content.value),
            number(100 * standing.selection_score, "%"),
        )
        for standing in evaluation.candidates
    ]
    header = (
        *("best first", "taken for photos", "close up"),
        *("KID x 1000", "style progress", "content", "product"),
    )
    lines = [str(comparison) for comparison in evaluation.comparisons]
    return html.section(
        "Ranking", html.table(header, rows), html.bullets(lines, empty="Too few photos to compare.")
    )


def _folded_pictures(standing: CandidateScores, candidate: Candidate) -> Markup:
    parts = [
        part
        for order, _, shown in _pictures(standing, candidate)
        for part in (html.paragraph(f"{order.capitalize()}:"), shown)
    ]
    return html.folded(f"Pictures of {standing.name}", *parts)


def _pictures(standing: CandidateScores, candidate: Candidate) -> Iterator[tuple[str, str, Markup]]:
    """Yield each order of the photos, its explanation, and the best, median and worst of it."""
    near = (
        "How much nearer a result is to the style pictures than to the photos, by the kernel of "
        "KID. Drag the divider."
    )
    kept = "How much of the photo is left in the result, by its features; 1 at most."
    for order, text, trio in (
        ("by style", near, _trio(standing.kept, standing.style_by_picture, "nearness")),
        ("by content", kept, _trio(standing.photos, standing.content_by_picture, "content")),
    ):
        shown = (html.figure(label, _comparison(path, candidate)) for label, path in trio)
        yield order, text, html.grid(*shown, most=3)


def _trio(photos: Sequence[Path], values: Sequence[float], unit: str) -> list[tuple[str, Path]]:
    """Best, median and worst photo, each once."""
    order = sorted(range(len(values)), key=lambda index: -values[index])
    places = {"Best": 0, "Median": len(order) // 2, "Worst": len(order) - 1}
    chosen = {order[place]: name for name, place in reversed(places.items())}
    return [
        (f"{name}: {unit} {number(values[index])}", photos[index])
        for index, name in reversed(chosen.items())
    ]


def _comparison(path: Path, candidate: Candidate) -> Markup:
    photo = read_image(path)
    result = candidate.result(path, photo)
    ratio = min(1.0, _SIDE / max(photo.size))
    size = (max(1, round(photo.width * ratio)), max(1, round(photo.height * ratio)))
    before, after = (image.resize(size, Image.Resampling.LANCZOS) for image in (photo, result))
    return html.comparison(before, after, path.name) + html.paragraph(path.name)


def _method(facts: Mapping[str, object]) -> Markup:
    rows = [(name, str(value)) for name, value in facts.items()]
    return html.section("How it was measured", html.table(("what", "how"), rows))
