"""Options and exit codes that several commands share."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ganstyle.runtime import Runtime

DONE, SOME_FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130

Device = Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")]
Precision = Annotated[str, typer.Option(help="auto, float32 or bfloat16.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on stdout instead of text.")]


def set_up_runtime(device: str, precision: str) -> "Runtime":
    """The runtime asked for, with torch set up for it."""
    from ganstyle.runtime import pick_runtime, tune_cpu

    tune_cpu()
    return pick_runtime(device, precision)
