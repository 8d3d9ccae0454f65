"""Charts of an evaluation: scores beside their anchors."""

import math
from collections.abc import Iterator, Mapping

from markupsafe import Markup

from ganstyle.evaluate.run import Evaluation
from ganstyle.metrics.bootstrap import Interval
from ganstyle.metrics.scores import Metrics
from ganstyle.pages import elements as html
from ganstyle.pages.charts import bars

_PHOTOS, _FLOOR = "untouched photos", "style halves"

Sets = Mapping[str, Metrics]
"""Metrics by the name of the set, in order from the photos to the style."""


def score_sections(evaluation: Evaluation) -> Iterator[Markup]:
    """Yield the sections with charts, one for each axis of the scores."""
    results = {standing.name: standing.metrics for standing in reversed(evaluation.candidates)}
    floor = {_FLOOR: evaluation.floor} if evaluation.floor else {}
    sets = {_PHOTOS: evaluation.photos, **results, **floor}
    if not math.isnan(evaluation.photos.taken_for_photos.value):
        yield _taken_for_photos(sets)
    yield _style(sets)
    yield _content(sets)
    yield _plausibility(sets)


def _taken_for_photos(sets: Sets) -> Markup:
    return html.section(
        "Taken for photos",
        html.paragraph(
            "A classifier that has learned photos from style pictures judges the results. It "
            "takes 5 % of the style pictures that it has not seen for photos. Lower is better: "
            "a high share means a photo with something on it. Error bars: 95 % confidence "
            "intervals."
        ),
        *(
            _bars(
                title,
                {n: _scaled(getattr(axes, field), 100) for n, axes in sets.items()},
                unit="%",
                full=100,
            )
            for title, field in (
                ("From afar", "taken_for_photos"),
                ("Close up", "taken_for_photos_close"),
            )
            if all(not math.isnan(getattr(axes, field).value) for axes in sets.values())
        ),
    )


def _style(sets: Sets) -> Markup:
    depths = [
        _bars(name.capitalize(), {n: axes.frechet[name] for n, axes in sets.items()})
        for name in sets[_PHOTOS].frechet
    ]
    return html.section(
        "Style",
        html.paragraph(
            "Lower is nearer to the style pictures. Error bars: 95 % confidence intervals over "
            "pictures. The anchors are gray: untouched photos, and one half of the style pictures "
            "against the other half."
        ),
        _bars("Kernel distance close up (KID x 1000)", {n: axes.kid for n, axes in sets.items()}),
        _bars(
            "Kernel distance from afar (KID x 1000), against which bold edges count",
            {n: axes.kid_far for n, axes in sets.items()},
        ),
        _bars(
            "Sliced Wasserstein distance of patches (x 1000), which knows no network",
            {n: axes.swd for n, axes in sets.items()},
        ),
        html.folded("Fréchet distance, by the depth of the features", html.grid(*depths, most=2)),
    )


def _content(sets: Sets) -> Markup:
    return html.section(
        "Content",
        html.paragraph(
            "How much of the photo is left: 1 is all of it. The style halves show the value for "
            "two unrelated pictures."
        ),
        _bars("Feature similarity", {n: axes.content for n, axes in sets.items()}, full=1),
        _bars(
            "Feature similarity from afar",
            {n: axes.content_far for n, axes in sets.items()},
            full=1,
        ),
        _bars("Edge agreement", {n: axes.edges for n, axes in sets.items()}, full=1),
    )


def _plausibility(sets: Sets) -> Markup:
    return html.section(
        "Plausibility",
        html.paragraph(
            "A classifier is trained on half of the pictures and tested on the other half. At 50 % "
            "it can only guess: results are indistinguishable from style pictures."
        ),
        _bars(
            "Results taken for style pictures",
            {n: 100 * axes.fooled for n, axes in sets.items()},
            unit="%",
            full=100,
        ),
        _bars(
            "Correct answers, on results and style pictures",
            {n: 100 * axes.accuracy for n, axes in sets.items()},
            unit="%",
            full=100,
        ),
    )


def _bars(
    title: str,
    values: Mapping[str, float | Interval],
    *,
    unit: str = "",
    full: float | None = None,
) -> Markup:
    readings = {name: v for name, v in values.items() if isinstance(v, Interval)}
    return bars(
        title,
        [(name, v.value if isinstance(v, Interval) else v) for name, v in values.items()],
        unit=unit,
        intervals={name: (reading.low, reading.high) for name, reading in readings.items()},
        anchors=(_PHOTOS, _FLOOR),
        full=full,
    )


def _scaled(reading: Interval, factor: float) -> Interval:
    return Interval(factor * reading.value, factor * reading.low, factor * reading.high)
