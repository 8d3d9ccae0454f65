from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from ganstyle.config import EvaluateConfig
from ganstyle.runtime import pick_runtime
from ganstyle.train.config import TrainConfig
from ganstyle.train.dataset import load_folders
from ganstyle.train.gan import Gan
from ganstyle.train.run_folder import RunFolder
from ganstyle.train.validation import Validator

MakeFolder = Callable[..., Path]


def _examiner(preset: str, content: Path, style: Path) -> Validator:
    config = TrainConfig(images=1, preset=preset, crop=64, content_size=96, style_size=80)
    folders = load_folders(content, style, config)
    return Validator(Gan(config, pick_runtime("cpu", "float32")), folders)


def test_a_fresh_generator_scores_as_the_photos(tiny_preset: str, make_folder: MakeFolder) -> None:
    validator = _examiner(tiny_preset, make_folder("a", 10), make_folder("b", 10))
    scores = validator.score(EvaluateConfig(size=64, crop=64, grid=2))
    assert scores is not None
    assert scores.pictures == 2
    assert scores.content > 0.9
    # Not the same: black and white are clamped.
    assert scores.kid == pytest.approx(scores.kid_photos, rel=0.1)


def test_too_few_style_pictures_are_no_score(tiny_preset: str, make_folder: MakeFolder) -> None:
    validator = _examiner(tiny_preset, make_folder("a", 10), make_folder("b", 5))
    assert validator.score(EvaluateConfig(size=64, crop=64, grid=1)) is None


def test_previews_and_report_are_written(
    tmp_path: Path, tiny_preset: str, make_folder: MakeFolder
) -> None:
    validator = _examiner(tiny_preset, make_folder("a", 10), make_folder("b", 10))
    validator.show(RunFolder(tmp_path), "blobs", images_seen=12, best_images_seen=0)
    with Image.open(tmp_path / "previews" / "00000012.jpg") as sheet:
        assert sheet.width > sheet.height / 2
    assert "blobs" in (tmp_path / "report.html").read_text()
