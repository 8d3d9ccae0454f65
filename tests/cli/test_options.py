"""Options that configs declare, on the command line and in files."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.core import TyperOption
from typer.testing import CliRunner

from ganstyle.cli.options import parse_tile, read_options, with_options
from ganstyle.config import option
from ganstyle.errors import ConfigError

FILE: dict[str, object] = {}
"""Options as a file sets them."""


@dataclass(frozen=True, kw_only=True)
class Kitchen:
    spoons: int = option(3, "How many there are.")
    knife_edge: float | None = option(None, "How sharp, mm.")
    open_fire: bool = option(False, "Cook on flames.")
    fan: bool = option(True, "Keep the air clean.")
    taste: str = option("salt", "What it is done with.", spelled="--with")
    owner: str = option("nobody", "Said elsewhere.", flag=False)


@dataclass(frozen=True, kw_only=True)
class Pantry:
    shelves: list[str] | None = option(None, "What stands on them.")
    light: float | Path | None = option(None, "How bright, or as in.", or_picture=True)


def _use_file(context: typer.Context, value: bool) -> bool:
    if value:
        context.default_map = dict(FILE)
    return value


app = typer.Typer(rich_markup_mode=None)


@app.command()
@with_options
def cook(
    dish: str,
    *,
    kitchen: Kitchen,
    file: Annotated[bool, typer.Option("--file", callback=_use_file, is_eager=True)] = False,
) -> None:
    """Cook a dish."""
    print(json.dumps([dish, asdict(kitchen)]))


def cooked(*arguments: str) -> dict[str, object]:
    done = CliRunner().invoke(app, ["soup", *arguments])
    assert done.exit_code == 0, done.output
    dish, kitchen = json.loads(done.stdout)
    assert dish == "soup"
    assert isinstance(kitchen, dict)
    return kitchen


def test_a_config_is_made_of_its_options() -> None:
    usual = asdict(Kitchen())
    assert cooked() == usual
    asked = cooked(
        *("--spoons", "5", "--knife-edge", "0.1", "--open-fire", "--no-fan", "--with", "love")
    )
    changed = {"spoons": 5, "knife_edge": 0.1, "open_fire": True, "fan": False, "taste": "love"}
    assert asked == usual | changed


def test_typer_is_told_what_is_declared() -> None:
    found = typer.main.get_command(app).params
    params = {param.name: param for param in found if isinstance(param, TyperOption)}
    assert list(params)[:5] == ["spoons", "knife_edge", "open_fire", "fan", "taste"]
    assert "owner" not in params
    assert params["spoons"].opts == ["--spoons"]
    assert params["spoons"].default == 3
    assert params["spoons"].help == "How many there are."
    assert params["open_fire"].secondary_opts == []
    assert params["fan"].secondary_opts == ["--no-fan"]
    assert params["taste"].opts == ["--with"]


def test_the_command_line_wins_over_a_file_and_that_over_the_defaults(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {"spoons": 7, "fan": False, "knife_edge": 2}.items():
        monkeypatch.setitem(FILE, name, value)
    asked = cooked("--file", "--spoons", "3", "--fan")  # the defaults, but asked for
    assert asked == asdict(Kitchen(knife_edge=2))
    assert cooked("--file") == asdict(Kitchen(spoons=7, fan=False, knife_edge=2))


def test_types_in_a_file_are_those_declared(tmp_path: Path) -> None:
    path = tmp_path / "kitchen.toml"
    path.write_text("spoons = 1\nknife_edge = 1\nopen_fire = true\nowner = 'me'\n")
    asked = {"spoons": 1, "knife_edge": 1, "open_fire": True, "owner": "me"}
    assert read_options(path, Kitchen) == asked
    for text, message in (
        ("spoons = 1.5", "spoons is 1.5; it must be of type int."),
        ("spoons = true", "spoons is True; it must be of type int."),
        ("knife_edge = 'x'", "knife_edge is 'x'; it must be of type float."),
        ("open_fire = 1", "open_fire is 1; it must be of type bool."),
        (
            "forks = 1",
            "unknown option: forks; known are spoons, knife_edge, open_fire, fan, with, owner.",
        ),
        ("spoon = 1", "unknown option: spoon; did you mean spoons?"),
        ("spoons", "cannot be read as TOML"),
    ):
        path.write_text(text)
        with pytest.raises(ConfigError) as caught:
            read_options(path, Kitchen)
        assert str(caught.value).startswith(f"{path}: {message}")
    with pytest.raises(ConfigError, match="cannot be read as TOML"):
        read_options(tmp_path / "none.toml", Kitchen)


def test_a_file_may_set_options_of_several_configs_by_their_flags(tmp_path: Path) -> None:
    path = tmp_path / "kitchen.toml"
    path.write_text("with = 'pepper'\nshelves = ['oil', 'salt']\nlight = 'sun.jpg'\n")
    asked = {"taste": "pepper", "shelves": ["oil", "salt"], "light": "sun.jpg"}
    assert read_options(path, Kitchen, Pantry) == asked
    path.write_text("shelves = 'oil'\nlight = 1\n")
    assert read_options(path, Kitchen, Pantry) == {"shelves": ["oil"], "light": 1}
    for text, message in (
        ("taste = 'salt'", "unknown option: taste; known are"),
        ("shelf = 'oil'", "unknown option: shelf; did you mean shelves?"),
        ("shelves = [1]", "shelves is [1]; it must be of type list or str."),
        ("light = true", "light is True; it must be of type float or str."),
    ):
        path.write_text(text)
        with pytest.raises(ConfigError) as caught:
            read_options(path, Kitchen, Pantry)
        assert str(caught.value).startswith(f"{path}: {message}")


def test_tiles_are_read_or_refused() -> None:
    assert [parse_tile(text) for text in ("auto", "off", "64")] == [None, 0, 64]
    for wrong in ("63", "-64", "", "x"):
        with pytest.raises(ConfigError, match="auto, off, or a side of 64 px or more"):
            parse_tile(wrong)
