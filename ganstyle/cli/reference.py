"""`python -m ganstyle.cli.reference`: docs/options.md, generated from the commands."""

from dataclasses import fields
from inspect import unwrap

import typer
from typer.core import TyperArgument, TyperCommand, TyperOption

from ganstyle.cli.app import app
from ganstyle.cli.options import configs_of
from ganstyle.config import Option, declared
from ganstyle.train.config import FIXED, TrainConfig

INTRODUCTION = """\
# Options

All options of all commands, with the values that they take. `make docs` writes this page from
`ganstyle/config.py`, `ganstyle/train/config.py` and `ganstyle/cli/`: change an option there."""


def options_page() -> str:
    """Page in Markdown with the arguments and options of every command."""
    parts = [INTRODUCTION]
    for name, command in typer.main.get_group(app).commands.items():
        assert isinstance(command, TyperCommand)
        parts += [f"## ganstyle {name}", command.help or "", *_arguments(command), _table(command)]
        if name == "train":
            parts += [_file_options(), _fixed_options()]
    return "\n\n".join(part for part in parts if part) + "\n"


def _arguments(command: TyperCommand) -> list[str]:
    arguments = [param for param in command.params if isinstance(param, TyperArgument)]
    return [f"`{param.metavar or (param.name or '').upper()}`: {param.help}" for param in arguments]


def _table(command: TyperCommand) -> str:
    """Table of the options, a row each."""
    declarations = _declarations(command)
    rows = ["| option | default | values | what it does |", "|---|---|---|---|"]
    for param in command.params:
        if isinstance(param, TyperOption):
            names = ", ".join(f"`{name}`" for name in (*param.opts, *param.secondary_opts))
            known = declarations.get(param.name or "")
            values = known.range if known else ""
            rows.append(f"| {names} | {_shown(param)} | {values} | {param.help} |")
    return "\n".join(rows)


def _declarations(command: TyperCommand) -> dict[str, Option]:
    """Declarations in the configs of a command, by the name of the option."""
    assert command.callback
    configs = configs_of(unwrap(command.callback)).values()
    return {each.name: declared(each) for config in configs for each in fields(config)}


def _shown(param: TyperOption) -> str:
    """The default of an option, empty where there is none."""
    if isinstance(param.default, bool):
        return "on" if param.default else ""
    return "" if param.default is None else str(param.default)


def _file_options() -> str:
    task = declared(TrainConfig.__dataclass_fields__["task"])
    return (
        "The file of `--config` is TOML: `style_size = 480`, with the names above and `_` for `-`. "
        f"It also takes `task`, {task.range}, in place of `--paired`. The command line overrides "
        "the file."
    )


def _fixed_options() -> str:
    lines = [f"- `{name}`: {reason}" for name, reason in FIXED.items()]
    return "\n".join(["A run that has begun cannot change:", "", *lines])


if __name__ == "__main__":
    print(options_page(), end="")
