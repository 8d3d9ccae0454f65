"""Options that several commands share, and options that configs declare."""

import gc
import tomllib
from collections.abc import Callable
from dataclasses import Field, fields, is_dataclass
from functools import cache, wraps
from inspect import Parameter, signature
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

import typer

from ganstyle.config import SMALLEST_TILE, check, declared
from ganstyle.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from ganstyle.runtime import Runtime

DONE, SOME_FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130

PERFORMANCE = "Performance"
"""Heading of options on speed and memory in the help."""

Device = Annotated[
    str, typer.Option(help="Device: auto, cpu, cuda or cuda:N.", rich_help_panel=PERFORMANCE)
]
Precision = Annotated[
    str, typer.Option(help="Precision: auto, float32 or bfloat16.", rich_help_panel=PERFORMANCE)
]
TrainedPrecision = Annotated[
    str,
    typer.Option(help="Precision: auto, float32, bfloat16 or int8.", rich_help_panel=PERFORMANCE),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on stdout instead of text.")]


def with_options(command: Callable[..., None]) -> Callable[..., None]:
    """Command with an option for each field of its configs, as typer needs it.

    Each keyword parameter that is a config becomes a parameter per flag that it declares.
    """
    shown, configs = signature(command), configs_of(command)
    parameters: list[Parameter] = []
    for name, parameter in shown.parameters.items():
        if name in configs:
            parameters += map(_parameter, _flags(configs[name]))
        else:
            parameters.append(parameter)

    @wraps(command)
    def run(**given: Any) -> None:
        for name, config in configs.items():
            given[name] = config(**{f.name: given.pop(f.name) for f in _flags(config)})
        command(**given)

    run.__signature__ = shown.replace(parameters=parameters)  # type: ignore[attr-defined]
    return run


def configs_of(command: Callable[..., None]) -> dict[str, Any]:
    """Configs among the types of a command's parameters, by the parameter's name."""
    types = {name: found.annotation for name, found in signature(command).parameters.items()}
    return {name: config for name, config in types.items() if is_dataclass(config)}


def _flags(config: Any) -> list[Field[Any]]:
    return [field for field in fields(config) if declared(field).flag]


def _parameter(field: Field[Any]) -> Parameter:
    """Parameter that typer turns into an option; a flag that is on by default gets a --no-x."""
    rules = declared(field)
    dashed = field.name.replace("_", "-")
    name = rules.spelled or f"--{dashed}"
    if field.default is True and not rules.spelled:
        name = f"{name}/--no-{dashed}"
    default = typer.Option(
        field.default,
        name,
        *([rules.short] if rules.short else []),
        help=rules.help,
        metavar=rules.metavar,
        rich_help_panel=rules.group or None,
    )
    # Typer knows no unions: what is a number or a path is told apart by the config.
    shown = str | None if rules.or_picture else field.type
    return Parameter(field.name, Parameter.KEYWORD_ONLY, default=default, annotation=shown)


def options_file(group: str, *configs: Any) -> Any:
    """Declaration of --config: a TOML file whose options the command line overrides."""

    def take_defaults(context: typer.Context, path: Path | None) -> Path | None:
        if path:
            context.default_map = {**(context.default_map or {}), **read_options(path, *configs)}
        return path

    return typer.Option(
        "--config",
        callback=take_defaults,
        is_eager=True,
        metavar="FILE",
        help="TOML file with any of these options.",
        rich_help_panel=group,
    )


def read_options(path: Path, *configs: Any) -> dict[str, Any]:
    """Fields of configs that a TOML file sets: keys are the names of the flags, with _ for -.

    Raises ConfigError, naming the file, for invalid TOML, an unknown key, and a wrong type.
    """
    try:
        options = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read as TOML ({error}).") from error
    known = {_key(field): field for config in configs for field in fields(config)}
    found: dict[str, Any] = {}
    for key, value in options.items():
        field = known.get(key)
        if field is None:
            raise ConfigError(f"{path}: unknown option: {key}; {did_you_mean(key, known)}")
        types = _types(field)
        if not any(_is_of(value, each) for each in types):
            wanted = " or ".join(each.__name__ for each in types)
            raise ConfigError(f"{path}: {key} is {value!r}; it must be of type {wanted}.")
        found[field.name] = value if list not in types or isinstance(value, list) else [value]
    return found


def _key(field: Field[Any]) -> str:
    """Name of a field in a file."""
    return (declared(field).spelled.removeprefix("--") or field.name).replace("-", "_")


def _types(field: Field[Any]) -> list[type]:
    """Types of a field's values in a file: a path is a str there, a list may be a single str."""
    given = get_args(field.type) if get_origin(field.type) is UnionType else (field.type,)
    types = [get_origin(each) or each for each in given if each is not NoneType]
    types = [str if each is Path else each for each in types] + [str] * (list in types)
    return list(dict.fromkeys(types))


def _is_of(value: object, wanted: type) -> bool:
    if wanted is list:
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    accepted = int | float if wanted is float else wanted
    return isinstance(value, accepted) and isinstance(value, bool) == (wanted is bool)


def parse_tile(text: str) -> int | None:
    """Side of tiles, px: None for "auto", 0 for "off". Raises ConfigError for anything else."""
    if text == "auto":
        return None
    good = text == "off" or (text.isdecimal() and int(text) >= SMALLEST_TILE)
    check(good, "tile", text, f"auto, off, or a side of {SMALLEST_TILE} px or more")
    return 0 if text == "off" else int(text)


def set_up_runtime(device: str, precision: str, *, trained: bool = False) -> "Runtime":
    """The requested runtime, with torch set up for it.

    trained: whether it is for a network that is trained already, as pick_runtime needs to know.
    """
    _load_torch()
    from ganstyle.runtime import pick_runtime, tune_cpu

    tune_cpu()
    return pick_runtime(device, precision, trained=trained)


@cache
def _load_torch() -> None:
    """Import torch with the garbage collector switched off.

    Most of its half a million objects stay for good: searching them for garbage takes a tenth of
    the time of the import.
    """
    gc.disable()
    try:
        import torch  # noqa: F401
    finally:
        gc.freeze()
        gc.enable()
