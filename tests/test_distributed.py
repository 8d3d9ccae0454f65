"""Several processes do together what one would."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import torch

from ganstyle.data.crops import Batch, Crops
from ganstyle.distributed import Ranks, join_ranks
from ganstyle.metrics.scores import Scores
from ganstyle.models.presets import PRESETS
from ganstyle.runtime import pick_runtime
from ganstyle.train.balance import BalanceController
from ganstyle.train.config import TrainConfig
from ganstyle.train.dataset import load_folders
from ganstyle.train.gan import Gan
from ganstyle.train.step_rng import StepRng
from ganstyle.train.trainer import Trainer
from tests.cli.running import ENVIRONMENT, run
from tests.conftest import TINY

TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
TORCHRUN += ["--nproc-per-node", "2", "-m", "ganstyle"]
TwoRanks = tuple[list[subprocess.Popen[bytes]], Path]
STEPS = {"unpaired": 3, "paired": 2}
"""Steps by task."""


@pytest.fixture(autouse=True)
def _float32_again(tiny_preset: str) -> Iterator[None]:
    yield
    torch.set_default_dtype(torch.float32)


def _play(task: str, ranks: Ranks) -> dict[str, torch.Tensor]:
    """Some steps on random crops in float64; returns all that the game has learnt.

    In float32 rounding alone grows to 1e-4 in some steps: orthogonal updates lift the smallest
    directions of a gradient, which are all rounding, to the size of the largest.
    """
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    PRESETS["tiny"] = replace(TINY, heights=True)
    config = TrainConfig(images=100, task=task, preset="tiny", crop=64, batch=4, warmup=0)
    gan = Gan(config, pick_runtime("cpu", "float32"), ranks)
    gan.feature_extractor.double()
    # Noise and augmentation are shared too.
    gan.set_rates(0.0, BalanceController({"projected": 0.5, "patch": 0.5}))
    for step in range(STEPS[task]):
        rng = StepRng.of_step(config.seed, step, gan.runtime.device, ranks)
        images = torch.rand(2, 4, 3, config.crop, config.crop, generator=rng.generator)
        edges = torch.rand(2, 4, 2, generator=rng.generator).sort(-1).values * 2 - 1
        batch = Batch(*(Crops(*both) for both in zip(images, edges, strict=True)))
        gan.step(batch.map(ranks.own_rows), rng)
    return gan.state()


@pytest.fixture(scope="module")
def two_ranks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoRanks]:
    """Two processes that play both tasks together, and the folder that gets their states."""
    folder = tmp_path_factory.mktemp("ranks")
    with _two_processes("main", folder) as workers:
        yield workers, folder


@contextmanager
def _two_processes(function: str, folder: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Two ranks that call a function of this module, with the folder as their argument."""
    code = f"from tests.test_distributed import {function}; {function}()"
    environment = os.environ | {"OMP_NUM_THREADS": "1", "MASTER_ADDR": "127.0.0.1"}
    environment |= {"MASTER_PORT": str(_free_port()), "WORLD_SIZE": "2"}
    arguments = [sys.executable, "-c", code, str(folder)]
    with ExitStack() as stack:
        yield [
            stack.enter_context(subprocess.Popen(arguments, env=environment | {"RANK": str(rank)}))
            for rank in range(2)
        ]


@pytest.mark.parametrize("task", STEPS)
def test_two_ranks_with_half_the_batch_learn_what_one_learns(
    task: str, two_ranks: TwoRanks
) -> None:
    workers, folder = two_ranks
    alone = _play(task, Ranks())
    assert [worker.wait() for worker in workers] == [0, 0]
    two = torch.load(folder / f"{task}.pt", weights_only=True)
    assert alone.keys() == two.keys()
    assert any(name.startswith("optimizer") for name in alone)
    for name, tensor in alone.items():
        assert torch.allclose(tensor, two[name], rtol=1e-5, atol=1e-5), name


def main() -> None:
    """One of the two ranks."""
    ranks = join_ranks()
    for task in STEPS:
        state = _play(task, ranks)
        if ranks.rank == 0:
            torch.save(state, Path(sys.argv[1]) / f"{task}.pt")
    ranks.leave()


def test_rank_0_scores_and_decides_for_all(
    tmp_path: Path, make_folder: Callable[..., Path]
) -> None:
    """Rank 1 would find no improvement and stop at once; rank 0 finds one at each scoring."""
    make_folder("prints", 10)
    with _two_processes("train_with_scores_of_its_own", tmp_path) as workers:
        try:
            codes = [worker.wait(timeout=120) for worker in workers]
        finally:
            for worker in workers:
                worker.kill()
    assert codes == [0, 0]
    first, second = (json.loads((tmp_path / f"{rank}.json").read_text()) for rank in range(2))
    assert first == second
    assert first["steps"] == 4
    assert first["best"] == first["scored"] == 4


