"""What the commands hang on and share: the app, its exit codes, the options of several commands."""

import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from ganstyle import __version__
from ganstyle.errors import GanstyleError
from ganstyle.terminal import say

if TYPE_CHECKING:
    from ganstyle.runtime import Runtime

DONE, SOME_FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130

app = typer.Typer(
    name="ganstyle",
    help="Redraw pictures in a style, and train new styles from two folders of pictures.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # with it --help takes twice as long to appear
    context_settings={"help_option_names": ["-h", "--help"]},
)

Device = Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")]
Precision = Annotated[str, typer.Option(help="auto, float32 or bfloat16.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on stdout instead of text.")]


def main() -> None:
    """Run the command line and exit with a code of design.md: 0, 1, 2 or 130."""
    # `kill` and a shutting-down machine end a run as Ctrl-C does: with its state saved.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    code = _run()
    if "torch" in sys.modules:
        # Everything is written and closed; taking torch apart would take a third of a second.
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _run() -> int:
    try:
        app(standalone_mode=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else DONE
    except (GanstyleError, OSError) as error:  # also a disk that is full, a read-only folder
        say(f"ganstyle: {error}")
        return WRONG_USAGE
    except KeyboardInterrupt:
        say("ganstyle: interrupted.")
        return INTERRUPTED
    return DONE


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if version:
        print(f"ganstyle {__version__}")
        raise typer.Exit


def set_up_runtime(device: str, precision: str) -> "Runtime":
    """The runtime asked for, with torch set up for it."""
    from ganstyle.runtime import pick_runtime, tune_cpu

    tune_cpu()
    return pick_runtime(device, precision)
