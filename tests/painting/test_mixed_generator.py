"""Styles that paint together, level by level."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ganstyle.config import Dials
from ganstyle.errors import CheckpointError
from ganstyle.models.generator import Generator, GeneratorConfig
from ganstyle.models.pretrained import save_generator
from ganstyle.painting.mixed_generator import MixedGenerator
from ganstyle.painting.painter import Painter
from ganstyle.runtime import Runtime, pick_runtime
from tests.conftest import PAINTING, TINY, info_for, lively_generator, picture

FLOAT32 = pick_runtime("cpu", "float32")
PHOTO, DRAFT = Dials(treat_as="photo", faces=False), Dials(treat_as="draft")


def _other(config: GeneratorConfig = PAINTING) -> Generator:
    """A generator that paints otherwise than the lively one."""
    generator = lively_generator(config)
    for parameter in generator.parameters():
        parameter.mul_(1.5)
    return generator


def _saved(path: Path, generator: Generator) -> Path:
    save_generator(path, generator, info_for(generator, style=path.stem))
    return path


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """Two styles, the second on an easel of its own."""
    assert PAINTING.easel
    config = replace(PAINTING, easel=replace(PAINTING.easel, side=48))
    return (
        _saved(tmp_path / "one.safetensors", lively_generator(PAINTING)),
        _saved(tmp_path / "two.safetensors", _other(config)),
    )


def _painted(style: str | Path, dials: Dials, image: Image.Image) -> np.ndarray:
    return np.asarray(Painter(style, dials, runtime=FLOAT32).paint([image])[0], float)


@pytest.mark.parametrize("tile", [0, 64])
def test_a_level_is_the_mean_by_weight_of_what_each_paints(tile: int) -> None:
    parts = [(lively_generator(PAINTING), 0.75), (_other(), 0.25)]
    sources = torch.from_numpy(np.asarray(picture(90, 140))[None].copy())
    mixed = MixedGenerator(parts, FLOAT32, tile)(sources, 3, 0.5, 1.0)
    alone = [MixedGenerator([(g, 1.0)], FLOAT32, tile)(sources, 3, 0.5, 1.0) for g, _ in parts]
    expected = 0.75 * alone[0].float() + 0.25 * alone[1].float()
    assert (alone[0].float() - alone[1].float()).abs().mean() > 2
    assert (mixed.float() - expected).abs().max() <= 0.5 + 1e-3


@pytest.mark.parametrize("dials", [PHOTO, DRAFT])
def test_levels_are_mixed_before_the_next_ones(dials: Dials, pair: tuple[Path, Path]) -> None:
    one, two = map(str, pair)
    image = picture(240, 200)
    painter = Painter(f"{one}:1,{two}:1", dials, runtime=FLOAT32)
    assert len(painter.prepare(image).levels) > 1
    assert painter.easel
    assert painter.easel.side == 40
    [together] = painter.paint([image])
    assert together.size == image.size
    later = (_painted(one, dials, image) + _painted(two, dials, image)) / 2
    assert np.abs(np.asarray(together) - later).mean() > 0.5  # not two finished paintings


def test_a_style_mixed_with_itself_is_itself(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    assert PAINTING.easel
    narrow = replace(PAINTING, easel=replace(PAINTING.easel, invention=0.6))
    twin = _saved(tmp_path / "twin.safetensors", lively_generator(narrow))
    dials, image = replace(PHOTO, invention=0.5), picture(120, 90)
    alone, mixed = (_painted(style, dials, image) for style in (pair[0], f"{pair[0]},{twin}"))
    assert np.abs(alone - mixed).max() <= 1


def test_dials_seeds_and_order_work_as_for_one_style(pair: tuple[Path, Path]) -> None:
    one, two = map(str, pair)
    image = picture(120, 90)
    first = _painted(f"{one}:0.6,{two}:0.4", PHOTO, image)
    assert (first == _painted(f"{two}:4,{one}:6", PHOTO, image)).all()
    for other in (f"{one}:0.4,{two}:0.6", one, two):
        assert (first != _painted(other, PHOTO, image)).any()
    assert (first != _painted(f"{one}:0.6,{two}:0.4", replace(PHOTO, seed=1), image)).any()


def test_8_bits_are_for_styles_that_all_have_them() -> None:
    measured = Generator(replace(PAINTING, int8=True)).requires_grad_(False).eval()
    runtime = Runtime(FLOAT32.device, torch.float32, int8=True)
    parts = [(measured, 0.5), (lively_generator(PAINTING), 0.5)]
    assert not MixedGenerator(parts, runtime).runtime.int8


def test_a_style_of_pairs_does_not_mix(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    pairs = _saved(tmp_path / "pairs.safetensors", lively_generator(TINY))
    with pytest.raises(CheckpointError, match="trained on pairs cannot be mixed"):
        Painter(f"{pair[0]}:0.5,{pairs}:0.5", runtime=FLOAT32)
