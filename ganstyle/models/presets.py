"""Presets: shapes of generators by name."""

from dataclasses import replace

from ganstyle.errors import ConfigError
from ganstyle.models.generator import GeneratorConfig

PRESETS = {
    "fast": GeneratorConfig(encoder_blocks=(0, 0, 1), decoder_blocks=(1, 1, 2)),
    "standard": GeneratorConfig(encoder_blocks=(0, 0, 1), decoder_blocks=(1, 1, 3)),
    "large": GeneratorConfig(
        widths=(48, 96, 160), encoder_blocks=(0, 1, 2), decoder_blocks=(1, 2, 4)
    ),
    "deep": GeneratorConfig(
        widths=(32, 64, 128, 128),
        encoder_blocks=(1, 1, 1, 2),
        decoder_blocks=(1, 1, 2, 3),
        heights=True,
    ),
}
"""Generators by name. The body of `deep` works at 1/16, and it knows heights, so that it can tell
a sky from a lake in a sketch."""


def preset(name: str, *, paired: bool = False) -> GeneratorConfig:
    """The config of that name in PRESETS, with random maps.

    "auto" is deep for paired tasks, else standard; all but those of paired tasks have a palette.
    Raises ConfigError, naming the known ones, for another.
    """
    if name == "auto":
        name = "deep" if paired else "standard"
    if name not in PRESETS:
        raise ConfigError(f"preset {name}: unknown; use auto or {' or '.join(PRESETS)}.")
    return replace(PRESETS[name], noise=True, palette=not paired)
