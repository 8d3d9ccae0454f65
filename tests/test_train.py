import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ganstyle.checkpoint import load_generator, load_state
from ganstyle.config import TrainConfig
from ganstyle.data.imageio import read_image
from ganstyle.errors import CheckpointError, ConfigError, DataError, GanstyleError
from ganstyle.game import Game
from ganstyle.metrics.scores import Scores
from ganstyle.runtime import Runtime, pick_runtime
from ganstyle.session import Report
from ganstyle.styles import read_info
from ganstyle.stylize import stylize_image
from ganstyle.train import train

MakeFolder = Callable[..., Path]


@pytest.fixture
def runtime() -> Runtime:
    return pick_runtime("cpu", "float32")


@pytest.fixture
def config(tiny_preset: str) -> TrainConfig:
    return TrainConfig(
        images=8, preset=tiny_preset, crop=64, batch=2, content_size=128, style_size=80, hold_out=2
    )


def test_a_run_leaves_all_that_the_readme_promises(
    tmp_path: Path, make_folder: MakeFolder, config: TrainConfig, runtime: Runtime
) -> None:
    reports: list[Report] = []
    run = tmp_path / "run"
    config = replace(config, title="blobs", licence="CC0")
    content, style = make_folder("photos", 10), make_folder("prints", 10)
    scores = train(content, style, run, config, runtime, on_report=reports.append)
    assert scores is not None
    assert scores.pictures == 2
    info = read_info(run / "checkpoint.safetensors")
    assert (info.style, info.title, info.licence, info.images_seen) == ("run", "blobs", "CC0", 8)
    assert info.scores == scores.as_dict()
    assert info.held_out == ("02", "07")
    assert json.loads((run / "config.json").read_text())["content"] == str(content.resolve())
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert lines[-1]["images_seen"] == reports[-1].images_seen == 8
    assert 0 <= lines[-1]["values"]["fooled/patch"] <= 1
    assert len(list((run / "previews").iterdir())) >= 3
    stylize_image(Image.new("RGB", (5, 3)), load_generator(run / "checkpoint.safetensors"))


def test_it_learns_the_colour_of_the_style(
    tmp_path: Path, config: TrainConfig, runtime: Runtime, make_folder: MakeFolder
) -> None:
    """Blue-gray noise for photos, orange-red noise for the style: results must warm up."""
    for name, tint in (("gray", (90, 110, 140)), ("warm", (220, 120, 60))):
        folder = make_folder(name, 0)
        for seed in range(5):
            noise = np.random.default_rng(seed).integers(-25, 25, (80, 80, 3))
            Image.fromarray((noise + tint).astype(np.uint8)).save(folder / f"{seed}.png")
    config = replace(config, images=160, content_weight=0, lr=3e-3, warmup=5, hold_out=1)
    train(tmp_path / "gray", tmp_path / "warm", tmp_path / "run", config, runtime)
    generator = load_generator(tmp_path / "run" / "checkpoint.safetensors")
    photo = read_image(tmp_path / "gray" / "2.png")
    red, _, blue = np.asarray(stylize_image(photo, generator), dtype=float).mean((0, 1))
    assert red - blue > 0  # the photo: 90 - 140 = -50; the style: 160


