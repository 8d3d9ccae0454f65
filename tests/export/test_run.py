from dataclasses import replace
from pathlib import Path

import pytest

from ganstyle.config import Dials
from ganstyle.errors import DataError, GanstyleError
from ganstyle.export import run
from ganstyle.export.model import build_model
from ganstyle.models.pretrained import save_generator
from ganstyle.styles import CheckpointFile, read_checkpoint
from tests.conftest import PAINTING, info_for, lively_generator

OTHER = replace(PAINTING, heights=False)


@pytest.fixture
def style(tmp_path: Path) -> CheckpointFile:
    generator = lively_generator(PAINTING)
    save_generator(tmp_path / "a.safetensors", generator, info_for(generator))
    return read_checkpoint(tmp_path / "a.safetensors")


def test_a_style_is_written_and_checked_on_photos_and_drafts(
    style: CheckpointFile, tmp_path: Path
) -> None:
    found = run.export_style(style, tmp_path / "new" / "a.onnx", Dials(treat_as="photo"))
    assert len({each.size for each in found}) == 3
    assert {each.kind for each in found} == {"photo", "draft"}
    assert (tmp_path / "new" / "a.onnx").is_file()
    assert "of values within 2/255" in str(found[0])


def test_a_model_that_paints_otherwise_is_not_kept(
    style: CheckpointFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.onnx").write_text("before")
    monkeypatch.setattr(
        run,
        "build_model",
        lambda generator, *rest, **more: build_model(lively_generator(OTHER), *rest, **more),
    )
    with pytest.raises(GanstyleError, match="does not paint as ganstyle does"):
        run.export_style(style, tmp_path / "a.onnx", Dials(treat_as="photo"))
    assert (tmp_path / "a.onnx").read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.onnx", "a.safetensors"]


def test_a_path_that_cannot_be_written_is_named(style: CheckpointFile, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match=r"file/a.onnx: cannot be written \("):
        run.export_style(style, tmp_path / "file" / "a.onnx", Dials(treat_as="photo"))
