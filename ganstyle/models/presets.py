"""Presets: configs of generators by name."""

from dataclasses import replace

from ganstyle.errors import ConfigError
from ganstyle.models.generator import NOISE_CELLS, GeneratorConfig

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
"""Generators by name. The body of `deep` works at 1/16 of the resolution; it knows heights, so that
it can tell a sky from a lake in a draft."""

INVENTION_CELLS = (*NOISE_CELLS, 24, 64)
"""Cells of the random maps of a generator for drafts: they decide what an area of one colour holds,
say a cloud or the light of a whole sky."""


def preset(name: str, *, invents: bool = True) -> GeneratorConfig:
    """Config of that name in PRESETS, with random maps; "auto" is deep.

    invents: whether its sources leave more open than grain and strokes, as drafts do.
    Raises ConfigError, naming the known ones, for another.
    """
    name = "deep" if name == "auto" else name
    if name not in PRESETS:
        raise ConfigError(f"preset {name}: unknown; use auto or {' or '.join(PRESETS)}.")
    cells = INVENTION_CELLS if invents else NOISE_CELLS
    return replace(PRESETS[name], noise=True, noise_cells=cells)