def test_an_interrupted_run_goes_on(
    tmp_path: Path,
    make_folder: MakeFolder,
    config: TrainConfig,
    runtime: Runtime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content, style, run = make_folder("photos", 5), make_folder("prints", 5), tmp_path / "run"
    step, calls = Game.step, 0

    def count(self: Game, *arguments: object) -> dict[str, torch.Tensor]:
        nonlocal calls
        calls += 1
        return step(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Game, "step", count)
    with pytest.raises(KeyboardInterrupt):
        train(content, style, run, config, runtime, should_stop=lambda: calls == 2)
    assert load_state(run / "state.safetensors")[1]["steps"] == 2

    messages: list[str] = []
    train(content, style, run, config, runtime, on_message=messages.append)
    assert any("going on after 4 images" in message for message in messages)
    assert load_state(run / "state.safetensors")[1]["steps"] == 4
    assert calls == 2 + 2


def test_an_interrupted_run_gives_the_same_bits(
    tmp_path: Path, make_folder: MakeFolder, config: TrainConfig, runtime: Runtime
) -> None:
    """Killed after any save: networks, optimisers, data order and noise go on as if nothing was."""
    content, style = make_folder("photos", 10), make_folder("prints", 10)
    config = replace(config, images=20, name="same")
    train(content, style, tmp_path / "whole", config, runtime)
    step = Game.step
    for last in (3, 7):
        run = tmp_path / f"killed after {last}"

        def killed(self: Game, *arguments: object, last: int = last) -> dict[str, torch.Tensor]:
            if self.steps == last:
                raise SystemExit  # no handler saves anything, as with kill -9
            return step(self, *arguments)  # type: ignore[arg-type]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Game, "step", killed)
            with pytest.raises(SystemExit):
                train(content, style, run, config, runtime)
        torch.manual_seed(99)  # another process knows nothing of the first one's chance
        train(content, style, run, config, runtime)
        for name in ("checkpoint.safetensors", "best.safetensors"):
            assert (run / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
        state, whole = (load_state(r / "state.safetensors")[0] for r in (run, tmp_path / "whole"))
        assert state.keys() == whole.keys()
        assert all(torch.equal(state[key], whole[key]) for key in state)
        lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
        assert [line["images_seen"] for line in lines] == [20]


def test_a_damaged_state_falls_back_to_the_one_before(
    tmp_path: Path, make_folder: MakeFolder, config: TrainConfig, runtime: Runtime
) -> None:
    content, style, run = make_folder("photos", 10), make_folder("prints", 10), tmp_path / "run"
    train(content, style, run, config, runtime)
    newest = run / "state.safetensors"
    newest.write_bytes(newest.read_bytes()[:1000])
    messages: list[str] = []
    longer = replace(config, images=12)
    train(content, style, run, longer, runtime, on_message=messages.append)
    assert any("state.safetensors: cannot be gone on with" in message for message in messages)
    assert any("going on after" in message for message in messages)
    assert load_state(newest)[1]["steps"] == 6


def test_a_run_without_a_usable_state_is_not_begun_anew(
    tmp_path: Path, make_folder: MakeFolder, config: TrainConfig, runtime: Runtime
) -> None:
    content, style, run = make_folder("photos", 10), make_folder("prints", 10), tmp_path / "run"
    train(content, style, run, config, runtime)
    for path in run.glob("state*"):
        path.write_bytes(path.read_bytes()[:1000])
    before = (run / "checkpoint.safetensors").read_bytes()
    with pytest.raises(CheckpointError, match="no state of it can be gone on with"):
        train(content, style, run, replace(config, images=12), runtime)
    assert (run / "checkpoint.safetensors").read_bytes() == before


def test_broken_held_out_pictures_are_named_and_left_out(
    tmp_path: Path, make_folder: MakeFolder, config: TrainConfig, runtime: Runtime
) -> None:
    content, style, run = make_folder("photos", 10), make_folder("prints", 15), tmp_path / "run"
    for folder in (content, style):
        (folder / "02.png").write_text("broken")  # held out of both
    messages: list[str] = []
    config = replace(config, hold_out=3)
    assert train(content, style, run, config, runtime, on_message=messages.append) is not None
    assert sum("02.png: cannot be read" in message for message in messages) == 2


def test_weights_that_are_no_numbers_are_never_saved(
    tmp_path: Path,
    make_folder: MakeFolder,
    config: TrainConfig,
    runtime: Runtime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    step = Game.step

    def diverge(self: Game, *arguments: object) -> dict[str, torch.Tensor]:
        losses = step(self, *arguments)  # type: ignore[arg-type]
        if self.steps == 3:
            next(self.generator.parameters()).data.fill_(float("nan"))
        return losses

    monkeypatch.setattr(Game, "step", diverge)
    content, style, run = make_folder("photos", 10), make_folder("prints", 10), tmp_path / "run"
    with pytest.raises(GanstyleError, match="no longer finite after 6 images"):
        train(content, style, run, config, runtime)
    assert read_info(run / "checkpoint.safetensors").images_seen == 4
    assert load_state(run / "state.safetensors")[1]["steps"] == 2


def test_patience_ends_a_run_that_gets_no_better(
    tmp_path: Path,
    make_folder: MakeFolder,
    config: TrainConfig,
    runtime: Runtime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    merits = iter([1.0, 3.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0])

    def fake(*_: object) -> Scores:
        return Scores(kid=-next(merits), kid_photos=0, kid_floor=-1, content=1, pictures=1)

    monkeypatch.setattr("ganstyle.session.Judge.score", fake)
    messages: list[str] = []
    content, style, run = make_folder("photos", 10), make_folder("prints", 10), tmp_path / "run"
    patient = replace(config, images=20, patience=3)
    train(content, style, run, patient, runtime, on_message=messages.append)
    assert any("no better for 3 scorings" in message for message in messages)
    assert any(
        "best.safetensors: scored better than the last, after 4 images" in m for m in messages
    )
    assert read_info(run / "best.safetensors").images_seen == 4
    assert read_info(run / "checkpoint.safetensors").images_seen == 10


def test_other_options_on_a_run_and_foreign_folders_are_refused(
    tmp_path: Path, make_folder: MakeFolder, config: TrainConfig, runtime: Runtime
) -> None:
    content, style, run = make_folder("photos", 5), make_folder("prints", 5), tmp_path / "run"
    train(content, style, run, config, runtime)
    with pytest.raises(DataError, match="crop 64 -> 96"):
        train(
            content, style, run, replace(config, crop=96, content_size=160, style_size=96), runtime
        )
    with pytest.raises(DataError, match="neither empty nor a run"):
        train(content, style, content, config, runtime)


def test_an_empty_folder_is_named(
    tmp_path: Path, make_folder: MakeFolder, config: TrainConfig, runtime: Runtime
) -> None:
    with pytest.raises(DataError, match="empty: no pictures"):
        train(make_folder("photos", 5), make_folder("empty", 0), tmp_path / "run", config, runtime)


def test_losses_that_explode_stop_the_run_and_keep_the_checkpoint(
    tmp_path: Path,
    make_folder: MakeFolder,
    config: TrainConfig,
    runtime: Runtime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content, style, run = make_folder("photos", 5), make_folder("prints", 5), tmp_path / "run"
    train(content, style, run, config, runtime)
    kept = (run / "checkpoint.safetensors").read_bytes()

    def explode(self: Game, *_: object) -> dict[str, torch.Tensor]:
        self.steps += 1
        return {"loss/generator": torch.tensor(float("nan"))}

    monkeypatch.setattr(Game, "step", explode)
    with pytest.raises(GanstyleError, match="no longer finite"):
        train(content, style, run, replace(config, images=400), runtime)
    assert (run / "checkpoint.safetensors").read_bytes() == kept


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "one of --minutes and --images"),
        ({"minutes": 1, "images": 1}, "one of --minutes and --images"),
        ({"images": 1, "crop": 100}, "crop is 100"),
        ({"images": 1, "content_size": 100}, "content_size is 100"),
        ({"images": 1, "lr": 0}, "lr is 0"),
        ({"minutes": -1}, "minutes is -1"),
    ],
)
def test_options_out_of_range_are_named(options: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        TrainConfig(**options)  # type: ignore[arg-type]
