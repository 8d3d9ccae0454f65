"""`ganstyle export`."""

from pathlib import Path

import pytest

from ganstyle.models.pretrained import save_generator
from tests.cli.running import run
from tests.conftest import PAINTING, info_for, lively_generator


@pytest.fixture
def style(tmp_path: Path) -> Path:
    generator = lively_generator(PAINTING)
    save_generator(tmp_path / "a.safetensors", generator, info_for(generator))
    return tmp_path / "a.safetensors"


def test_a_style_is_exported_once_unless_it_may_be_replaced(style: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    onnxruntime = pytest.importorskip("onnxruntime")
    out = tmp_path / "a.onnx"
    done = run("export", style, out, "--seed", 3)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("Checked: ") == 6
    assert f"Done: {out}" in done.stderr
    assert [each.name for each in onnxruntime.InferenceSession(out).get_inputs()] == ["image"]
    again = run("export", style, out)
    assert again.returncode == 2
    assert again.stderr == f"ganstyle: {out}: already exists; --overwrite replaces it.\n"
    assert run("export", style, out, "--overwrite").returncode == 0


def test_mistakes_are_named_before_torch_is_loaded(style: Path, tmp_path: Path) -> None:
    for arguments, message in (
        (["impresionist", "a.onnx"], "did you mean impressionist?"),
        ([style, tmp_path / "a.pt"], "a.pt: the file of a model has the extension .onnx."),
        ([style, tmp_path / "a.onnx", "--as", "auto"], "it must be photo or draft."),
        ([style, tmp_path / "a.onnx", "--brush", 9], "brush is 9.0; it must be from 0.25 to 8."),
    ):
        done = run("export", *arguments)
        assert done.returncode == 2
        assert message in done.stderr
    (tmp_path / "folder.onnx").mkdir()
    assert "is a folder; name a file." in run("export", style, tmp_path / "folder.onnx").stderr


@pytest.mark.parametrize("package", ["onnx", "onnxruntime"])
def test_a_missing_package_is_named_with_what_installs_it(
    package: str, style: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ganstyle.cli.export.find_spec", lambda name: name != package)
    done = run("export", style, tmp_path / "a.onnx")
    assert done.returncode == 2
    assert f'needs the package {package}: pip install "ganstyle[onnx]".' in done.stderr
    assert not (tmp_path / "a.onnx").exists()


def test_a_page_needs_the_package_that_runs_it(style: Path, tmp_path: Path) -> None:
    done = run("export", style, "--web", tmp_path / "page", cwd=tmp_path)
    assert done.returncode == 2
    assert "run `npm pack onnxruntime-web`" in done.stderr
    assert not (tmp_path / "page").exists()


def test_a_model_or_a_page_is_written_not_both(style: Path, tmp_path: Path) -> None:
    for arguments in ([], [tmp_path / "a.onnx", "--web", tmp_path / "page"]):
        done = run("export", style, *arguments)
        assert done.returncode == 2
        assert "expected STYLE OUT.onnx, or STYLE --web FOLDER." in done.stderr
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "index.html").touch()
    done = run("export", style, "--web", tmp_path / "page")
    assert done.returncode == 2
    assert "page: already exists; --overwrite replaces what is in it." in done.stderr
