"""The command line: the only room that knows typer, and exits."""

from ganstyle.cli import evaluate, styles, stylize, train
from ganstyle.cli.app import app, main

__all__ = ["app", "main"]

for command in (stylize.stylize, train.train, evaluate.evaluate, styles.styles):
    app.command()(command)  # --help lists them in this order