def train_with_scores_of_its_own() -> None:
    """One of two ranks whose scores say opposite things."""
    torch.set_num_threads(1)
    PRESETS["tiny"] = TINY
    folder, ranks = Path(sys.argv[1]), join_ranks()
    scored = 0

    def score(*_: object) -> Scores:
        nonlocal scored
        scored += 1
        kid = 1.0 / scored if ranks.rank == 0 else float(scored)
        return Scores(kid=kid, kid_photos=2, kid_floor=0, content=1, pictures=2)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ganstyle.train.trainer.Validator.score", score)
        patch.setattr("ganstyle.train.trainer.note_int8", lambda *_: [])
        patch.setattr("ganstyle.train.trainer.REPORT_STEPS", 1)
        config = TrainConfig(
            images=8, preset="tiny", crop=64, batch=2, style_size=80, patience=1, init="none"
        )
        runtime = pick_runtime("cpu", "float32")
        folders = load_folders(None, folder / "prints", config)
        trainer = Trainer(folder / "run", config, runtime, folders, 0.0, print, ranks)
        trainer.begin(None)
        trainer.fit(lambda _: None, lambda: False)
    best = trainer.state.best.images_seen // config.batch
    found = {"steps": trainer.gan.steps, "best": best, "scored": trainer.validated_steps}
    (folder / f"{ranks.rank}.json").write_text(json.dumps(found))
    ranks.leave()


def test_a_rank_that_hears_nothing_gives_up_after_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that died on another machine must not keep the others, and their GPUs, for days."""
    asked: dict[str, Any] = {}

    def join(backend: str, timeout: timedelta) -> None:
        asked.update(backend=backend, timeout=timeout)

    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setattr("torch.distributed.init_process_group", join)
    monkeypatch.setattr("torch.distributed.get_rank", lambda: 1)
    assert join_ranks() == Ranks(1, 2)
    assert timedelta(minutes=10) <= asked["timeout"] <= timedelta(hours=1)


def test_torchrun_trains_into_one_folder(tmp_path: Path, make_folder: Callable[..., Path]) -> None:
    photos, prints = make_folder("photos", 5, (110, 100)), make_folder("prints", 10, (110, 100))
    command = [*TORCHRUN, "train", str(photos), str(prints), str(tmp_path / "run")]
    options = "--images 4 --batch 2 --crop 64 --content-size 100 --style-size 100 --preset fast"
    for images in ("4", "6"):  # begun, and continued
        asked = options.replace("--images 4", f"--images {images}").split()
        done = subprocess.run([*command, *asked], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert done.stderr.count("Done:") == 1  # one of them speaks
    assert "resumed after 4 images" in done.stderr
    lines = [
        json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()
    ]
    assert [line["images_seen"] for line in lines] == [4, 6]


def test_two_ranks_score_as_one(tmp_path: Path, make_folder: Callable[..., Path]) -> None:
    photos, prints = make_folder("photos", 7), make_folder("prints", 9, (110, 100))
    (photos / "03.png").write_text("broken")
    (prints / "05.png").write_text("broken")
    arguments = ["evaluate", str(photos), str(prints), "--results", str(photos), "--json"]
    arguments += ["--size", "64", "--crop", "48", "--grid", "2", "--crops", "4"]
    arguments += ["--device", "cpu", "--precision", "float32"]
    command = [*TORCHRUN, *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT
    ) as ranks:
        one = run(*arguments)
        scores, errors = ranks.communicate()
    assert one.returncode == ranks.returncode == 0, errors
    assert json.loads(scores) == json.loads(one.stdout)  # and it stands there once
    for name in ("photos/03.png", "prints/05.png"):
        assert one.stderr.count(name) == errors.count(name) == 1


def test_a_batch_that_cannot_be_shared_is_refused(
    tmp_path: Path, make_folder: Callable[..., Path]
) -> None:
    from ganstyle.errors import ConfigError
    from ganstyle.train.run import train

    photos, prints = make_folder("photos", 5), make_folder("prints", 5)
    config = TrainConfig(images=4, batch=3)
    runtime = pick_runtime("cpu", "float32")
    with pytest.raises(ConfigError, match="2 processes share it"):
        train(photos, prints, tmp_path / "run", config, runtime, ranks=Ranks(0, 2))


def _free_port() -> int:
    import socket

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
