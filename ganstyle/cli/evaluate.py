"""`ganstyle evaluate`: scores of styles and of folders of results."""

import json
from collections.abc import Callable
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
from ganstyle.config import DEFAULT_STYLE, EvaluateConfig
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


_Content = Annotated[Path, typer.Argument(metavar="CONTENT", help="Folder of photos.")]
_StyleFolder = Annotated[
    Path, typer.Argument(metavar="STYLE", help="Folder of pictures in the style.")
]
_Style = Annotated[
    list[str] | None,
    typer.Option(
        metavar="STYLE",
        help="Style to score: a name, a checkpoint file, or the folder of a training run; "
        "repeatable.",
        rich_help_panel="Candidates",
    ),
]
_Results = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FOLDER",
        help="Folder of results to score, which have the paths of their photos; repeatable.",
        rich_help_panel="Candidates",
    ),
]
_Photos = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FOLDER",
        help="Folder of more photos, from which the classifier learns what a photo looks like; "
        "repeatable.",
        rich_help_panel="Measurement",
    ),
]
_HeldOut = Annotated[
    bool,
    typer.Option(
        "--held-out",
        help="Use only style pictures that were held out from training.",
        rich_help_panel="Measurement",
    ),
]
_Features = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="TorchScript extractor, such as an Inception, in place of EfficientNet.",
        rich_help_panel="Measurement",
    ),
]
_Require = Annotated[
    list[str] | None,
    typer.Option(
        metavar="CONDITION",
        help="Condition on a score, such as 'kid<20'. The exit code is 1 if it does not hold; "
        "repeatable.",
        rich_help_panel="Output",
    ),
]
_Report = Annotated[
    Path | None, typer.Option(metavar="FILE", help="HTML page to write.", rich_help_panel="Output")
]


@with_options
def evaluate(
    content: _Content,
    style_folder: _StyleFolder,
    *,
    style: _Style = None,
    results: _Results = None,
    photos: _Photos = None,
    held_out: _HeldOut = False,
    features: _Features = None,
    config: EvaluateConfig,
    require: _Require = None,
    report: _Report = None,
    as_json: AsJson = False,
    device: Device = "auto",
    precision: TrainedPrecision = "auto",
) -> None:
    """Score styles, or folders of results, against the pictures of a style, and rank them."""
    from ganstyle.evaluate.thresholds import parse_requirement

    required = [parse_requirement(text) for text in require or ()]
    styles, folders = style or [], results or []
    if not styles and not folders:
        styles = [DEFAULT_STYLE]
    checkpoints = [find_style(name) for name in styles]
    only = common_held_out(checkpoints) if held_out else None
    names = _names(styles, checkpoints, folders)
    line_up = partial(_line_up, names, checkpoints, folders, content, find_images(content))
    runtime = set_up_runtime(device, precision, trained=True)
    scored = _score(content, style_folder, line_up, runtime, config, features, only, photos or [])
    if scored:
        _show(*scored, report, as_json=as_json)
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
    features: Path | None,
    only: tuple[str, ...] | None,
    more_photos: list[Path],
) -> "tuple[Evaluation, list[Candidate]] | None":
    """Scores, and the candidates that have them; None in all processes but the first."""
    from ganstyle.distributed import join_ranks
    from ganstyle.evaluate.run import evaluate as run_evaluation
    from ganstyle.features.extractor import FeatureExtractor

    extractor = FeatureExtractor(runtime.device, features)
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
            more_photos=more_photos,
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
