"""Output for the user: messages, progress, tables. Only cli/ uses rich."""

import math
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from ganstyle.evaluate.run import Evaluation
    from ganstyle.metrics.bootstrap import Interval
    from ganstyle.metrics.scores import Metrics
    from ganstyle.train.log import TrainingReport


def say(message: str) -> None:
    """A line on stderr, above the progress display if there is one."""
    if sys.stderr.isatty():
        console().print(message, markup=False, highlight=False, soft_wrap=True)
    else:
        print(message, file=sys.stderr, flush=True)


@cache
def console() -> "Console":
    """The terminal. Without one rich is not loaded, which takes a twentieth of a second."""
    from rich.console import Console

    return Console(stderr=True)


@contextmanager
def progress_bar(
    title: str, total: int | None, *, shown: bool = True
) -> Iterator[Callable[[], None]]:
    """Progress bar on stderr, on a terminal only; yields a function to call after each item."""
    if not (shown and sys.stderr.isatty()):
        yield lambda: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console()) as progress:
        task = progress.add_task(title, total=total)
        yield lambda: progress.advance(task)


@contextmanager
def training_display(*, shown: bool = True) -> Iterator[Callable[["TrainingReport"], None]]:
    """Show reports: a live table on a terminal, else one line per minute. Nothing unless shown."""
    if not shown:
        yield lambda _: None
        return
    if not sys.stderr.isatty():
        last = -60.0

        def line(report: "TrainingReport") -> None:
            nonlocal last
            if report.seconds - last >= 60 or report.progress == 1:
                last = report.seconds
                say(f"{_standing(report)}; {_in_a_line(report)}")

        yield line
        return
    from rich.live import Live

    action = ""
    with Live(console=console(), transient=False) as live:

        def table(report: "TrainingReport") -> None:
            nonlocal action
            action = report.actions[-1] if report.actions else action
            live.update(_training_table(report, action))

        yield table


def _training_table(report: "TrainingReport", action: str) -> "Table":
    from rich.table import Table

    table = Table(title=_standing(report), title_justify="left", show_header=False)
    for name, value in _of(report, "fooled"):
        held_out = report.values.get(f"held_out/fooled_{name}")
        aside = "" if held_out is None else f", {held_out:.0%} on held-out pictures"
        table.add_row(f"fooled, {name}", f"{value:4.0%}", f"{_gauge(value)} balance at 50%{aside}")
    for name, value in _of(report, "loss"):
        table.add_row(f"loss, {name}", f"{value:.3f}", "")
    if action:
        table.add_row("pilot", "", action)
    return table


def _in_a_line(report: "TrainingReport") -> str:
    """Fooled rates, with those on held-out pictures in brackets, and losses."""
    rates = []
    for name, value in _of(report, "fooled"):
        held_out = report.values.get(f"held_out/fooled_{name}")
        rates.append(f"{name} {value:.0%}" + ("" if held_out is None else f" ({held_out:.0%})"))
    losses = [f"{name} {value:.3g}" for name, value in _of(report, "loss")]
    return f"fooled: {', '.join(rates)}; losses: {', '.join(losses)}"


def _of(report: "TrainingReport", group: str) -> list[tuple[str, float]]:
    """Names, without their group, and values of a group of a report."""
    start = f"{group}/"
    found = {name: value for name, value in report.values.items() if name.startswith(start)}
    return [(name.removeprefix(start).replace("_", " "), value) for name, value in found.items()]


def _standing(report: "TrainingReport") -> str:
    left = round(report.seconds_left)
    return (
        f"{report.progress:4.0%}, {left // 60}:{left % 60:02d} left, "
        f"{report.images_per_second:.1f} images/s, {report.images_seen} images"
    )


def _gauge(fraction: float, width: int = 31) -> str:
    """A bar for a fraction in [0, 1] with the middle marked."""
    filled = round(fraction * width)
    cells = ["█" if cell < filled else "·" for cell in range(width)]
    cells[width // 2] = "┃"
    return "".join(cells)


def in_words(values: Mapping[str, float]) -> str:
    """Names and values in one line."""
    return ", ".join(f"{name} {value:.4g}" for name, value in values.items())


_LEGEND = """\
The first line of a row is the view from afar, the second the view close up. Photo?: share of
results that a classifier takes for photos, with its 95% interval. KID (times 1000): lower is closer
to the style; bold edges count against a result. Progress: share of the way from the photos to the
style. Content: how much of the photo is left, 1 at most. Faces: share of the faces that are found
again. Pattern: weave in flat areas, 0 is none. --report and --json have more.
"""


def print_evaluation(evaluation: "Evaluation") -> None:
    """The scores of all candidates as a table on stdout, from the style to the photos."""
    from rich.console import Console
    from rich.table import Table

    console = Console() if sys.stdout.isatty() else Console(width=100)
    table = Table("", "photo?", "KID", "progress", "content", "faces", "pattern")
    table.columns[1].no_wrap = table.columns[2].no_wrap = True

    def row(name: str, metrics: "Metrics", progress: str) -> None:
        table.add_row(
            name,
            f"{_share(metrics.taken_for_photos)}\n{_share(metrics.taken_for_photos_close)}",
            f"{_reading(metrics.kid_far, '{:.0f}')}\n{_reading(metrics.kid, '{:.0f}')}",
            f"\n{progress}",
            f"{metrics.content_far.value:.2f}\n{_reading(metrics.content, '{:.2f}')}",
            _percent(metrics.kept_faces),
            "-" if math.isnan(metrics.pattern) else f"{metrics.pattern:.2f}",
        )

    if evaluation.floor:
        row("style halves", evaluation.floor, "100%")
    for scores in evaluation.candidates:
        row(scores.name, scores.metrics, f"{scores.style_progress:.0%}")
    row("untouched photos", evaluation.photos, "0%")
    console.print(table)
    for comparison in evaluation.comparisons:
        console.print(str(comparison), markup=False, highlight=False)
    console.print(
        _LEGEND + ", ".join(f"{name}: {value}" for name, value in evaluation.measured.items()),
        markup=False,
        highlight=False,
    )


def _share(reading: "Interval") -> str:
    """A share with its interval; a dash where it cannot be told."""
    if math.isnan(reading.value):
        return "-"
    bare = math.isnan(reading.low)
    ends = "" if bare else f" ({100 * reading.low:.0f}-{reading.high:.0%})"
    return f"{reading.value:.0%}{ends}"


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{share:.0%}"


def _reading(reading: "Interval", form: str) -> str:
    """A value with its interval, if there is one."""
    value = form.format(reading.value)
    return (
        value
        if reading.low != reading.low
        else f"{value} ±{form.format(reading.high - reading.value)}"
    )
