from collections.abc import Callable
from pathlib import Path

import torch

from ganstyle.checkpoint import load_state
from ganstyle.runtime import pick_runtime
from ganstyle.train.config import TrainConfig
from ganstyle.train.dataset import load_folders
from ganstyle.train.gan import Gan
from ganstyle.train.run_folder import RunFolder
from ganstyle.train.state import TrainingState
from ganstyle.train.step_rng import StepRng


def test_a_state_has_the_keys_of_all_that_changes(
    tmp_path: Path, tiny_preset: str, make_folder: Callable[..., Path]
) -> None:
    """By name, so that a later release can resume a run; random numbers follow from the step."""
    config = TrainConfig(
        images=2, preset=tiny_preset, crop=64, batch=1, content_size=96, style_size=80
    )
    folders = load_folders(make_folder("a", 5), make_folder("b", 5), config)
    run, gan = RunFolder(tmp_path / "run"), Gan(config, pick_runtime("cpu", "float32"))
    state = TrainingState(run, gan, folders, print)
    rng = StepRng.of_step(0, 0, gan.runtime.device, gan.ranks)
    state.averager.add(gan.step(folders.crops.sample(1, rng.generator), rng))
    state.balance.levels["patch"] = 0.5
    state.save(7.0)
    tensors, facts = load_state(run / "state.safetensors")
    assert facts == {
        "steps": 1,
        "seconds": 7.0,
        "best": state.best.state(),
        "pilot": {
            "levels": {"projected": 0.0, "patch": 0.5},
            "sums": {},
            "reports": 0,
            "setbacks": 0,
        },
        "window": state.averager.counts,
    }
    assert "window.loss/generator" in tensors
    assert {name.split(".")[0] for name in tensors} == {
        *("generator", "ema", "discriminators", "optimizer", "window")
    }
    optimizers = {".".join(name.split(".")[1:3]) for name in tensors if name.startswith("opt")}
    assert optimizers == {"generator.AdamW", "generator.Muon", "discriminators.AdamW"}
    assert {"discriminators.projected.mix.0.weight", "ema.encoder.entrance.weight"} < tensors.keys()

    rates = state.averager.sums["loss/generator"].clone()
    state.averager.sums.clear()
    state.balance.levels["patch"] = 0.0
    assert state.restore() == 7.0
    assert torch.equal(state.averager.sums["loss/generator"], rates)
    assert state.balance.levels["patch"] == 0.5
