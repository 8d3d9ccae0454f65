"""`ganstyle train`."""

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.running import ENVIRONMENT, GANSTYLE, run, spawn

MakeFolder = Callable[..., Path]


def test_train_then_stylize_then_evaluate(tmp_path: Path, make_folder: MakeFolder) -> None:
    """The whole path on tiny pictures: two steps of the real generator."""
    make_folder("photos", 6)
    make_folder("prints", 10)
    small = ["--crop", 64, "--batch", 1, "--content-size", 128, "--style-size", 80]
    done = run("train", "photos", "prints", "run", "--images", 2, *small, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "fooled: " in done.stderr
    checkpoint = tmp_path / "run" / "checkpoint.safetensors"
    assert run("stylize", "photos", "out", "--style", checkpoint, cwd=tmp_path).returncode == 0
    size = ["--size", 64, "--crop", 48, "--grid", 2, "--held-out", "--json"]
    scored = run("evaluate", "photos", "prints", "--style", checkpoint, *size, cwd=tmp_path)
    assert scored.returncode == 0, scored.stderr
    scores = json.loads(scored.stdout)
    expected = {"kid", "kid_photos", "kid_floor", "style_progress", "content", "pictures"}
    assert scores.keys() >= expected
    assert scores["pictures"] == 6


@pytest.mark.skipif(sys.platform == "win32", reason="no signals")
def test_a_training_killed_at_any_moment_gives_the_same_bits(
    tmp_path: Path, make_folder: MakeFolder
) -> None:
    make_folder("photos", 10, (110, 100))  # two of them held out, which scores need
    make_folder("prints", 10, (110, 100))
    small = "--crop 64 --content-size 100 --style-size 100 --batch 1 --preset fast --images 8"
    options = [*small.split(), "--precision", "float32", "--name", "killed"]
    state, kills = tmp_path / "run" / "state.safetensors", 0
    with _begin("whole", *options, cwd=tmp_path) as whole:  # beside the one that is killed
        for _ in range(3):
            before = _saved_at(state)
            with _begin("run", *options, cwd=tmp_path) as process:
                while process.poll() is None and _saved_at(state) == before:
                    time.sleep(0.02)
                time.sleep(random.uniform(0, 1))  # a step or two, and what is written after them
                kills += process.poll() is None
                process.kill()
        assert kills
        done = spawn("train", "photos", "prints", "run", *options, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        _, errors = whole.communicate()
        assert whole.returncode == 0, errors
    for name in ("checkpoint.safetensors", "best.safetensors"):
        assert (tmp_path / "run" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def _begin(run: str, *options: str, cwd: Path) -> subprocess.Popen[str]:
    command = [*GANSTYLE, "train", "photos", "prints", run, *options]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=cwd, env=ENVIRONMENT)


def _saved_at(path: Path) -> int:
    """The time of a file in nanoseconds, 0 before there is one."""
    return path.stat().st_mtime_ns if path.exists() else 0


def test_options_from_a_file_give_way_to_the_command_line(
    tmp_path: Path, make_folder: MakeFolder
) -> None:
    make_folder("photos", 6)
    make_folder("prints", 10)
    text = "crop = 64\nbatch = 1\ncontent_size = 128\nstyle_size = 80\nimages = 7\n"
    (tmp_path / "run.toml").write_text(text)
    arguments = ["train", "photos", "prints", "run", "--config", "run.toml", "--dry-run"]
    done = run(*arguments, "--images", 5, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert '"crop": 64' in done.stdout
    assert '"images": 5' in done.stdout
    (tmp_path / "run.toml").write_text("crops = 64\n")
    assert "unknown option: crops" in run(*arguments, cwd=tmp_path).stderr
    (tmp_path / "run.toml").write_text("crop = 'wide'\n")
    assert "crop is 'wide'; it must be of type int" in run(*arguments, cwd=tmp_path).stderr


def test_the_task_of_a_file_gives_way_to_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text("task = 'paired'\nimages = 1\n")
    options = ["--config", "run.toml"]
    asked = run("train", "prints", "run", *options, cwd=tmp_path)
    assert "expected --paired SOURCE TARGET RUN, got 2 paths" in asked.stderr
    (tmp_path / "run.toml").write_text("task = 'unpaired'\nimages = 1\n")
    asked = run("train", "prints", "run", *options, "--paired", cwd=tmp_path)
    assert "expected --paired SOURCE TARGET RUN, got 2 paths" in asked.stderr
    (tmp_path / "run.toml").write_text("task = 'draft'\nimages = 1\n")
    asked = run("train", "photos", "run", *options, cwd=tmp_path)
    assert "task is draft; it must be unpaired or paired." in asked.stderr


def test_style_pictures_are_enough(tmp_path: Path, make_folder: MakeFolder) -> None:
    make_folder("prints", 10)
    small = ["--preset", "fast", "--crop", 64, "--batch", 1, "--style-size", 80, "--images", 1]
    done = run("train", "prints", "run", *small, "--dry-run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "style pictures: 8 pictures to train on, 2 held out." in done.stdout
    assert '"style_size": 80' in done.stdout
    assert not (tmp_path / "run").exists()


def test_a_dry_run_looks_and_writes_nothing(tmp_path: Path, make_folder: MakeFolder) -> None:
    (make_folder("photos", 6) / "broken.jpg").write_text("broken")
    make_folder("prints", 10)
    small = ["--crop", 64, "--batch", 1, "--content-size", 128, "--style-size", 80]
    done = run(
        "train", "photos", "prints", "run", "--images", 90, *small, "--dry-run", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "photos: 6 of 7 used for previews and scores, none for training." in done.stdout
    assert "broken.jpg" in done.stdout
    assert "90 crops at" in done.stdout
    assert '"crop": 64' in done.stdout
    assert not (tmp_path / "run").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="no signals")
def test_interrupt_is_exit_code_130(tmp_path: Path, make_folder: MakeFolder) -> None:
    make_folder("photos", 6)
    make_folder("prints", 6)
    options = "--minutes 5 --crop 64 --content-size 128 --style-size 80 --batch 1 --preset fast"
    numbers = signal.SIGINT, signal.SIGTERM
    processes = [_begin(number.name, *options.split(), cwd=tmp_path) for number in numbers]
    deadline = time.monotonic() + 60
    try:
        for number, process in zip(numbers, processes, strict=True):
            run = tmp_path / number.name
            while not (run / "metrics.jsonl").exists() and time.monotonic() < deadline:
                time.sleep(0.1)
            process.send_signal(number)
            _, errors = process.communicate(timeout=60)
            assert process.returncode == 130, errors
            assert "Traceback" not in errors
            assert (run / "checkpoint.safetensors").is_file()
    finally:
        for process in processes:
            process.kill()  # of one that failed, five minutes would be left
