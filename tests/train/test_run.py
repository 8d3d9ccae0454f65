import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from ganstyle.checkpoint import load_state
from ganstyle.config import Dials, EvaluateConfig
from ganstyle.errors import CheckpointError, ConfigError, DataError, GanstyleError
from ganstyle.features.torchscript import file_hash
from ganstyle.images.tensors import read_image
from ganstyle.metrics.scores import Scores
from ganstyle.models.generator import Generator, GeneratorConfig
from ganstyle.models.pretrained import load_generator, save_generator
from ganstyle.painting.stylize_image import stylize_image
from ganstyle.runtime import Runtime, int8_is_native, pick_runtime
from ganstyle.styles import read_info
from ganstyle.train.balance import TrainingDiverged
from ganstyle.train.config import FIXED, TrainConfig
from ganstyle.train.dataset import load_folders
from ganstyle.train.gan import Gan
from ganstyle.train.log import TrainingReport
from ganstyle.train.plan import with_limit
from ganstyle.train.precision import note_int8
from ganstyle.train.run import rehearse, train
from ganstyle.train.trainer import Trainer
from ganstyle.train.validation import Validator
from tests.conftest import TINY, info_for, lively_generator, picture

MakeFolder = Callable[..., Path]
Play = Callable[..., Scores | None]


@pytest.fixture(autouse=True)
def _quick_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("QUICK", "FULL"):
        monkeypatch.setattr(
            f"ganstyle.train.trainer.{name}", EvaluateConfig(size=64, crop=64, grid=2, crops=2)
        )
    monkeypatch.setattr("ganstyle.painting.face_areas.find_animal_faces", lambda _: [])


@pytest.fixture(autouse=True)
def _no_measuring(monkeypatch: pytest.MonkeyPatch) -> None:
    """What 8 bits would change is left out, but for the tests that have a fixture for it."""
    monkeypatch.setattr("ganstyle.train.trainer.note_int8", lambda *_: [])


@pytest.fixture
def _measuring(monkeypatch: pytest.MonkeyPatch, _no_measuring: None) -> None:
    monkeypatch.setattr("ganstyle.train.trainer.note_int8", note_int8)


@pytest.fixture
def runtime() -> Runtime:
    return pick_runtime("cpu", "float32")


@pytest.fixture
def config(tiny_preset: str) -> TrainConfig:
    return TrainConfig(
        images=8, preset=tiny_preset, crop=64, batch=2, content_size=128, style_size=80, hold_out=2
    )


@pytest.fixture
def play(tmp_path: Path, make_folder: MakeFolder, config: TrainConfig, runtime: Runtime) -> Play:
    """Train on ten photos and ten prints, into `run` unless said; changes are to the config."""
    content, style = make_folder("photos", 10), make_folder("prints", 10)

    def run(
        *,
        into: str = "run",
        messages: list[str] | None = None,
        should_stop: Callable[[], bool] = lambda: False,
        on_report: Callable[[TrainingReport], None] = lambda _: None,
        **changes: object,
    ) -> Scores | None:
        return train(
            content,
            style,
            tmp_path / into,
            replace(config, **changes),  # type: ignore[arg-type]
            runtime,
            on_message=(messages if messages is not None else []).append,
            on_report=on_report,
            should_stop=should_stop,
        )

    return run


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return tmp_path / "run"


