"""`ganstyle evaluate`."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ganstyle.models.generator import Generator
from ganstyle.models.pretrained import save_generator
from tests.cli.running import run
from tests.conftest import info_for
from tests.evaluate.conftest import _quick_views
from tests.features.test_torchscript import Means, scripted

__all__ = ["_quick_views"]  # a fixture

MakeFolder = Callable[..., Path]


def test_evaluate_prints_a_table(make_folder: MakeFolder, checkpoint: Path) -> None:
    folders = make_folder("a", 2), make_folder("b", 2)
    done = run("evaluate", *folders, "--style", checkpoint, "--grid", 1)
    assert done.returncode == 0, done.stderr
    assert "untouched photos" in done.stdout


def test_evaluate_ranks_writes_a_report_and_says_what_was_missed(
    tmp_path: Path, make_folder: MakeFolder, checkpoint: Path
) -> None:
    photos, prints = make_folder("photos", 6), make_folder("prints", 6, (100, 90))
    options = ["--style", checkpoint, "--results", photos, "--report", tmp_path / "report.html"]
    small = ["--size", 64, "--crop", 32, "--grid", 2, "--crops", 2]
    wanted = ["--require", "content>0.99", "--require", "pictures>=6"]
    done = run("evaluate", photos, prints, *options, *small, *wanted)
    assert done.returncode == 1, done.stderr
    assert "untouched photos" in done.stdout
    assert "Warning: 6 of 6 photos are also among the style pictures" in done.stderr
    missed = [line for line in done.stderr.splitlines() if "is required" in line]
    assert len(missed) == 1
    assert missed[0].startswith("test: content>0.99 is required, but content is 0.")
    page = (tmp_path / "report.html").read_text()
    assert "test, by style" in page or "photos, by style" in page
    held = run("evaluate", photos, prints, "--results", photos, *small, "--require", "edges>0.9")
    assert held.returncode == 0, held.stderr


def test_evaluate_takes_an_extractor_and_tells_equal_names_apart(
    tmp_path: Path, make_folder: MakeFolder, lively: Generator
) -> None:
    photos, prints = make_folder("photos", 3), make_folder("prints", 4)
    paths = [tmp_path / "a" / "x.safetensors", tmp_path / "b" / "x.safetensors"]
    for path in paths:
        path.parent.mkdir()
        save_generator(path, lively, info_for(lively))
    features = scripted(tmp_path, Means())
    small = ["--size", 64, "--crop", 32, "--grid", 2, "--json", "--features", features]
    done = run("evaluate", photos, prints, "--style", paths[0], "--style", paths[1], *small)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {entry["name"] for entry in found["candidates"]} == {str(path) for path in paths}
    assert found["measured"]["extractor"] == "Means.pt"
    broken = run("evaluate", photos, prints, "--features", photos / "00.png")
    assert broken.returncode == 2
    assert "TorchScript" in broken.stderr


def test_flicker_is_printed_of_a_video_and_its_results(tmp_path: Path) -> None:
    pytest.importorskip("cv2")
    from tests.videos.clips import clip, moving

    video = clip(tmp_path / "a.mp4", moving(3))
    done = run("evaluate", "--sequence", video, "--results", video)
    assert done.returncode == 0, done.stderr
    assert "where it moves" in done.stdout
    found = json.loads(run("evaluate", "--sequence", video, "--results", video, "--json").stdout)
    assert found["flicker"][str(video)]["overall"] > 0
    nothing = run("evaluate", "--sequence", video)
    assert nothing.returncode == 2
    assert "--results" in nothing.stderr


def test_evaluate_asks_for_its_arguments() -> None:
    done = run("evaluate")
    assert done.returncode == 2
    assert "expected CONTENT STYLE" in done.stderr
