"""The Typer app with all commands, and the end of a run: its message and its exit code."""

import os
import signal
import sys
from _thread import interrupt_main
from contextlib import suppress
from threading import Timer, main_thread
from typing import TYPE_CHECKING, Annotated

import typer

from ganstyle import __version__
from ganstyle.cli import evaluate, export, styles, stylize, train
from ganstyle.cli.display import say
from ganstyle.cli.help import GroupedCommand
from ganstyle.cli.options import DONE, INTERRUPTED, WRONG_USAGE
from ganstyle.errors import GanstyleError

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_AGAIN_SECONDS = 0.05
"""Time after which an interruption that was lost is sent again."""

app = typer.Typer(
    name="ganstyle",
    help="Redraw pictures in a style, and train new styles from folders of pictures.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # with it --help takes twice as long to appear
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (stylize, train, evaluate, export, styles):  # --help lists them in this order
    command = getattr(module, module.__name__.rpartition(".")[2])
    app.command(cls=GroupedCommand, epilog=module.EXAMPLES)(command)


def main() -> None:
    """Run the command line and exit with a code of design.md: 0, 1, 2 or 130."""
    # `kill` and a shutdown end a run as Ctrl-C does: with its state saved.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.unraisablehook = _interrupt_again
    code = run(sys.argv[1:])
    if "torch" in sys.modules:
        # Everything is written and closed; unloading torch would take a third of a second.
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run a command; an error becomes one line on stderr. Returns the exit code."""
    try:
        app(arguments, standalone_mode=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else DONE
    except (GanstyleError, OSError) as error:  # OSError: a full disk, a read-only folder
        say(f"ganstyle: {error}")
        return WRONG_USAGE
    except KeyboardInterrupt:
        say("ganstyle: interrupted.")
        return INTERRUPTED
    return DONE


def _interrupt_again(unraisable: "UnraisableHookArgs") -> None:
    """Send an interruption again if Python has dropped it.

    Python drops exceptions in finalizers and in callbacks of weak references, which torch and the
    standard library use a lot. Other exceptions are reported as usual.
    """
    if issubclass(unraisable.exc_type, KeyboardInterrupt):
        again = Timer(_AGAIN_SECONDS, _interrupt_main_thread)  # here it would be dropped as well
        again.daemon = True
        again.start()
    else:
        sys.__unraisablehook__(unraisable)


def _interrupt_main_thread() -> None:
    if sys.platform == "win32":
        interrupt_main()
    else:  # wakes it from a sleep, too
        signal.pthread_kill(main_thread().ident or 0, signal.SIGINT)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if version:
        print(f"ganstyle {__version__}")
        raise typer.Exit
