import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from ganstyle.cli.app import app
from ganstyle.config import EvaluateConfig
from ganstyle.files import find_images
from ganstyle.images.tensors import from_pixels, scaled, to_pixels
from ganstyle.metrics.scores import Scores
from ganstyle.runtime import pick_runtime
from ganstyle.sources.photo import careful_draft
from ganstyle.sources.tones import ToneMap
from ganstyle.styles import read_info
from ganstyle.train.config import TrainConfig
from ganstyle.train.dataset import load_folders
from ganstyle.train.gan import Gan
from ganstyle.train.held_out import photos_to_show
from ganstyle.train.run import train
from ganstyle.train.run_folder import RunFolder
from ganstyle.train.validation import Validator

MakeFolder = Callable[..., Path]


def _examiner(preset: str, content: Path | None, style: Path) -> Validator:
    config = TrainConfig(
        images=1, preset=preset, crop=64, content_size=96, style_size=80, brush=1.0
    )
    folders = load_folders(content, style, config)
    gan = Gan(config, pick_runtime("cpu", "float32"), tones=folders.tones())
    return Validator(gan, folders)


def test_a_fresh_generator_scores_as_the_careful_drafts_of_the_photos(
    tiny_preset: str, make_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    validator = _examiner(tiny_preset, make_folder("a", 10), make_folder("b", 10))
    config = EvaluateConfig(size=64, crop=64, grid=2)
    scores = validator.score(config)
    assert scores is not None
    assert scores.pictures == 8  # photos, of which none is kept for training
    assert scores.content > 0.8
    easel = validator.gan.generator.config.easel
    assert easel is not None
    assert easel.side == 80  # the height of the photos: one level

    def drafted(photo: Image.Image) -> Image.Image:
        pixels, light = to_pixels([photo]), 1 - easel.keep_tone
        tones = validator.folders.tones()
        tone_map = ToneMap.of(
            scaled(pixels), tones, light=light, color=easel.palette, share=easel.tone_share
        )
        return from_pixels(careful_draft(pixels, easel.photo, tone_map))[0]

    monkeypatch.setattr(validator, "_stylized", drafted)
    expected = validator.score(config)
    assert expected is not None
    # Not the same: black and white are clamped.
    assert scores.content == pytest.approx(expected.content, abs=0.05)
    assert scores.kid_photos == expected.kid_photos


def test_the_generator_is_looked_at_as_it_is_now(tiny_preset: str, make_folder: MakeFolder) -> None:
    """After going back, a run comes by the same number of steps with another generator."""
    validator = _examiner(tiny_preset, make_folder("a", 10), make_folder("b", 10))
    config = EvaluateConfig(size=64, crop=64, grid=1)
    first = validator.score(config)
    with torch.no_grad():
        for parameter in validator.gan.ema.parameters():
            parameter.add_(0.1)
    second = validator.score(config)
    assert first is not None
    assert second is not None
    assert second.kid_photos == first.kid_photos
    assert second.kid != pytest.approx(first.kid, rel=0.01)


def test_untouched_photos_score_as_photos_and_style_pictures_near_the_floor(
    tiny_preset: str, make_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos, prints = make_folder("a", 20), make_folder("b", 40)
    for path in find_images(prints):
        Image.open(path).convert("L").convert("RGB").save(path)
    validator = _examiner(tiny_preset, photos, prints)
    config = EvaluateConfig(size=64, crop=32, grid=2)
    monkeypatch.setattr(validator, "_stylized", lambda photo: photo)
    untouched = validator.score(config)
    assert untouched
    assert untouched.kid == untouched.kid_photos
    assert untouched.content == pytest.approx(1)
    assert untouched.pictures == 8
    prints_in_turn = iter(Image.open(path) for path in validator.folders.held_out.styles)
    monkeypatch.setattr(validator, "_stylized", lambda _: next(prints_in_turn))
    perfect = validator.score(config)
    assert perfect
    assert perfect.kid_floor == untouched.kid_floor
    assert perfect.style_progress > 0.7 > untouched.style_progress
    assert perfect.content < 1


@pytest.mark.parametrize("zoom", [1.0, 1.5])
def test_scores_in_a_checkpoint_are_those_of_ganstyle_evaluate(
    tmp_path: Path,
    tiny_preset: str,
    make_folder: MakeFolder,
    monkeypatch: pytest.MonkeyPatch,
    checkpoint: Path,
    zoom: float,
) -> None:
    for how in ("QUICK", "FULL"):
        small = EvaluateConfig(size=64, crop=32, grid=2)
        monkeypatch.setattr(f"ganstyle.train.trainer.{how}", small)
    monkeypatch.setattr("ganstyle.train.trainer.note_int8", lambda *_: [])
    score = Validator.score

    def score_rounded(self: Validator, config: EvaluateConfig) -> Scores | None:
        for weight in self.gan.ema.state_dict().values():
            weight.copy_(weight.half())  # as a checkpoint holds it
        return score(self, config)

    monkeypatch.setattr(Validator, "score", score_rounded)
    photos, prints, run = make_folder("photos", 30), make_folder("prints", 40), tmp_path / "run"
    config = TrainConfig(
        images=2,
        preset=tiny_preset,
        batch=2,
        crop=64,
        content_size=96,
        style_size=80,
        style_zoom=zoom,
        init=str(checkpoint),
    )
    train(photos, prints, run, config, pick_runtime("cpu", "float32"))
    kept = tmp_path / "held out"
    kept.mkdir()
    for path in photos_to_show(find_images(photos), config.hold_out)[0]:
        shutil.copy(path, kept)
    options = "--held-out --size 64 --crop 32 --grid 2 --precision float32"
    trained = run / "checkpoint.safetensors"
    command = ["evaluate", str(kept), str(prints), "--style", str(trained), "--device", "cpu"]
    done = CliRunner().invoke(app, [*command, *options.split(), "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    scores = read_info(trained).scores
    assert scores["pictures"] == config.hold_out
    assert scores["kid_floor"] != 0
    assert scores["kid"] != pytest.approx(scores["kid_photos"], rel=0.01)
    assert {name: found[name] for name in scores} == pytest.approx(scores, rel=1e-5, abs=1e-6)


def test_too_few_pictures_of_either_kind_are_no_score(
    tiny_preset: str, make_folder: MakeFolder
) -> None:
    validator = _examiner(tiny_preset, make_folder("a", 10), make_folder("b", 5))
    assert validator.score(EvaluateConfig(size=64, crop=64, grid=1)) is None
    validator = _examiner(tiny_preset, make_folder("c", 1), make_folder("d", 10))
    assert validator.score(EvaluateConfig(size=64, crop=64, grid=1)) is None


@pytest.mark.parametrize("photos", [False, True])
def test_previews_and_report_are_written(
    *, photos: bool, tmp_path: Path, tiny_preset: str, make_folder: MakeFolder
) -> None:
    content = make_folder("a", 10) if photos else None
    validator = _examiner(tiny_preset, content, make_folder("b", 10))
    validator.show(RunFolder(tmp_path / "run"), "blobs", images_seen=12, best_images_seen=0)
    with Image.open(tmp_path / "run" / "previews" / "00000012.jpg") as sheet:
        columns = 4 if photos else 2  # of ten style images two are held out
        rows = sheet.height / sheet.width * columns * 96 / 80
        assert round(rows) == 2 + (not photos)  # of drafts, what they were made of, too
    assert "blobs" in (tmp_path / "run" / "report.html").read_text()


def test_drafts_are_compared_with_the_paintings_behind_them(
    tiny_preset: str, make_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    validator = _examiner(tiny_preset, None, make_folder("b", 20))
    paintings = iter([painting for _, painting in validator.folders.examples()])
    monkeypatch.setattr(validator, "_stylized", lambda _: next(paintings))
    scores = validator.score(EvaluateConfig(size=64, crop=64, grid=1))
    assert scores is not None
    assert scores.pictures == 4
    assert scores.content == pytest.approx(1)
    assert scores.kid < scores.kid_photos  # the drafts
