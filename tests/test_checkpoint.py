import json
import time
from dataclasses import asdict
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from ganstyle.checkpoint import load_state, save_state
from ganstyle.errors import CheckpointError
from ganstyle.models.generator import Generator
from ganstyle.models.pretrained import load_generator, save_generator
from ganstyle.styles import METADATA_KEY, read_info
from tests.conftest import PAINTING, info_for, lively_generator

LEVELS = ("widths", "encoder_blocks", "decoder_blocks")


def _rewrite(path: Path, change: dict[str, torch.Tensor | None], **facts: object) -> None:
    """Replace, add or (None) remove weights, and change facts of the description."""
    record = json.loads(read_info(path).to_json()) | facts
    weights = load_file(path)
    for name, tensor in change.items():
        weights.pop(name, None)
        if tensor is not None:
            weights[name] = tensor
    save_file(weights, path, metadata={METADATA_KEY: json.dumps(record)})


def test_a_generator_comes_back_in_half_precision(checkpoint: Path, lively: Generator) -> None:
    loaded = load_generator(checkpoint)
    assert loaded.config == lively.config
    assert not loaded.training
    for name, tensor in loaded.state_dict().items():
        assert torch.equal(tensor, lively.state_dict()[name].half().float())
    photo = torch.rand(1, 3, 16, 16)
    assert torch.allclose(loaded(photo), lively(photo), atol=2e-3)


def test_a_generator_comes_back_with_its_easel(tmp_path: Path) -> None:
    generator = lively_generator(PAINTING)
    save_generator(tmp_path / "a.safetensors", generator, info_for(generator))
    assert load_generator(tmp_path / "a.safetensors").config == PAINTING


def test_the_same_content_gives_the_same_bytes(tmp_path: Path, lively: Generator) -> None:
    files = [tmp_path / name for name in ("a.safetensors", "b.safetensors")]
    for file in files:
        save_generator(file, lively, info_for(lively, scores={"kid": 1.5}, held_out=("x.jpg",)))
    assert files[0].read_bytes() == files[1].read_bytes()


def test_the_description_survives(tmp_path: Path, lively: Generator) -> None:
    info = info_for(lively, title="Würfel", scores={"kid": 1.5}, held_out=("x.jpg", "y.jpg"))
    save_generator(tmp_path / "a.safetensors", lively, info)
    read = read_info(tmp_path / "a.safetensors")
    assert read.to_json() == info.to_json()
    assert read.held_out == ("x.jpg", "y.jpg")


def test_a_file_cut_anywhere_is_damaged(checkpoint: Path) -> None:
    whole = checkpoint.read_bytes()
    for length in (0, 4, 100, len(whole) // 2, len(whole) - 1):
        checkpoint.write_bytes(whole[:length])
        with pytest.raises(CheckpointError, match=r"test\.safetensors: .*(damaged|cut off)"):
            load_generator(checkpoint)


def test_weights_that_do_not_fit_are_named(checkpoint: Path) -> None:
    whole, name = checkpoint.read_bytes(), "encoder.entrance.bias"
    cases: list[tuple[dict[str, torch.Tensor | None], str]] = [
        ({name: None}, rf"1 weights missing \({name}\)"),
        ({"extra": torch.zeros(1)}, r"1 too many \(extra\)"),
        ({name: torch.zeros(3)}, rf"{name} has the shape \(3,\)"),
    ]
    for change, message in cases:
        checkpoint.write_bytes(whole)
        _rewrite(checkpoint, change)
        with pytest.raises(CheckpointError, match=message):
            load_generator(checkpoint)


def test_descriptions_that_do_not_fit_are_named(checkpoint: Path) -> None:
    whole = checkpoint.read_bytes()
    for facts, message in (
        ({"format": 3}, "format 3 of"),
        (
            {"format": 1},
            r"test\.safetensors: made by an earlier ganstyle, whose way of painting has been "
            r"retired; train the style again, or use a shipped one\.$",
        ),
        ({"config": {name: [4] * 9 for name in LEVELS}}, "9 levels; there may be 8"),
        ({"config": {"easel": {"side": 2}}}, "side is 2; it must be from 16 to 4096"),
        ({"config": {"easel": {"brush": 9}}}, "brush is 9; it must be from 0.25 to 8"),
        ({"config": {"easel": {"depth": 2}}}, "config is damaged"),
        ({"config": {"depth": 3}}, "config is damaged"),
        ({"config": {"widths": [8]}}, "one entry a level"),
        ({"surprise": 1}, "description is damaged"),
    ):
        checkpoint.write_bytes(whole)
        _rewrite(checkpoint, {}, **facts)
        with pytest.raises(CheckpointError, match=message):
            load_generator(checkpoint)


@pytest.mark.parametrize(
    "changes",
    [
        {name: [1] * 20 for name in LEVELS},
        {name: [1] * 100_000 for name in LEVELS},
        {"widths": [4096] * 2},
        {"widths": [10**9] * 2},
        {"widths": [8.5, 8]},
        {"widths": [float("nan"), 8]},
        {"widths": ["a", "b"]},
        {"widths": [True, True]},
        {"widths": None},
        {"encoder_blocks": [17, 0]},
        {"decoder_blocks": [-1, 0]},
        {"decoder_blocks": [10**9, 0]},
        {"noise_cells": [1] * 10**6},
        {"noise_cells": [10**9]},
        {"noise_cells": [1.5]},
        {"heights": 10**9},
        {"noise": "yes"},
        {"int8": 1},
        {"easel": [1, 2]},
        {"easel": {"side": 10**9}},
        {"easel": {"side": "a"}},
        {"easel": {"photo": 3}},
        {"easel": {"photo": {"radius": 1.5}}},
        {"easel": {"photo": {"factor": float("nan")}}},
        {"easel": {"tones": []}},
        {"easel": {"tones": {"pictures": [5]}}},
        {"easel": {"tones": {"pictures": [{"lightness": ["x"] * 17}]}}},
        {"easel": {"keep_tone": None}},
    ],
    ids=lambda changes: f"{changes}"[:40],
)
def test_a_crafted_config_is_refused_at_once(
    checkpoint: Path, lively: Generator, changes: dict[str, object]
) -> None:
    _rewrite(checkpoint, {}, config=asdict(lively.config) | changes)
    started = time.monotonic()
    with pytest.raises(CheckpointError, match=r"test\.safetensors: "):
        load_generator(checkpoint)
    assert time.monotonic() - started < 5  # it takes milliseconds


def test_the_largest_config_that_is_read_takes_no_time(checkpoint: Path, lively: Generator) -> None:
    largest = {"widths": [4096] * 8, "encoder_blocks": [16] * 8, "decoder_blocks": [16] * 8}
    _rewrite(checkpoint, {}, config=asdict(lively.config) | largest)
    started = time.monotonic()
    with pytest.raises(CheckpointError, match="does not fit its description"):
        load_generator(checkpoint)
    assert time.monotonic() - started < 10


def test_a_safetensors_file_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_file({"weight": torch.zeros(2)}, path)
    with pytest.raises(CheckpointError, match="not a ganstyle checkpoint"):
        load_generator(path)


def test_state_keeps_every_bit(tmp_path: Path) -> None:
    tensors = {"a": torch.randn(3), "b": torch.arange(4, dtype=torch.uint8)}
    save_state(tmp_path / "s.safetensors", tensors, {"steps": 3})
    back, facts = load_state(tmp_path / "s.safetensors")
    assert facts == {"steps": 3}
    assert all(torch.equal(back[name], tensor) for name, tensor in tensors.items())
