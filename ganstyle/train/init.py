"""Weights that a fresh run starts from."""

import torch

from ganstyle.config import DEFAULT_STYLE
from ganstyle.errors import ConfigError
from ganstyle.models.generator import Generator
from ganstyle.models.pretrained import load_generator
from ganstyle.styles import find_style
from ganstyle.train.config import AUTO, NONE, TrainConfig
from ganstyle.train.generator_config import generator_config


def initial_generator(config: TrainConfig) -> Generator | None:
    """Generator whose weights config.init names; None for fresh ones.

    Raises CheckpointError when there is no such style, ConfigError when none of its weights fit.
    """
    if config.init in ("", NONE):
        return None
    with torch.device("meta"):
        own = _shapes(Generator(generator_config(config, tones=None)))
    if config.init == AUTO:
        default = load_generator(find_style(DEFAULT_STYLE))
        return default if _shapes(default) == own else None
    other = load_generator(find_style(config.init))
    common = own.items() & _shapes(other).items()
    if not any(len(shape) > 1 for _, shape in common):  # the exit's bias fits every generator
        raise ConfigError(
            f"init: no weight of {config.init} fits preset {config.preset}; "
            "use the preset that it was trained with, or start with --init none."
        )
    return other


def _shapes(generator: Generator) -> dict[str, torch.Size]:
    return {name: weight.shape for name, weight in generator.named_parameters()}
