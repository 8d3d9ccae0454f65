"""Options of the commands: those that several share, and those that configs declare."""

import gc
import tomllib
from collections.abc import Callable
from dataclasses import Field, fields, is_dataclass
from functools import cache, wraps
from inspect import Parameter, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from ganstyle.config import SMALLEST_TILE, check, declared
from ganstyle.errors import ConfigError

if TYPE_CHECKING:
    from ganstyle.runtime import Runtime

DONE, SOME_FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130

Device = Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")]
Precision = Annotated[str, typer.Option(help="auto, float32 or bfloat16.")]
TrainedPrecision = Annotated[str, typer.Option(help="auto, float32, bfloat16 or int8.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on stdout instead of text.")]


def with_options(command: Callable[..., None]) -> Callable[..., None]:
    """Command whose configs are asked for option by option, as typer needs it.

    Each keyword parameter that is a config stands for a parameter per flag that it declares.
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
            given[name] = config(**{of.name: given.pop(of.name) for of in _flags(config)})
        command(**given)

    run.__signature__ = shown.replace(parameters=parameters)  # type: ignore[attr-defined]
    return run


def configs_of(command: Callable[..., None]) -> dict[str, Any]:
    """Dataclasses among the types of a command's parameters, by the parameter's name."""
    types = {name: found.annotation for name, found in signature(command).parameters.items()}
    return {name: config for name, config in types.items() if is_dataclass(config)}


def _flags(config: Any) -> list[Field[Any]]:
    return [of for of in fields(config) if declared(of).flag]


def _parameter(of: Field[Any]) -> Parameter:
    """Parameter that typer makes an option of: --no-x is there for what is on by default."""
    name = declared(of).spelled or f"--{of.name.replace('_', '-')}"
    names = [name] if of.default is False or declared(of).spelled else []
    default = typer.Option(of.default, *names, help=declared(of).help)
    return Parameter(of.name, Parameter.KEYWORD_ONLY, default=default, annotation=of.type)


def read_options(path: Path, config: Any) -> dict[str, Any]:
    """Fields of a config that a TOML file sets.

    Raises ConfigError, naming the file, for what is no TOML, an unknown key, and a wrong type.
    """
    try:
        options = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read as TOML ({error}).") from error
    known = {of.name: of for of in fields(config)}
    for key, value in options.items():
        if key not in known:
            raise ConfigError(f"{path}: {key} is no option; known are {', '.join(known)}.")
        wanted = (*get_args(known[key].type), known[key].type)[0]  # int of int | None
        accepted = int | float if wanted is float else wanted
        if not isinstance(value, accepted) or isinstance(value, bool) != (wanted is bool):
            raise ConfigError(f"{path}: {key} is {value!r}; it must be of type {wanted.__name__}.")
    return options


def parse_tile(text: str) -> int | None:
    """Side of tiles, px: None for "auto", 0 for "off". Raises ConfigError for anything else."""
    if text == "auto":
        return None
    good = text == "off" or (text.isdecimal() and int(text) >= SMALLEST_TILE)
    check(good, "tile", text, f"auto, off, or a side of {SMALLEST_TILE} px or more")
    return 0 if text == "off" else int(text)


def set_up_runtime(device: str, precision: str, *, trained: bool = False) -> "Runtime":
    """The runtime asked for, with torch set up for it; what else needs torch is imported later.

    trained: whether it is for a network that is trained already, as pick_runtime needs to know.
    """
    _load_torch()
    from ganstyle.runtime import pick_runtime, tune_cpu

    tune_cpu()
    return pick_runtime(device, precision, trained=trained)


@cache
def _load_torch() -> None:
    """Import torch with the garbage collector at rest.

    Most of its half a million objects stay for good: searching them for garbage, again and again
    while they are made and once more later, takes a tenth of the time of the import.
    """
    gc.disable()
    try:
        import torch  # noqa: F401
    finally:
        gc.freeze()
        gc.enable()
