"""`ganstyle evaluate`: scores of styles and of folders of results."""

import json
from pathlib import Path
from typing import Annotated

import typer

from ganstyle.cli.display import print_evaluation, progress_bar, say
from ganstyle.cli.options import (
    SOME_FAILED,
    AsJson,
    Device,
    Precision,
    set_up_runtime,
    with_options,
)
from ganstyle.config import DEFAULT_STYLE, EvaluateConfig
from ganstyle.evaluate.thresholds import parse_requirement
from ganstyle.files import find_images
from ganstyle.styles import common_held_out, find_style, read_info


@with_options
def evaluate(
    content: Annotated[Path, typer.Argument(help="Folder of photos.")],
    style_folder: Annotated[
        Path, typer.Argument(metavar="STYLE", help="Folder of pictures in the style.")
    ],
    *,
    style: Annotated[
        list[str] | None,
        typer.Option(help="Shipped style or checkpoint file to score; may be given repeatedly."),
    ] = None,
    results: Annotated[
        list[Path] | None,
        typer.Option(help="Folder of results to score, files named as their photos; repeatable."),
    ] = None,
    held_out: Annotated[
        bool, typer.Option("--held-out", help="Use only style pictures not trained on.")
    ] = False,
    features: Annotated[
        Path | None,
        typer.Option(help="TorchScript extractor to see the style through, say an Inception."),
    ] = None,
    config: EvaluateConfig,
    require: Annotated[
        list[str] | None,
        typer.Option(help="What must hold, say 'kid<20', else the exit code is 1; repeatable."),
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Page to write, for a browser.")] = None,
    as_json: AsJson = False,
    device: Device = "auto",
    precision: Precision = "auto",
) -> None:
    """Score styles, or folders of results, against the pictures of a style, and rank them."""
    required = [parse_requirement(text) for text in require or ()]
    given = style or ([] if results else [DEFAULT_STYLE])
    checkpoints = [find_style(name) for name in given]
    only = common_held_out(checkpoints) if held_out else None
    shorts = [read_info(path).style for path in checkpoints] + [path.name for path in results or ()]
    longs = [*given, *map(str, results or ())]
    names = [a if shorts.count(a) == 1 else b for a, b in zip(shorts, longs, strict=True)]
    photos = find_images(content)
    from ganstyle.distributed import join_ranks
    from ganstyle.evaluate.candidates import Candidate, checkpoint_candidate, folder_candidate
    from ganstyle.evaluate.report import write_evaluation
    from ganstyle.evaluate.run import evaluate as run_evaluation
    from ganstyle.features.extractor import FeatureExtractor

    runtime = set_up_runtime(device, precision)
    extractor = FeatureExtractor(runtime.device, features)
    ranks = join_ranks()
    first = ranks.rank == 0
    tell = say if first else _nothing
    candidates: list[Candidate] = [
        checkpoint_candidate(name, path, runtime)
        for name, path in zip(names, checkpoints, strict=False)
    ]
    for name, folder in zip(names[len(candidates) :], results or (), strict=True):
        candidates.append(folder_candidate(folder, name, photos, tell))
    with progress_bar("Scoring", None, shown=first) as advance:
        evaluation = run_evaluation(
            content,
            style_folder,
            candidates,
            extractor,
            config,
            only=only,
            ranks=ranks,
            on_message=tell,
            on_picture=advance,
        )
    ranks.leave()
    if not first:
        return
    for warning in evaluation.warnings:
        say(f"Warning: {warning}")
    if report:
        write_evaluation(report, evaluation, candidates)
        say(f"Report: {report}")
    if as_json:
        print(json.dumps(evaluation.as_dict()))
    else:
        print_evaluation(evaluation)
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


def _nothing(_: str) -> None:
    """Nothing said, by the processes other than the first."""
