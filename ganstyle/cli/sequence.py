"""`ganstyle evaluate --sequence`: how much painted videos flicker."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from math import isnan
from pathlib import Path

from ganstyle.cli.display import progress_bar
from ganstyle.errors import ConfigError


def print_flicker(original: Path, results: Sequence[Path], *, as_json: bool) -> None:
    """Print the flicker of a video, or a folder of frames, and of its results on stdout.

    Raises ConfigError if no result is named, and as evaluate_sequence() does.
    """
    if not results:
        raise ConfigError("--sequence: name what was painted of it with --results.")
    from rich.console import Console
    from rich.table import Table

    from ganstyle.evaluate.sequence import evaluate_sequence

    with progress_bar("Comparing frames", None) as advance:
        found = evaluate_sequence(original, results, advance)
    if as_json:
        # JSON knows no NaN.
        values = {
            name: {key: None if isnan(value) else value for key, value in asdict(each).items()}
            for name, each in found.items()
        }
        print(json.dumps({"flicker": values}))
        return
    table = Table("flicker, in 255", "all", "where it stands still", "where it moves")
    for name, each in found.items():
        table.add_row(
            name, *("-" if isnan(value) else f"{value:.2f}" for value in asdict(each).values())
        )
    (Console() if sys.stdout.isatty() else Console(width=100)).print(table)