@pytest.mark.usefixtures("_measuring")
def test_a_run_leaves_all_that_the_readme_promises(
    play: Play, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ganstyle.painting.calibration._MOST_MEAN", 256.0)
    reports: list[TrainingReport] = []
    messages: list[str] = []
    scores = play(title="blobs", licence="CC0", messages=messages, on_report=reports.append)
    assert scores is not None
    assert scores.pictures == 2
    info = read_info(run / "checkpoint.safetensors")
    assert (info.style, info.title, info.licence, info.images_seen) == ("run", "blobs", "CC0", 8)
    assert info.scores == scores.as_dict()
    assert info.held_out == ("02", "07")
    trained_on = {file_hash(path) for path in (run.parent / "prints").iterdir()}
    trained_on -= {file_hash(run.parent / "prints" / f"{name}.png") for name in info.held_out}
    assert info.trained_on == tuple(sorted(trained_on))
    assert info.takes == "picture"
    assert json.loads((run / "config.json").read_text())["content"].endswith("photos")
    [line] = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert line["images_seen"] == reports[-1].images_seen == 8
    rates = {name: value for name, value in line["values"].items() if "loss" not in name}
    assert {"fooled/patch", "real/patch", "held_out/fooled_patch"} < rates.keys()
    assert len((run / "scores.jsonl").read_text().splitlines()) >= 2
    assert len(list((run / "previews").iterdir())) >= 3
    page = (run / "report.html").read_text()
    assert "<svg" in page
    assert "Photos. They are never trained on." in page
    assert str(scores) in page  # as the command prints them
    stylize_image(Image.new("RGB", (5, 3)), load_generator(run / "checkpoint.safetensors"))
    told = f"{run}: checkpoint.safetensors computes in 8 bits"
    assert any(message.startswith(told) for message in messages) == int8_is_native()
    for name in ("checkpoint", "best"):
        assert load_generator(run / f"{name}.safetensors").config.int8 == int8_is_native()


def test_photos_get_the_light_of_the_style_and_drafts_keep_theirs(
    tmp_path: Path, config: TrainConfig, runtime: Runtime, make_folder: MakeFolder
) -> None:
    """A dark photo, and style pictures that are nearly white."""
    light = make_folder("light", 0)
    for seed in range(5):
        _blobs(seed, 180).save(light / f"{seed}.png")
    config = replace(config, images=2, keep_tone=0.0)
    train(None, light, tmp_path / "run", config, runtime)
    generator = load_generator(tmp_path / "run" / "checkpoint.safetensors")
    dark = _blobs(9, 25)
    for treat_as, low, high in (("photo", 195, 235), ("draft", 45, 80)):
        result = stylize_image(dark, generator, Dials(treat_as=treat_as))
        assert low < np.asarray(result).mean() < high


def _blobs(seed: int, darkest: int) -> Image.Image:
    return picture(80, 80, seed).point(lambda value: darkest + value // 4)


def test_an_interrupted_run_goes_on(play: Play, run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    step, calls = Gan.step, 0

    def count(self: Gan, *arguments: object) -> dict[str, torch.Tensor]:
        nonlocal calls
        calls += 1
        return step(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Gan, "step", count)
    with pytest.raises(KeyboardInterrupt):
        play(should_stop=lambda: calls == 2)
    assert load_state(run / "state.safetensors")[1]["steps"] == 2

    messages: list[str] = []
    play(messages=messages)
    assert any("resumed after 4 images" in message for message in messages)
    assert load_state(run / "state.safetensors")[1]["steps"] == 4
    assert calls == 2 + 2


@pytest.fixture
def _busy_pilot(monkeypatch: pytest.MonkeyPatch) -> None:
    """An action of the pilot at every report, and a report every other step."""
    monkeypatch.setattr("ganstyle.train.trainer.REPORT_STEPS", 2)
    monkeypatch.setattr("ganstyle.train.balance.REPORTS", 1)
    monkeypatch.setattr("ganstyle.train.balance.FOOLED", (0.0, 0.0))


def _check_same(run: Path, whole: Path, *names: str) -> None:
    """Both runs have left the same bits, in networks, optimizers, sums and logs."""
    for name in ("checkpoint.safetensors", *names):
        assert (run / name).read_bytes() == (whole / name).read_bytes()
    (state, facts), (expected, expected_facts) = (
        load_state(folder / "state.safetensors") for folder in (run, whole)
    )
    assert state.keys() == expected.keys()
    assert all(torch.equal(state[key], expected[key]) for key in state)
    assert facts["pilot"] == expected_facts["pilot"]
    seen, expected_seen = (
        [
            (line["images_seen"], line["values"], line["actions"])
            for line in map(json.loads, (folder / "metrics.jsonl").read_text().splitlines())
        ]
        for folder in (run, whole)
    )
    assert seen == expected_seen


@pytest.mark.usefixtures("_busy_pilot")
def test_an_interrupted_run_gives_the_same_bits(play: Play, tmp_path: Path) -> None:
    """Killed after any save: networks, optimizers, pilot, data order and noise go on as before."""
    play(into="whole", images=12, name="same")
    step = Gan.step
    for last in (3, 4):  # between two reports, and right after one
        run = tmp_path / f"killed after {last}"

        def killed(self: Gan, *arguments: object, last: int = last) -> dict[str, torch.Tensor]:
            if self.steps == last:
                raise SystemExit  # no handler saves anything, as with kill -9
            return step(self, *arguments)  # type: ignore[arg-type]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Gan, "step", killed)
            with pytest.raises(SystemExit):
                play(into=run.name, images=12, name="same")
        torch.manual_seed(99)  # another process knows nothing of the first one's chance
        play(into=run.name, images=12, name="same")
        _check_same(run, tmp_path / "whole", "best.safetensors")
    _, facts = load_state(tmp_path / "whole" / "state.safetensors")
    assert facts["pilot"]["levels"]["patch"] < 0
    lines = (tmp_path / "whole" / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["images_seen"] for line in lines] == [4, 8, 12]


@pytest.mark.usefixtures("_busy_pilot")
def test_a_run_stopped_after_every_step_gives_the_same_bits(
    tmp_path: Path, make_folder: MakeFolder, config: TrainConfig, runtime: Runtime
) -> None:
    """Of folders, too, that do not fit into memory, whose pictures come and go."""
    style = make_folder("prints", 10)
    needed = load_folders(None, style, config).nbytes / 2**30
    config = replace(config, images=8, name="same", memory_gib=0.6 * needed)
    messages: list[str] = []
    train(None, style, tmp_path / "whole", config, runtime, on_message=messages.append)
    assert any("8 pictures do not fit into" in message for message in messages)
    for _ in range(3):
        asked = iter([False, True])
        with pytest.raises(KeyboardInterrupt):
            train(
                *(None, style, tmp_path / "run", config, runtime),
                should_stop=lambda asked=asked: next(asked),  # type: ignore[misc]
            )
    train(None, style, tmp_path / "run", config, runtime)
    _check_same(tmp_path / "run", tmp_path / "whole")


def test_a_run_that_goes_on_in_two_ways_goes_the_same_way(
    play: Play, run: Path, tmp_path: Path
) -> None:
    play(images=4, name="same")
    shutil.copytree(run, tmp_path / "copy")
    play(images=8, name="same")
    play(images=8, name="same", into="copy")
    _check_same(tmp_path / "copy", run)


@pytest.mark.parametrize("count", [1, 10])
def test_style_pictures_are_enough(
    count: int, tmp_path: Path, make_folder: MakeFolder, config: TrainConfig, runtime: Runtime
) -> None:
    prints, run = make_folder("prints", count), tmp_path / "run"
    messages: list[str] = []
    style = prints / "00.png" if count == 1 else prints
    scores = train(None, style, run, config, runtime, on_message=messages.append)
    assert json.loads((run / "config.json").read_text())["content"] == ""
    page = (run / "report.html").read_text()
    if count == 1:
        assert scores is None  # there is nothing to score it on
        assert "too few pictures are held out to score it" in messages[-1]
        assert "Drafts of style pictures that are trained on" in page
    else:
        assert "Drafts of style pictures that are held out from training" in page
        assert str(scores) in page
        assert scores is not None
        assert scores.pictures == 2
    with Image.open(run / "previews" / "00000008.jpg") as sheet:
        assert sheet.height > 1.5 * sheet.width / min(count, 2)  # drafts, results, paintings
    generator = load_generator(run / "checkpoint.safetensors")
    easel = generator.config.easel
    assert easel is not None
    assert easel.side == config.style_size
    assert easel.tones is not None
    assert len(easel.tones.pictures) == (1 if count == 1 else 8)
    assert stylize_image(picture(50, 40), generator).size == (50, 40)
    [line] = (run / "metrics.jsonl").read_text().splitlines()
    held_out = {name for name in json.loads(line)["values"] if name.startswith("held_out")}
    assert bool(held_out) == (count == 10)
    messages.clear()
    changed = replace(config, images=12)
    train(None, style, run, changed, runtime, on_message=messages.append)
    assert any("resumed after 8 images" in message for message in messages)
    with pytest.raises(DataError, match="must show the same photos"):
        train(make_folder("photos", 5), style, run, changed, runtime)


def test_a_damaged_state_falls_back_to_the_one_before(play: Play, run: Path) -> None:
    play()
    newest = run / "state.safetensors"
    newest.write_bytes(newest.read_bytes()[:1000])
    messages: list[str] = []
    play(images=12, messages=messages)
    assert any("state.safetensors: damaged" in message for message in messages)
    assert any("resumed after" in message for message in messages)
    assert load_state(newest)[1]["steps"] == 6


def test_a_run_without_a_usable_state_is_not_begun_anew(play: Play, run: Path) -> None:
    play()
    for path in run.glob("state*"):
        path.write_bytes(path.read_bytes()[:1000])
    before = (run / "checkpoint.safetensors").read_bytes()
    with pytest.raises(CheckpointError, match="none of its saved states can be used"):
        play(images=12)
    assert (run / "checkpoint.safetensors").read_bytes() == before


def test_broken_held_out_pictures_are_named_and_left_out(play: Play, tmp_path: Path) -> None:
    for folder in ("photos", "prints"):
        (tmp_path / folder / "02.png").write_text("broken")
    messages: list[str] = []
    assert play(messages=messages) is None  # one print is too few for scores
    assert sum("02.png: cannot be read" in message for message in messages) == 2


def test_a_run_that_explodes_goes_back_and_ends_with_what_it_has(
    play: Play, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = Gan.step
    rates = []

    def explode(self: Gan, *arguments: object) -> dict[str, torch.Tensor]:
        losses = step(self, *arguments)  # type: ignore[arg-type]
        if self.steps == 3:
            rates.append(self.optimizers["generator"][0].param_groups[0]["lr"])
            next(self.generator.parameters()).data.fill_(float("nan"))
        return losses

    monkeypatch.setattr(Gan, "step", explode)
    messages: list[str] = []
    assert play(messages=messages) is not None
    told = [message for message in messages if "no longer finite" in message]
    assert len(told) == 4
    assert "after 6 images: back to 4 images with half the learning rates (1 of 3" in told[0]
    assert "stopped at 4" in told[-1]
    assert [rates[0] / rate for rate in rates] == pytest.approx([1, 2, 4, 8])
    assert read_info(run / "checkpoint.safetensors").images_seen == 4
    assert load_generator(run / "checkpoint.safetensors")


def test_a_run_that_explodes_once_goes_on(
    play: Play, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched: list[int] = []

    def ill_once(_: object) -> None:
        watched.append(len(watched))
        if len(watched) == 2:
            raise TrainingDiverged("losses are no longer finite", in_newest_state=False)

    monkeypatch.setattr("ganstyle.train.trainer.REPORT_STEPS", 1)
    monkeypatch.setattr("ganstyle.train.trainer.check_convergence", ill_once)
    play()
    assert len(watched) == 4 + 1  # one of the four steps is done again
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert [line["images_seen"] for line in lines] == [2, 4, 6, 8]
    assert load_state(run / "state.safetensors")[1]["pilot"]["setbacks"] == 1


def test_a_run_that_explodes_at_once_is_an_error(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ill(*_: object) -> None:
        raise TrainingDiverged("losses are odd")

    monkeypatch.setattr("ganstyle.train.trainer.REPORT_STEPS", 1)
    monkeypatch.setattr("ganstyle.train.trainer.check_convergence", ill)
    with pytest.raises(GanstyleError, match="4 times from the start"):
        play()


def test_a_generator_that_becomes_far_worse_sends_the_run_back(
    play: Play, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress = iter([0.1, 0.5, 0.6, 0.2, 0.6, 0.2, 0.1, *[0.6] * 20])  # one fall may be chance
    monkeypatch.setattr(Validator, "score", lambda *_: _scores(next(progress)))
    monkeypatch.setattr("ganstyle.train.trainer.FEWEST_JUDGES", 2)
    messages: list[str] = []
    play(images=20, messages=messages)
    [told] = [message for message in messages if "fallen from 60% to 10%" in message]
    assert "after 14 images: back to 10 images" in told  # before the first of the two falls
    assert read_info(run / "checkpoint.safetensors").images_seen == 20


def test_a_fall_seen_only_at_the_end_is_no_error(
    play: Play, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a run by minutes the last generator may be scored after the last step."""
    progress = iter([0.6, *[0.1] * 20])
    monkeypatch.setattr(Validator, "score", lambda *_: _scores(next(progress)))
    monkeypatch.setattr("ganstyle.train.trainer.FEWEST_JUDGES", 2)
    monkeypatch.setattr("ganstyle.train.run_folder.COLLAPSES", 1)
    monkeypatch.setattr(Trainer, "_validation_is_due", lambda self: self.next_validation == 0)
    messages: list[str] = []
    assert play(messages=messages) is not None
    assert "best.safetensors scored better, after 2 of 8 images" in messages[-1]
    assert read_info(run / "checkpoint.safetensors").images_seen == 8


def test_few_pictures_do_not_send_a_run_back(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    progress = iter([0.6, *[0.1] * 20])
    monkeypatch.setattr(Validator, "score", lambda *_: _scores(next(progress)))
    messages: list[str] = []
    play(images=20, messages=messages)
    assert not any("fallen" in message for message in messages)


def _scores(progress: float) -> Scores:
    return Scores(kid=-progress, kid_photos=0, kid_floor=-1, content=1, pictures=1)


@pytest.mark.usefixtures("_measuring")
def test_patience_ends_a_run_that_gets_no_better(
    play: Play, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    merits = iter([1.0, 3.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0])
    monkeypatch.setattr(Validator, "score", lambda *_: _scores(next(merits)))
    monkeypatch.setattr("ganstyle.painting.calibration._MOST_MEAN", 0.0)
    messages: list[str] = []
    play(images=20, patience=3, messages=messages)
    assert any("finished: 3 scorings without an improvement" in message for message in messages)
    assert any("best.safetensors scored better, after 4 of 10 images" in m for m in messages)
    assert sum("keeps its precision" in message for message in messages) == 2 * int8_is_native()
    for name, images_seen in (("best", 4), ("checkpoint", 10)):
        info = read_info(run / f"{name}.safetensors")
        assert (info.images_seen, info.config["int8"]) == (images_seen, False)


def test_options_changed_on_a_run_are_accepted_or_refused_one_by_one(play: Play, run: Path) -> None:
    play()
    before = (run / "config.json").read_text()
    with pytest.raises(DataError, match=r"crop 64 -> 96 \(the.*seed 0 -> 1 \(all random") as told:
        play(seed=1, crop=96, content_size=128, style_size=96, lr=1e-4)
    assert "lr" not in str(told.value)
    assert (run / "config.json").read_text() == before
    messages: list[str] = []
    play(images=12, content_weight=1.0, messages=messages)
    assert f"{run}: images 8 -> 12 from here on." in messages
    assert f"{run}: content_weight 2.0 -> 1.0 from here on." in messages


def test_a_run_keeps_its_limit_unless_another_is_given(play: Play, run: Path) -> None:
    assert with_limit(TrainConfig(), run).minutes == 30
    assert with_limit(TrainConfig(minutes=2.0), run).minutes == 2
    play(images=4)
    unlimited = with_limit(TrainConfig(), run)
    assert (unlimited.minutes, unlimited.images) == (None, 4)
    messages: list[str] = []
    play(images=None, messages=messages)
    assert read_info(run / "checkpoint.safetensors").images_seen == 4
    assert "Training for 4 images; --minutes or --images set another limit." in messages


def test_the_batch_that_fits_a_gpu_is_chosen_once(
    play: Play, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A simulated GPU: a step on two crops takes 2 MB, and 12 MB are free."""
    play(into="cpu", batch=0, images=4)
    assert json.loads((run.parent / "cpu" / "config.json").read_text())["batch"] == 2
    monkeypatch.setattr("ganstyle.train.batch_size.free_on_gpu", lambda _: 12e6)
    peaks = iter([5e6, 7e6])
    monkeypatch.setattr("ganstyle.train.batch_size.memory_peak", lambda _: next(peaks))
    play(batch=0, images=7)
    assert json.loads((run / "config.json").read_text())["batch"] == 7  # 0.6 x 12 MB, 1 MB each
    play(batch=0, images=14)  # resumed, without measuring again
    with pytest.raises(DataError, match="batch 7 -> 4"):
        play(batch=4)


def test_every_option_that_a_run_cannot_change_exists() -> None:
    assert FIXED.keys() - {"content", "style"} <= asdict(TrainConfig(images=1)).keys()


def _refused(error: type[GanstyleError], words: str, *arguments: Any) -> None:
    """A training and its rehearsal are refused alike, before anything is decoded."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ganstyle.train.run.load_folders", lambda *_: pytest.fail("decoded"))
        for command in (train, rehearse):
            with pytest.raises(error, match=words):
                command(*arguments)


def test_a_folder_that_is_no_run_is_refused(
    make_folder: MakeFolder, config: TrainConfig, runtime: Runtime
) -> None:
    content, style = make_folder("photos", 5), make_folder("prints", 5)
    for run in (content, style, content / ".." / "photos"):
        _refused(DataError, "also the folder of pictures", content, style, run, config, runtime)
    other = make_folder("other", 1)
    _refused(DataError, "neither empty nor a run", content, style, other, config, runtime)
    file = other / "00.png"
    _refused(DataError, "a file; the run needs a folder", content, style, file, config, runtime)


def test_photos_as_their_own_style_are_refused(
    tmp_path: Path, make_folder: MakeFolder, config: TrainConfig, runtime: Runtime
) -> None:
    photos = make_folder("photos", 5)
    with pytest.raises(DataError, match="given as photos and as style"):
        train(photos, tmp_path / "run" / ".." / "photos", tmp_path / "run", config, runtime)


def test_an_empty_folder_is_named(
    tmp_path: Path, make_folder: MakeFolder, config: TrainConfig, runtime: Runtime
) -> None:
    with pytest.raises(DataError, match="empty: no pictures"):
        train(make_folder("photos", 5), make_folder("empty", 0), tmp_path / "run", config, runtime)


def test_a_style_with_a_broken_and_a_tiny_picture_is_trained_on(play: Play, tmp_path: Path) -> None:
    (tmp_path / "prints" / "03.png").write_bytes(b"broken")
    picture(9, 7).save(tmp_path / "prints" / "04.png")
    messages: list[str] = []
    assert play(messages=messages) is not None
    assert any("1 cannot be read: 03.png" in message for message in messages)
    assert any("1 is smaller than a crop of 64 px" in message for message in messages)


def test_a_full_disk_ends_the_run_and_leaves_what_there_was(
    play: Play, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    for what, error in (
        ("ganstyle.train.validation.write_report", OSError),
        ("ganstyle.checkpoint.save_file", CheckpointError),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(what, full)
            with pytest.raises(error, match="No space left"):
                play()
    messages: list[str] = []
    play(messages=messages)
    assert any("resumed after" in message for message in messages)


def test_pairs_are_trained(
    tmp_path: Path, make_folder: MakeFolder, config: TrainConfig, runtime: Runtime
) -> None:
    """A gray source must get the warm colour of its target."""
    source, target = make_folder("gray", 0), make_folder("warm", 0)
    for seed in range(10):
        image = picture(96, 80, seed=seed)
        image.convert("L").save(source / f"{seed}.png")
        tinted = np.asarray(image.convert("L"), dtype=float)[..., None] * (1, 0.6, 0.3)
        Image.fromarray(tinted.astype(np.uint8)).save(target / f"{seed}.png")
    config = replace(config, task="paired", images=40, lr=3e-3, warmup=5)
    run = tmp_path / "run"
    assert train(source, target, run, config, runtime) is not None
    assert read_info(run / "checkpoint.safetensors").takes == "source"
    generator = load_generator(run / "checkpoint.safetensors")
    assert generator.config.easel is None
    result = stylize_image(read_image(source / "2.png"), generator)
    red, _, blue = np.asarray(result, dtype=float).mean((0, 1))
    assert red - blue > 10
    with Image.open(run / "previews" / "00000040.jpg") as sheet:
        assert sheet.height > 2 * 80  # a row for what the results should be


def test_pairs_without_partners_are_named(
    tmp_path: Path, make_folder: MakeFolder, config: TrainConfig, runtime: Runtime
) -> None:
    source, target = make_folder("source", 6), make_folder("target", 7)
    messages: list[str] = []
    config = replace(config, task="paired")
    train(source, target, tmp_path / "run", config, runtime, on_message=messages.append)
    assert "06.png: has no partner of the same name; left out." in messages
    for path in source.iterdir():
        path.rename(source / f"other {path.name}")
    with pytest.raises(DataError, match="no two files have the same name"):
        train(source, target, tmp_path / "other", config, runtime)


@pytest.mark.parametrize("fits", [False, True])
def test_a_run_begins_with_the_default_style_where_all_of_it_fits(
    *,
    fits: bool,
    play: Play,
    run: Path,
    tmp_path: Path,
    runtime: Runtime,
    config: TrainConfig,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shape = Gan(config, runtime).generator.config
    default = lively_generator(shape if fits else replace(shape, widths=(8, 16)))
    save_generator(tmp_path / "default.safetensors", default, info_for(default))
    monkeypatch.setattr(
        "ganstyle.train.init.find_style", lambda _: tmp_path / "default.safetensors"
    )
    for init, begun_with in (("auto", fits), ("none", False)):
        into = f"from {init}"
        with pytest.raises(KeyboardInterrupt):
            play(into=into, init=init, should_stop=lambda: True)
        weight = load_generator(tmp_path / into / "checkpoint.safetensors").decoder.exit.weight
        assert torch.equal(weight, default.decoder.exit.weight.half().float()) == begun_with
        assert bool(weight.count_nonzero()) == begun_with


@pytest.mark.usefixtures("play")
def test_a_style_to_begin_with_that_does_not_fit_is_refused(
    tmp_path: Path, config: TrainConfig, runtime: Runtime
) -> None:
    other = Generator(
        GeneratorConfig(widths=(10, 14), encoder_blocks=(0, 0), decoder_blocks=(1, 1))
    )
    save_generator(tmp_path / "other.safetensors", other, info_for(other))
    folders = tmp_path / "photos", tmp_path / "prints", tmp_path / "new"
    for init, error, words in (
        (tmp_path / "other.safetensors", ConfigError, "no weight of .*other.* fits preset tiny"),
        ("nowhere", CheckpointError, "nowhere"),
    ):
        _refused(error, words, *folders, replace(config, init=str(init)), runtime)
        assert not folders[-1].exists()


def test_a_run_that_has_begun_needs_its_first_style_no_more(play: Play, tmp_path: Path) -> None:
    other = lively_generator(TINY)
    first = tmp_path / "first.safetensors"
    save_generator(first, other, info_for(other))
    play(images=2, init=str(first))
    first.unlink()
    play(images=4, init=str(first))


def test_a_rehearsal_times_steps_and_writes_nothing(
    tmp_path: Path, make_folder: MakeFolder, config: TrainConfig, runtime: Runtime
) -> None:
    style = make_folder("prints", 10)
    (style / "03.png").write_bytes(b"broken")
    lines, speed = rehearse(None, style, tmp_path / "run", config, runtime)
    assert "style pictures: 8 pictures to train on, 2 held out." in lines
    assert any("03.png" in line for line in lines)
    assert lines[-1].startswith("Decoded pictures take 0.00 GiB of 4")
    assert speed > 0
    assert [path.name for path in tmp_path.iterdir()] == ["prints"]
