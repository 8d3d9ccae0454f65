"""The command line as a user runs it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ganstyle import __version__
from ganstyle.config import DEFAULT_STYLE
from ganstyle.data.imageio import read_image
from tests.conftest import picture

MakeFolder = Callable[..., Path]


def run(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ganstyle", *map(str, arguments)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=environment)


def test_help_version_and_no_arguments() -> None:
    assert f"ganstyle {__version__}\n" == run("--version").stdout
    for command in ("stylize", "train", "evaluate", "styles"):
        assert command in run("--help").stdout
    assert run().returncode == 2


def test_styles_are_listed_on_stdout() -> None:
    assert run("styles").stdout.startswith(f"{DEFAULT_STYLE} (default): ")
    assert DEFAULT_STYLE in [style["style"] for style in json.loads(run("styles", "--json").stdout)]


def test_a_difficult_folder_is_worked_through(tmp_path: Path) -> None:
    source = tmp_path / "in put"
    (source / "sub").mkdir(parents=True)
    (source / "text.jpg").write_text("not a picture")
    (source / "empty.jpg").touch()
    picture(64, 64).save(source / "whole.jpg")
    (source / "cut.jpg").write_bytes((source / "whole.jpg").read_bytes()[:-300])
    picture(32, 32).convert("CMYK").save(source / "cmyk.jpg")
    picture(32, 32).convert("P").save(source / "palette.png")
    picture(1, 1).save(source / "one.png")
    picture(5000, 20).save(source / "strip.png")
    picture(30, 20).save(source / "sub" / "Übung 1 köln.webp")
    done = run("stylize", source, tmp_path / "out")
    assert done.returncode == 1
    assert done.stdout == ""
    for name in ("text.jpg", "empty.jpg", "cut.jpg"):
        assert name in done.stderr
        assert not (tmp_path / "out" / name).exists()
    assert "6 done, 3 failed" in done.stderr
    assert "Traceback" not in done.stderr
    sizes = {p.name: read_image(p).size for p in (tmp_path / "out").rglob("*.*")}
    assert sizes == {
        "whole.jpg": (64, 64),
        "cmyk.jpg": (32, 32),
        "palette.png": (32, 32),
        "one.png": (1, 1),
        "strip.png": (5000, 20),
        "Übung 1 köln.webp": (30, 20),
    }


def test_one_picture_by_a_checkpoint_file(tmp_path: Path, checkpoint: Path) -> None:
    picture(40, 30).save(tmp_path / "a.jpg")
    done = run("stylize", "a.jpg", "b.png", "--style", checkpoint, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert read_image(tmp_path / "b.png").size == (40, 30)


def test_wrong_usage_is_one_line_and_exit_code_2(tmp_path: Path, checkpoint: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    picture(8, 8).save(folder / "a.png")
    half = tmp_path / "half.safetensors"
    half.write_bytes(checkpoint.read_bytes()[: checkpoint.stat().st_size // 2])
    for arguments, message in (
        (["stylize", folder, folder], "would be overwritten"),
        (["stylize", folder, tmp_path / "out", "--style", "nobody"], "neither a shipped style"),
        (["stylize", folder, tmp_path / "out", "--style", half], "damaged"),
        (["stylize", folder, tmp_path / "out", "--device", "cuda:99"], "sees"),
        (["stylize", folder, tmp_path / "out", "--precision", "int4"], "unknown"),
        (["stylize", tmp_path / "nowhere", tmp_path / "out"], "no such file"),
        (["train", folder, folder, tmp_path / "run"], "one of --minutes and --images"),
        (["train", folder, folder, tmp_path / "run", "--images", 1, "--preset", "x"], "preset"),
        (["evaluate", folder, folder, "--style", checkpoint, "--held-out"], "held-out"),
        (["evaluate", folder, tmp_path / "nowhere"], "not a folder"),
    ):
        done = run(*arguments)
        assert done.returncode == 2, (arguments, done.stderr)
        assert message in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "run").exists()


def test_train_then_stylize_then_evaluate(tmp_path: Path, make_folder: MakeFolder) -> None:
    """The whole path on tiny pictures: two steps of the real generator."""
    make_folder("photos", 6)
    make_folder("prints", 10)
    small = ["--crop", 64, "--batch", 1, "--content-size", 128, "--style-size", 80]
    done = run("train", "photos", "prints", "run", "--images", 2, *small, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "fooled/patch" in done.stderr
    checkpoint = tmp_path / "run" / "checkpoint.safetensors"
    assert run("stylize", "photos", "out", "--style", checkpoint, cwd=tmp_path).returncode == 0
    size = ["--size", 64, "--crop", 48, "--grid", 2, "--held-out", "--json"]
    scored = run("evaluate", "photos", "prints", "--style", checkpoint, *size, cwd=tmp_path)
    assert scored.returncode == 0, scored.stderr
    scores = json.loads(scored.stdout)
    expected = {"kid", "kid_photos", "kid_floor", "style_progress", "content", "pictures"}
    assert scores.keys() >= expected
    assert scores["pictures"] == 6


def test_evaluate_prints_a_table(make_folder: MakeFolder, checkpoint: Path) -> None:
    done = run("evaluate", make_folder("a", 2), make_folder("b", 2), "--style", checkpoint)
    assert done.returncode == 0, done.stderr
    assert "style progress" in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="no signals")
def test_interrupt_is_exit_code_130(tmp_path: Path, make_folder: MakeFolder) -> None:
    import signal
    import time

    folder = make_folder("photos", 6)
    command = [
        sys.executable,
        "-m",
        "ganstyle",
        "train",
        str(folder),
        str(folder),
        str(tmp_path / "run"),
    ]
    options = ["--minutes", "5", "--crop", "64", "--content-size", "128", "--style-size", "80"]
    process = subprocess.Popen([*command, *options], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not (tmp_path / "run" / "metrics.jsonl").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert (tmp_path / "run" / "checkpoint.safetensors").is_file()
