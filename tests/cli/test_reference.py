"""The page of all options."""

import subprocess
import sys
from pathlib import Path

import typer

from ganstyle.cli.app import app
from ganstyle.cli.reference import options_page

PAGE = (Path(__file__).parents[2] / "docs" / "options.md").read_text(encoding="utf-8")


def test_the_page_is_what_the_declarations_give() -> None:
    assert options_page() == PAGE, "make docs"


def test_every_option_of_every_command_is_on_the_page() -> None:
    for name, command in typer.main.get_group(app).commands.items():
        section = PAGE.partition(f"## ganstyle {name}\n")[2].partition("\n## ")[0]
        for parameter in command.params:
            for flag in (*parameter.opts, *parameter.secondary_opts):
                assert f"`{flag}`" in section or not flag.startswith("--"), (name, flag)


def test_the_page_is_printed() -> None:
    command = [sys.executable, "-m", "ganstyle.cli.reference"]
    assert subprocess.run(command, capture_output=True, check=True, text=True).stdout == PAGE
