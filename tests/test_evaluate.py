from collections.abc import Callable
from pathlib import Path

import pytest

from ganstyle.config import EvaluateConfig
from ganstyle.errors import DataError
from ganstyle.evaluate import evaluate
from ganstyle.models.generator import Generator
from ganstyle.runtime import pick_runtime

SMALL = EvaluateConfig(size=64, crop=32, grid=2)
MakeFolder = Callable[..., Path]


def test_folders_are_scored_and_broken_files_named(
    make_folder: MakeFolder, lively: Generator
) -> None:
    content, style = make_folder("photos", 3), make_folder("prints", 4)
    (content / "broken.jpg").write_text("broken")
    messages: list[str] = []
    scores = evaluate(
        content, style, lively, pick_runtime("cpu", "float32"), SMALL, on_message=messages.append
    )
    assert scores.pictures == 3
    assert len(messages) == 1
    assert "broken.jpg" in messages[0]
    assert scores.kid != scores.kid_photos
    assert scores.content < 1


def test_only_named_style_pictures_count(make_folder: MakeFolder, lively: Generator) -> None:
    content, style = make_folder("photos", 3), make_folder("prints", 6)
    runtime = pick_runtime("cpu", "float32")
    some = evaluate(content, style, lively, runtime, SMALL, only=("01", "03", "05"))
    for name in ("00", "02", "04"):
        (style / f"{name}.png").unlink()
    assert evaluate(content, style, lively, runtime, SMALL).kid == pytest.approx(some.kid)
    with pytest.raises(DataError, match="0 pictures of those held out"):
        evaluate(content, style, lively, runtime, SMALL, only=("elsewhere",))


def test_an_empty_folder_is_named(make_folder: MakeFolder, lively: Generator) -> None:
    with pytest.raises(DataError, match="empty: no pictures"):
        evaluate(
            make_folder("empty", 0),
            make_folder("prints", 2),
            lively,
            pick_runtime("cpu", "float32"),
            SMALL,
        )
