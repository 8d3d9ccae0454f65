"""Report of a training: report.html in the folder of the run."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict, Unpack

from markupsafe import Markup
from PIL import Image

from ganstyle.files import atomic_path
from ganstyle.pages import elements as html
from ganstyle.pages.charts import Series, bars, line_chart, number
from ganstyle.train.curves import (
    IMAGES,
    Actions,
    Curves,
    group_of,
    markers,
    percent,
    rate_chart,
    read_actions,
    read_curves,
    small_charts,
)

_SHOWN, _KEPT = 12, 400
"""Numbers of actions of the pilot that are shown, and that are listed at all."""

_KNOWN = ("fooled", "real", "loss")
"""Groups of values with a section of their own."""


SHOWN = {
    "photos": "Photos. They are never trained on.",
    "held-out drafts": "Drafts of style pictures that are held out from training.",
    "training drafts": "Drafts of style pictures that are trained on, since there are too few to "
    "hold any out: other pictures will come out less well.",
    "held-out pairs": "Sources of pairs that are held out from training.",
    "training pairs": "Sources of pairs that are trained on.",
}
"""Sentences on the pictures before and after, by their kind."""


class Run(TypedDict):
    """Facts of a training; all may be empty when it has just begun."""

    name: str
    """Of the style."""
    config: Mapping[str, object]
    """The options, resolved."""
    data: Sequence[str]
    """Findings on the folders, as printed at the start."""
    reports: Sequence[Mapping[str, Any]]
    """Lines of metrics.jsonl; "actions", lines of the balance pilot, may be missing in them."""
    scorings: Sequence[Mapping[str, float]]
    """Fields of Scores, merit, images_seen and seconds of each scoring."""
    best_images_seen: int
    """Images seen when the best generator was scored; 0 before the first scoring."""
    pictures: Sequence[tuple[Image.Image, Image.Image]]
    """RGB, before and after."""
    shown_are: str
    """Kind of these pictures, a key of SHOWN."""
    final: str
    """Scores of the last generator in words; empty before the end of the run."""


def write_report(path: Path, **run: Unpack[Run]) -> None:
    """Write the page of a training; the old page stays until the new one is whole."""
    with atomic_path(path) as temporary:
        # File names need not be Unicode on Linux; such characters cannot be shown.
        temporary.write_text(training_report(**run), encoding="utf-8", errors="replace")


def training_report(**run: Unpack[Run]) -> str:
    """Page of a training, self-contained."""
    curves, actions = read_curves(run["reports"]), read_actions(run["reports"])
    seen = [report["images_seen"] for report in [*run["reports"], *run["scorings"]]]
    end = max([0.0, *(images for images in seen if math.isfinite(images))])
    parts = (
        _headline(run["name"], str(run["config"].get("title") or ""), run["reports"]),
        _pictures(run["pictures"], SHOWN[run["shown_are"]]),
        _balance(curves, end, actions),
        _losses(curves, end),
        _others(curves, end),
        _scores(run["scorings"], run["best_images_seen"], end, run["final"]),
        _pilot(actions, off=run["config"].get("pilot") is False),
        html.section("Training pictures", html.bullets(run["data"], empty="No findings.")),
        _options(run["config"]),
    )
    return html.page(f"{run['name']}: training", *(part for part in parts if part))


def _headline(name: str, title: str, reports: Sequence[Mapping[str, Any]]) -> Markup:
    if not reports:
        return html.headline(name, title or "The training has just begun.", 0.0, ())
    last = reports[-1]
    share = min(1.0, max(0.0, last["share"]))
    facts = (
        (number(100 * share, "%"), "of the training"),
        (number(last["images_seen"]), IMAGES),
        (_duration(last["seconds"]), "so far"),
        (number(last["images_per_second"]), "images per second"),
    )
    return html.headline(name, title, share, facts)


def _duration(seconds: float) -> str:
    if not math.isfinite(seconds):
        return "none"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def _pictures(pictures: Sequence[tuple[Image.Image, Image.Image]], kind: str) -> Markup | None:
    if not pictures:
        return None
    pairs = [
        html.comparison(before, after, f"Picture {index}")
        for index, (before, after) in enumerate(pictures, 1)
    ]
    text = f"{kind} Before: as they are; after: what the generator makes of them now."
    return html.section("Before and after", html.paragraph(text), html.grid(*pairs, most=2))


def _balance(curves: Curves, end: float, actions: Actions) -> Markup:
    """Rates of the discriminators: on generated pictures, and on real ones if measured."""
    events = markers(actions, end)
    text = (
        "Share of generated patches that each discriminator takes for real. At 50 % it can only "
        "guess; near 0 % it recognizes all of them, and the generator learns little. If its rates "
        "on held-out and training pictures are far apart, it knows its pictures by heart."
    )
    if events:
        text += " Triangles mark actions of the pilot."
    charts = [
        rate_chart(
            "Generated patches taken for real", "fooled", curves, end, (50, "balance"), events
        )
    ]
    if any(group_of(key) == "real" for key in curves):
        charts.append(rate_chart("Real patches taken for real", "real", curves, end, None, events))
    return html.section("Balance", html.paragraph(text), *charts)


def _losses(curves: Curves, end: float) -> Markup:
    keys = [key for key in curves if group_of(key) == "loss"]
    if not keys:
        return html.section("Losses", html.bullets((), empty="No values yet."))
    text = "Unweighted, each on its own scale. In adversarial training, losses need not fall."
    return html.section("Losses", html.paragraph(text), small_charts(keys, curves, end))


def _others(curves: Curves, end: float) -> Markup | None:
    keys = [key for key in curves if group_of(key) not in _KNOWN]
    return html.section("More", small_charts(keys, curves, end)) if keys else None


def _scores(scorings: Sequence[Mapping[str, float]], best: int, end: float, final: str) -> Markup:
    if not scorings:
        empty = "No scores yet, or too few held-out pictures for them."
        return html.section("Scores", html.bullets((), empty=empty))
    names = {"style_progress": "style progress", "content": "content", "merit": "product"}
    plain = all(0 <= s[key] <= 1 for key in names for s in scorings)
    chart = line_chart(
        "Style progress, content, and their product",
        [
            Series(name, percent([(s["images_seen"], s[key]) for s in scorings]), color)
            for color, (key, name) in enumerate(names.items())
        ],
        x_label=IMAGES,
        x_range=(0, end),
        y_range=(0, 100) if plain else None,  # runs can be compared
        unit="%",
        mark=(best, "best") if best else None,
    )
    text = (
        "Measured on held-out pictures. Style progress: share of the way from the photos to the "
        "style pictures. Content: how much of the photos' structure is left. The best generator "
        "has the largest product of both."
    )
    chosen = next((s for s in scorings if s["images_seen"] == best), scorings[-1])
    if final:
        text += (
            " These scorings rest on few crops per picture. Final score of the last generator, on "
            f"more crops: {final}."
        )
    parts = (html.paragraph(text), chart, _distances(chosen), _scoring_table(scorings, best))
    return html.section("Scores", *parts)


def _distances(scoring: Mapping[str, float]) -> Markup:
    values = (
        ("photos", scoring["kid_photos"]),
        ("results", scoring["kid"]),
        ("style pictures", scoring["kid_floor"]),
    )
    after = number(scoring["images_seen"])
    return bars(f"Distance to the style pictures after {after} images (KID x 1000)", values)


def _scoring_table(scorings: Sequence[Mapping[str, float]], best: int) -> Markup:
    rows = [
        (
            number(s["images_seen"]) + (" (best)" if s["images_seen"] == best else ""),
            _duration(s["seconds"]),
            number(s["kid"]),
            *(number(100 * s[name], "%") for name in ("style_progress", "content", "merit")),
        )
        for s in reversed(scorings)
    ]
    header = (IMAGES, "time", "KID x 1000", "style progress", "content", "product")
    return html.folded("All scorings, newest first", html.table(header, rows))


def _pilot(actions: Actions, *, off: bool) -> Markup:
    empty = "The pilot is off." if off else "It has not acted."
    lines = [f"After {number(images)} images: {line}" for images, line in reversed(actions)]
    parts = [html.bullets(lines[:_SHOWN], empty=empty)]
    if older := lines[_SHOWN:_KEPT]:
        parts.append(html.folded(f"{len(older)} older", html.bullets(older, empty="")))
    if rest := lines[_KEPT:]:
        parts.append(html.paragraph(f"{len(rest)} even older ones are in metrics.jsonl."))
    return html.section("Actions of the pilot", *parts)


def _options(config: Mapping[str, object]) -> Markup:
    rows = [(key, "none" if value in (None, "") else str(value)) for key, value in config.items()]
    inner = html.table(("option", "value"), rows)
    return html.section("Configuration", html.folded(f"{len(rows)} options", inner))
