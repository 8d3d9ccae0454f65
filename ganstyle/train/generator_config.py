"""Config of the generator of a training."""

from dataclasses import replace

from ganstyle.models.generator import GeneratorConfig
from ganstyle.models.presets import preset
from ganstyle.sources.abstraction import Abstraction
from ganstyle.sources.easel import Easel
from ganstyle.sources.tones import Tones
from ganstyle.train.config import TrainConfig

_PHOTO_RADIUS = 3
"""Radius of the filter that takes texture out of photos, px of the reduced photo."""


def generator_config(config: TrainConfig, tones: Tones | None) -> GeneratorConfig:
    """Shape of the generator, and the easel of the style. tones: of the style images."""
    shape = preset(config.preset, invents=not config.is_paired)
    if config.is_paired:
        return shape
    easel = Easel(
        side=config.style_size,
        brush=config.brush,
        photo=Abstraction(factor=config.abstraction, radius=_PHOTO_RADIUS),
        refined=Abstraction(factor=config.refining_factor, radius=config.radius),
        tones=tones,
        keep_tone=config.keep_tone,
        palette=config.palette,
        tone_share=config.tone_share,
        invention=config.invention,
        draft_invention=config.draft_invention,
    )
    return replace(shape, easel=easel)
