"""`ganstyle evaluate`: scores of styles and of folders of results."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ganstyle.cli.display import print_evaluation, progress_bar, say
from ganstyle.cli.options import (
    SOME_FAILED,
    AsJson,
    Device,
    TrainedPrecision,
    set_up_runtime,
    with_options,
)
from ganstyle.cli.sequence import print_flicker
from ganstyle.config import DEFAULT_STYLE, EvaluateConfig, option
from ganstyle.errors import ConfigError
from ganstyle.files import find_images
from ganstyle.styles import common_held_out, find_style, read_info

if TYPE_CHECKING:
    from ganstyle.evaluate.candidates import Candidate
    from ganstyle.evaluate.run import Evaluation
    from ganstyle.evaluate.thresholds import Requirement
    from ganstyle.runtime import Runtime

EXAMPLES = """\
ganstyle evaluate photos/ paintings/ --style my-style/
ganstyle evaluate photos/ paintings/ --style oil --style impressionist
ganstyle evaluate photos/ paintings/ --results other-program/"""


@dataclass(frozen=True, kw_only=True)
class ScoringOptions:
    """What is scored, and what it is compared with."""

    style: list[str] | None = option(
        None,
        "Style to score: a name, a checkpoint file, or the folder of a training run; repeatable.",
        metavar="STYLE",
        group="Candidates",
    )
    results: list[Path] | None = option(
        None,
        "Folder of results to score, which have the paths of their photos; repeatable.",
        metavar="FOLDER",
        group="Candidates",
    )
    photos: list[Path] | None = option(
        None,
        "Folder of more photos, from which the classifier learns what a photo looks like; "
        "repeatable.",
        metavar="FOLDER",
        group="Measurement",
    )
    sequence: Path | None = option(
        None,
        "Video, or folder of frames: measure how much those of --results flicker beside it, and "
        "nothing else.",
        metavar="FRAMES",
        group="Measurement",
    )
    held_out: bool = option(
        False, "Use only style pictures that were held out from training.", group="Measurement"
    )
    features: Path | None = option(
        None,
        "TorchScript extractor, such as an Inception, in place of EfficientNet.",
        metavar="FILE",
        group="Measurement",
    )


@dataclass(frozen=True, kw_only=True)
class OutputOptions:
    """How the scores are shown, and what they must be."""

    require: list[str] | None = option(
        None,
        "Condition on a score, such as 'kid<20'. The exit code is 1 if it does not hold; "
        "repeatable.",
        metavar="CONDITION",
        group="Output",
    )
    report: Path | None = option(None, "HTML page to write.", metavar="FILE", group="Output")


@with_options
def evaluate(
    content: Annotated[
        Path | None, typer.Argument(metavar="CONTENT", help="Folder of photos.")
    ] = None,
    style_folder: Annotated[
        Path | None, typer.Argument(metavar="STYLE", help="Folder of pictures in the style.")
    ] = None,
    *,
    scoring: ScoringOptions,
    config: EvaluateConfig,
    output: OutputOptions,
    as_json: AsJson = False,
    device: Device = "auto",
    precision: TrainedPrecision = "auto",
) -> None:
    """Score styles, or folders of results, against the pictures of a style, and rank them."""
    if scoring.sequence:
        print_flicker(scoring.sequence, scoring.results or [], as_json=as_json)
        return
    if content is None or style_folder is None:
        raise ConfigError("expected CONTENT STYLE: folders of photos and of style pictures.")
    from ganstyle.evaluate.thresholds import parse_requirement

    required = [parse_requirement(text) for text in output.require or ()]
    styles, folders = scoring.style or [], scoring.results or []
    if not styles and not folders:
        styles = [DEFAULT_STYLE]
    checkpoints = [find_style(name) for name in styles]
    only = common_held_out(checkpoints) if scoring.held_out else None
    names = _names(styles, checkpoints, folders)
    line_up = partial(_line_up, names, checkpoints, folders, content, find_images(content))
    runtime = set_up_runtime(device, precision, trained=True)
    scored = _score(content, style_folder, line_up, runtime, config, scoring, only)
    if scored:
        _show(*scored, output.report, as_json=as_json)
        _hold_to(required, scored[0])


def _names(styles: list[str], checkpoints: list[Path], folders: list[Path]) -> list[str]:
    """Name of each candidate: the short one, or as it was given if two have the same."""
    shorts = [read_info(path).style for path in checkpoints] + [path.name for path in folders]
    longs = [*styles, *map(str, folders)]
    return [a if shorts.count(a) == 1 else b for a, b in zip(shorts, longs, strict=True)]


def _line_up(
    names: list[str],
    checkpoints: list[Path],
    folders: list[Path],
    content: Path,
    photos: list[Path],
    runtime: "Runtime",
    tell: Callable[[str], None],
) -> list["Candidate"]:
    """Candidates of those names: first the checkpoints, then the folders."""
    from ganstyle.evaluate.candidates import checkpoint_candidate, folder_candidate

    named = iter(names)
    return [
        *(checkpoint_candidate(next(named), path, runtime) for path in checkpoints),
        *(folder_candidate(folder, next(named), content, photos, tell) for folder in folders),
    ]


def _score(
    content: Path,
    style: Path,
    line_up: "Callable[[Runtime, Callable[[str], None]], list[Candidate]]",
    runtime: "Runtime",
    config: EvaluateConfig,
    scoring: ScoringOptions,
    only: tuple[str, ...] | None,
) -> "tuple[Evaluation, list[Candidate]] | None":
    """Scores, and the candidates that have them; None in all processes but the first."""
    from ganstyle.distributed import join_ranks
    from ganstyle.evaluate.run import evaluate as run_evaluation
    from ganstyle.features.extractor import FeatureExtractor

    extractor = FeatureExtractor(runtime.device, scoring.features)
    ranks = join_ranks()
    first = ranks.rank == 0
    tell = say if first else _nothing
    candidates = line_up(runtime, tell)
    with progress_bar("Scoring", None, shown=first) as advance:
        evaluation = run_evaluation(
            content,
            style,
            candidates,
            extractor,
            config,
            only=only,
            more_photos=scoring.photos or (),
            ranks=ranks,
            on_message=tell,
            on_picture=advance,
        )
    ranks.leave()
    return (evaluation, candidates) if first else None


def _nothing(_: str) -> None:
    """Nothing said, by the processes other than the first."""


def _show(
    evaluation: "Evaluation", candidates: list["Candidate"], report: Path | None, *, as_json: bool
) -> None:
    """Print the scores, and write the report."""
    for warning in evaluation.warnings:
        say(f"Warning: {warning}")
    if report:
        from ganstyle.evaluate.report import write_evaluation

        write_evaluation(report, evaluation, candidates)
        say(f"Report: {report}")
    if as_json:
        print(json.dumps(evaluation.as_dict()))
    else:
        print_evaluation(evaluation)


def _hold_to(required: list["Requirement"], evaluation: "Evaluation") -> None:
    """Name each requirement that is not met, and exit when there is one."""
    missed = [
        f"{scores.name}: {problem}."
        for scores in evaluation.candidates
        for requirement in required
        if (problem := requirement.miss(scores.flat()))
    ]
    for line in missed:
        say(line)
    if missed:
        raise typer.Exit(SOME_FAILED)
