"""The example of docs/export.md."""

import re
from pathlib import Path

import pytest
from PIL import Image

from ganstyle.config import Dials
from ganstyle.export.run import export_style
from ganstyle.styles import CheckpointFile
from tests.export.test_run import style

__all__ = ["style"]  # fixture

ROOT = Path(__file__).parents[2]


def test_the_example_runs(
    style: CheckpointFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    export_style(style, tmp_path / "oil.onnx", Dials(treat_as="photo"))
    page = (ROOT / "docs" / "export.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```py\n(.*?)```", page, re.DOTALL)
    exec(compile(example, "export.md", "exec"), {})
    with Image.open("lake.png") as painting, Image.open("examples/lake.jpg") as photo:
        assert painting.size == photo.size
