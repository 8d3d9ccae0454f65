from dataclasses import replace

from ganstyle.config import DEFAULT_STYLE
from ganstyle.images.tensors import to_tensor
from ganstyle.models.generator import GeneratorConfig
from ganstyle.models.presets import preset
from ganstyle.sources.abstraction import Abstraction
from ganstyle.sources.easel import Easel
from ganstyle.sources.tones import Tones
from ganstyle.styles import find_style, read_info
from ganstyle.train.config import TrainConfig
from ganstyle.train.generator_config import generator_config
from tests.conftest import picture


def test_the_easel_is_that_of_the_options_and_of_the_style_pictures() -> None:
    tones = Tones.of([to_tensor(picture(40, 30, seed=seed)) for seed in range(2)])
    config = TrainConfig(
        images=1,
        preset="fast",
        style_size=300,
        brush=1.5,
        abstraction=2.5,
        finest=2.0,
        coarsest=6.0,
        radius=1,
        keep_tone=0.1,
        palette=0.2,
        tone_share=0.3,
        invention=0.7,
        draft_invention=0.9,
    )
    shape = generator_config(config, tones)
    easel = shape.easel
    assert easel is not None
    assert easel == Easel(
        side=300,
        brush=1.5,
        photo=Abstraction(factor=2.5, radius=easel.photo.radius),
        refined=Abstraction(factor=3, radius=1),
        tones=tones,
        keep_tone=0.1,
        palette=0.2,
        tone_share=0.3,
        invention=0.7,
        draft_invention=0.9,
    )
    assert easel.photo_side == 200
    assert replace(shape, easel=None) == preset("fast")


def test_pairs_are_drawn_on_as_they_are() -> None:
    shape = generator_config(TrainConfig(images=1, task="paired", preset="fast"), None)
    assert shape == preset("fast", invents=False)
    assert shape.easel is None


def test_auto_is_the_shape_of_the_default_style() -> None:
    """Or no training would begin with its weights."""
    shape = generator_config(TrainConfig(images=1), None)
    default = GeneratorConfig(**read_info(find_style(DEFAULT_STYLE)).config)
    same = {"easel": None, "int8": False}
    assert replace(shape, **same) == replace(default, **same)  # type: ignore[arg-type]
