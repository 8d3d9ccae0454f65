from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from ganstyle.models.generator import Generator
from ganstyle.models.pretrained import load_generator, load_matching_weights, save_generator
from ganstyle.runtime import int8_is_native
from ganstyle.styles import read_info
from ganstyle.train.config import TrainConfig
from ganstyle.train.dataset import Folders, load_folders
from ganstyle.train.precision import note_int8
from tests.conftest import TINY, info_for, lively_generator

needs_int8 = pytest.mark.skipif(not int8_is_native(), reason="needs fast 8-bit products")

CONFIG = TrainConfig(images=1, crop=64, content_size=128, style_size=80, hold_out=2)


@pytest.fixture
def folders(make_folder: Callable[..., Path]) -> Folders:
    return load_folders(make_folder("photos", 10), make_folder("prints", 4), CONFIG)


def _limit(monkeypatch: pytest.MonkeyPatch, mean: float) -> None:
    monkeypatch.setattr("ganstyle.painting.calibration._MOST_MEAN", mean)


@needs_int8
def test_a_style_gets_ranges_where_nobody_sees_8_bits_and_else_loses_them(
    checkpoint: Path, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = checkpoint.read_bytes()
    _limit(monkeypatch, 256)
    [line] = note_int8([checkpoint], folders)
    assert line.startswith("test.safetensors computes in 8 bits")
    measured = load_generator(checkpoint)
    assert measured.config.int8
    assert measured.ranges is not None
    assert (measured.ranges.of("decoder.exit") != 1).any()
    fresh = Generator(TINY)  # a training may start from it
    assert load_matching_weights(fresh, measured) == len(fresh.state_dict())

    _limit(monkeypatch, 0)
    [line] = note_int8([checkpoint], folders)
    assert line.startswith("test.safetensors keeps its precision")
    assert checkpoint.read_bytes() == before


@needs_int8
def test_styles_that_hold_the_same_are_measured_once(
    checkpoint: Path, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    _limit(monkeypatch, 256)
    paths = [checkpoint, *(checkpoint.with_name(f"{name}.safetensors") for name in "ab")]
    other = lively_generator(TINY)
    other.decoder.exit.weight.mul_(2)
    for path, generator in zip(paths[1:], (load_generator(checkpoint), other), strict=True):
        save_generator(path, generator, info_for(generator))
    lines = note_int8(paths, folders)
    assert [line.split()[0] for line in lines] == ["test.safetensors", "b.safetensors"]
    assert all(read_info(path).config["int8"] for path in paths)


@needs_int8
def test_weights_that_are_no_numbers_are_named(checkpoint: Path, folders: Folders) -> None:
    broken = lively_generator(TINY)
    broken.decoder.exit.weight.fill_(torch.nan)
    save_generator(checkpoint, broken, info_for(broken))
    [line] = note_int8([checkpoint], folders)
    assert "test.safetensors: decoder.exit.weight holds values that are not finite numbers" in line


@needs_int8
def test_a_single_picture_is_too_little_to_measure_by(
    checkpoint: Path, make_folder: Callable[..., Path]
) -> None:
    before = checkpoint.read_bytes()
    [line] = note_int8([checkpoint], load_folders(None, make_folder("one", 1), CONFIG))
    assert line.startswith("too few pictures")
    assert checkpoint.read_bytes() == before


def test_other_cpus_measure_nothing(
    checkpoint: Path, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ganstyle.train.precision.int8_is_native", lambda: False)
    before = checkpoint.read_bytes()
    assert note_int8([checkpoint], folders) == []
    assert checkpoint.read_bytes() == before
