from dataclasses import replace
from pathlib import Path

import pytest
import torch

from ganstyle.errors import ConfigError
from ganstyle.models.generator import Generator
from ganstyle.models.presets import preset
from ganstyle.models.pretrained import save_generator
from ganstyle.runtime import pick_runtime
from ganstyle.train.config import TrainConfig
from ganstyle.train.gan import Gan
from ganstyle.train.generator_config import generator_config
from ganstyle.train.init import initial_generator
from tests.conftest import info_for, lively_generator


@pytest.fixture
def config(tiny_preset: str, tmp_path: Path) -> TrainConfig:
    init = str(tmp_path / "other.safetensors")
    return TrainConfig(images=100, preset=tiny_preset, crop=64, init=init)


def _save(config: TrainConfig, generator: Generator) -> None:
    save_generator(Path(config.init), generator, info_for(generator))


def test_the_default_style_is_begun_with_where_all_its_weights_fit(
    config: TrainConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    shape = generator_config(config, None)
    monkeypatch.setattr("ganstyle.train.init.find_style", lambda _: Path(config.init))
    auto = replace(config, init="auto")
    for misfit in (
        replace(shape, widths=(8, 16)),
        replace(shape, decoder_blocks=(1, 2)),
        replace(shape, noise_cells=(1,)),
    ):
        _save(config, lively_generator(misfit))
        assert initial_generator(auto) is None
    _save(config, lively_generator(replace(shape, easel=None)))
    assert initial_generator(auto)
    assert initial_generator(replace(config, init="none")) is None


def test_a_named_generator_gives_what_fits_of_its_weights(config: TrainConfig) -> None:
    gan = Gan(config, pick_runtime("cpu", "float32"))
    _save(config, lively_generator(replace(gan.generator.config, widths=(8, 16))))
    other, kept = initial_generator(config), "decoder.up.0.weight"
    assert other
    deepest = gan.generator.get_parameter(kept).detach().clone()
    gan.begin_with(other)
    for own in (gan.generator, gan.ema):
        assert torch.equal(own.encoder.entrance.weight, other.encoder.entrance.weight)
        assert torch.equal(own.decoder.exit.weight, other.decoder.exit.weight)
        assert torch.equal(own.get_parameter(kept), deepest)


@pytest.mark.parametrize("name", ["fast", "deep"])
def test_a_named_generator_of_which_no_weight_fits_is_refused(
    name: str, config: TrainConfig
) -> None:
    """But for the bias of the exit, whose shape all generators have in common."""
    _save(config, Generator(preset(name)))
    with pytest.raises(ConfigError, match=r"no weight of .*other.* fits preset tiny"):
        initial_generator(config)
