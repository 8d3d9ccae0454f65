"""Damaged files of every kind: each is done or named with a reason, and none is a traceback."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from ganstyle.config import OutputConfig
from ganstyle.errors import CheckpointError
from ganstyle.images.formats import reads_avif, register_heif
from ganstyle.models.generator import Generator
from ganstyle.models.pretrained import load_generator
from ganstyle.painting.painter import Painter
from ganstyle.runtime import pick_runtime
from ganstyle.stylize.jobs import Destination
from ganstyle.stylize.pipeline import Pipeline
from ganstyle.stylize.plan import plan_jobs
from tests.conftest import picture

KINDS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "tif": "TIFF", "bmp": "BMP", "gif": "GIF"}
KINDS |= {"avif": "AVIF"} if reads_avif() else {}
KINDS |= {"heic": "HEIF"} if register_heif() else {}


def _mutated(data: bytes, chance: np.random.Generator) -> bytes:
    """Bytes flipped anywhere, or the end cut off, or fields near the start set to extremes."""
    damaged = bytearray(data)
    way = chance.integers(3)
    if way == 0:
        for at in chance.integers(len(damaged), size=chance.integers(1, 12)):
            damaged[at] ^= 1 << chance.integers(8)
    elif way == 1:
        del damaged[chance.integers(len(damaged)) :]
    else:
        at = chance.integers(min(len(damaged) - 4, 80))
        damaged[at : at + 4] = [bytes(4), b"\xff" * 4, b"\x7f" + b"\xff" * 3][chance.integers(3)]
    return bytes(damaged)


def test_mutated_pictures(tmp_path: Path, lively: Generator) -> None:
    chance = np.random.default_rng(0)
    (tmp_path / "in").mkdir()
    for index in range(300):
        ending, kind = list(KINDS.items())[index % len(KINDS)]
        frames = [picture(40, 30, seed=seed) for seed in range(2)]
        animated = (index // len(KINDS)) % 2 and kind not in ("JPEG", "BMP")
        several = {"save_all": True, "append_images": frames[1:]} if animated else {}
        stream = BytesIO()
        frames[0].save(stream, kind, **several)
        path = tmp_path / "in" / f"{index:03d}.{ending}"
        path.write_bytes(_mutated(stream.getvalue(), chance))
    jobs = plan_jobs(
        [tmp_path / "in"], Destination(tmp_path / "out", is_folder=True), OutputConfig()
    ).jobs
    painter = Painter(lively, runtime=pick_runtime("cpu", "float32"))
    outcomes = list(Pipeline(painter, OutputConfig(), "test").run(jobs))
    assert len(outcomes) == 300
    for outcome in outcomes:
        assert outcome.job.target.exists() == (outcome.status == "done")
        if outcome.status != "done":
            assert outcome.job.source.name in outcome.reason
    failed = sum(outcome.status == "failed" for outcome in outcomes)
    assert 50 < failed < 290  # the damage is real, and not all of it is fatal


def test_mutated_checkpoints(tmp_path: Path, checkpoint: Path) -> None:
    chance = np.random.default_rng(0)
    whole = checkpoint.read_bytes()
    header = int.from_bytes(whole[:8], "little") + 8
    refused = []
    for index in range(100):
        path = tmp_path / f"{index}.safetensors"
        # Half of the damage in the header, which is a small part of the file.
        if index % 2:
            path.write_bytes(_mutated(whole[:header], chance) + whole[header:])
        else:
            path.write_bytes(_mutated(whole, chance))
        try:
            load_generator(path)
        except CheckpointError as error:
            refused.append((path.name, str(error)))
    assert len(refused) > 30
    for name, message in refused:
        assert name in message
        assert "\n" not in message


def test_a_config_that_asks_for_all_memory_is_refused(tmp_path: Path, checkpoint: Path) -> None:
    data = checkpoint.read_bytes()
    assert data.count(b"[8, 12]") == 1
    path = tmp_path / "greedy.safetensors"
    path.write_bytes(data.replace(b"[8, 12]", b"[89999]"))
    with pytest.raises(CheckpointError, match=r"greedy.safetensors"):
        load_generator(path)
