"""`ganstyle stylize` on files and folders, a result or several of each picture."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ganstyle import __version__
from ganstyle.cli.display import Tally, progress_bar, say, show_outcome
from ganstyle.cli.options import SOME_FAILED
from ganstyle.config import check_ranges, option
from ganstyle.errors import ConfigError
from ganstyle.files import is_folder, make_folder, remove_leftovers
from ganstyle.styles import CheckpointFile
from ganstyle.stylize.jobs import Job, Outcome, output_folder, plan_jobs
from ganstyle.stylize.manifest import Manifest, recipe
from ganstyle.stylize.variations import Variation, captioned_results

if TYPE_CHECKING:
    from ganstyle.painting.painter import Painter
    from ganstyle.runtime import Runtime

Work = Callable[[Sequence[Job]], Iterable[Outcome]]
"""What does jobs and yields what comes of each."""


@dataclass(frozen=True, kw_only=True)
class Files:
    """Where inputs come from, and what becomes of files that are there."""

    files_from: str = option(
        "", "File with the inputs, a line or a NUL-ended name each; - is stdin."
    )
    in_place: bool = option(False, "Replace the inputs.")
    overwrite: bool = option(False, "Redo what is done, replace what is there.")
    watch: bool = option(False, "Keep running; take what appears in the folder.")
    variations: int = option(
        1,
        "Results of each picture, FILE-1 and so on, with successive seeds, and a sheet of them.",
        min=1,
        max=100,
    )

    def __post_init__(self) -> None:
        check_ranges(self)


def refuse_variations(files: Files, *, raw: bool, stream: bool) -> None:
    """Raise ConfigError for what has room for one result of a picture only, if several are due."""
    given = {"--raw": raw, "-": stream, "--in-place": files.in_place, "--watch": files.watch}
    for name in (name for name, there in given.items() if there and files.variations > 1):
        raise ConfigError(f"--variations writes several pictures of each: leave {name} out.")


def stylize_files(
    inputs: list[Path],
    variations: Sequence[Variation],
    files: Files,
    checkpoint: CheckpointFile,
    painter: "Callable[[], Painter]",
    new_tally: "Callable[[Runtime], Tally]",
    *,
    as_json: bool,
) -> None:
    """Pictures and folders; of several processes each takes its part."""

    def plan(variation: Variation) -> list[Job]:
        listed = bool(files.files_from)
        return plan_jobs(inputs, variation.target, variation.output, listed=listed)

    if files.watch and not all(is_folder(path) for path in inputs):
        raise ConfigError("--watch needs folders as its inputs.")
    jobs = [[] if files.watch else plan(variation) for variation in variations]
    ready = painter()  # first, as it loads torch
    from ganstyle.distributed import join_ranks
    from ganstyle.stylize.watch import watch

    prepared = [
        _prepare(inputs, variation, own, checkpoint)
        for variation, own in zip(variations, jobs, strict=True)
    ]
    ranks = join_ranks()
    if files.watch and ranks.count > 1:
        raise ConfigError("--watch works with one process; leave torchrun out.")
    tally = new_tally(ready.runtime)
    results = captioned_results(variations, jobs)
    failed: set[Path] = set()
    for variation, own, manifest in zip(variations, jobs, prepared, strict=True):
        left = [job for job in ranks.share(own) if job.source not in failed]
        rounds = watch(partial(plan, variation), say) if files.watch else [left]
        work = _work(variation, results, ready, checkpoint, manifest, overwrite=files.overwrite)
        failed |= _work_through(rounds, work, tally, as_json=as_json)
    tally.merge(ranks)
    ranks.leave()
    if ranks.rank == 0:
        say(str(tally))
        if tally.counts["failed"]:
            raise typer.Exit(SOME_FAILED)


def _prepare(
    inputs: list[Path], variation: Variation, jobs: list[Job], checkpoint: CheckpointFile
) -> Manifest | None:
    """Make the output folder, rid of what a killed run left; its manifest if there is a folder."""
    for parent in {job.target.parent for job in jobs}:
        remove_leftovers(parent)
    folder = output_folder(inputs, variation.target)
    if not folder:
        return None
    make_folder(folder)
    made_by = recipe(checkpoint.digest, __version__, variation.dials, variation.output)
    if variation.sheet_of:
        made_by += f"-{variation.sheet_of}"
    return Manifest(folder, made_by)


def _work(
    variation: Variation,
    results: Mapping[Path, Sequence[tuple[Path, str]]],
    painter: "Painter",
    checkpoint: CheckpointFile,
    manifest: Manifest | None,
    *,
    overwrite: bool,
) -> Work:
    """What does the jobs of a variation; results: of all of them, for their sheet."""
    if variation.sheet_of:
        from ganstyle.stylize.variation_sheets import Sheets

        return Sheets(results, variation.output, manifest, overwrite=overwrite).run
    from ganstyle.stylize.pipeline import Pipeline

    varied, name = painter.with_dials(variation.dials), checkpoint.info.style
    return Pipeline(varied, variation.output, name, manifest, overwrite=overwrite).run


def _work_through(
    rounds: Iterable[Sequence[Job]],
    work: Work,
    tally: Tally,
    *,
    as_json: bool,
) -> set[Path]:
    """Do jobs, telling what comes of each; returns inputs that failed. Ctrl-C shows the tally."""
    failed = set()
    try:
        for jobs in rounds:
            with progress_bar("Stylizing", len(jobs)) as advance:
                for outcome in work(jobs):
                    advance()
                    tally.count(outcome)  # first: whoever has read the line may interrupt
                    show_outcome(outcome, as_json=as_json)
                    if outcome.status == "failed":
                        failed.add(outcome.job.source)
    except KeyboardInterrupt:
        say(str(tally))
        raise
    return failed
