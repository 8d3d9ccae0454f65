import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ganstyle.config import DEFAULT_STYLE
from ganstyle.errors import CheckpointError
from ganstyle.models.generator import Generator, GeneratorConfig
from ganstyle.models.geometry import receptive_field
from ganstyle.models.pretrained import load_generator, save_generator
from ganstyle.styles import (
    common_held_out,
    find_style,
    own_styles,
    read_checkpoint,
    read_info,
    shipped_styles,
)
from tests.conftest import info_for


def test_every_shipped_style_loads_is_small_and_has_a_card() -> None:
    shipped = shipped_styles()
    assert DEFAULT_STYLE in shipped
    for name, path in shipped.items():
        info = read_info(path)
        generator = load_generator(path)
        assert info.style == name
        assert info.title
        assert info.licence
        assert info.attribution
        assert info.receptive_field == receptive_field(generator)
        assert path.stat().st_size <= 8_000_000
        assert path.with_suffix(".md").is_file()
        assert path.with_suffix(".jpg").is_file()
    assert sum(path.stat().st_size for path in shipped.values()) <= 60_000_000


def test_styles_are_found_by_name_or_file(checkpoint: Path) -> None:
    assert find_style(DEFAULT_STYLE) == shipped_styles()[DEFAULT_STYLE]
    assert find_style(str(checkpoint)) == checkpoint
    assert find_style("draft2landscape") == shipped_styles()["landscape"]  # as it was called once
    with pytest.raises(
        CheckpointError, match=rf"unknown style: nobody; known are .*{DEFAULT_STYLE}"
    ):
        find_style("nobody")


def test_styles_are_found_in_any_case_in_runs_and_in_the_folder_of_the_user(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find_style(DEFAULT_STYLE.upper()) == shipped_styles()[DEFAULT_STYLE]
    run = tmp_path / "run"
    run.mkdir()
    with pytest.raises(CheckpointError, match=r"a folder without a checkpoint\.safetensors"):
        find_style(str(run))
    (run / "checkpoint.safetensors").write_bytes(checkpoint.read_bytes())
    assert find_style(str(run)) == run / "checkpoint.safetensors"
    monkeypatch.setattr("ganstyle.styles.styles_folder", lambda: tmp_path / "styles")
    assert own_styles() == {}
    (tmp_path / "styles").mkdir()
    own = tmp_path / "styles" / "Mine.safetensors"
    own.write_bytes(checkpoint.read_bytes())
    assert find_style("mine") == own_styles()["Mine"] == own
    with pytest.raises(CheckpointError, match=r"unknown style: mime; did you mean Mine\?"):
        find_style("mime")


def test_held_out_pictures_are_those_that_no_training_has_seen(
    tmp_path: Path, lively: Generator
) -> None:
    def trained(name: str, *held_out: str) -> Path:
        path = tmp_path / f"{name}.safetensors"
        save_generator(path, lively, info_for(lively, held_out=held_out))
        return path

    a, b, other = trained("a", "1", "2", "3"), trained("b", "3", "2", "9"), trained("c", "x")
    assert common_held_out([a]) == ("1", "2", "3")
    assert common_held_out([a, b]) == ("2", "3")
    with pytest.raises(CheckpointError, match="no style picture was held out from all"):
        common_held_out([a, b, other])
    with pytest.raises(CheckpointError, match="names no held-out pictures"):
        common_held_out([a, trained("none")])
    with pytest.raises(CheckpointError, match="no style picture"):
        common_held_out([])


def test_a_checkpoint_is_opened_once(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []
    open_path = Path.open

    def note(path: Path, *arguments: Any, **options: Any) -> Any:
        opened.append(path)
        return open_path(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", note)
    file = read_checkpoint(checkpoint)
    checkpoint.unlink()  # nothing else may need it
    assert load_generator(file).config == GeneratorConfig(**file.info.config)
    assert file.digest == sha256(file.data).hexdigest()
    assert opened == [checkpoint]


def test_loading_imports_no_compiler() -> None:
    """Some functions of torch import torch._dynamo and sympy on the meta device: over a second."""
    code = (
        "import sys; from pathlib import Path\n"
        "from ganstyle.models.pretrained import load_generator\n"
        "from ganstyle.styles import shipped_styles\n"
        "for path in shipped_styles().values(): load_generator(path)\n"
        "sys.exit('sympy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
