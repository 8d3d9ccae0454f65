"""The README tells the truth: its commands run, its options exist and all options are in it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from ganstyle.cli.app import app
from ganstyle.train.config import TrainConfig
from tests.conftest import picture

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
COMMANDS = [
    line.split("#")[0].strip()
    for kind, block in BLOCKS
    if kind == "sh"
    for line in block.replace("\\\n", "").splitlines()
    if "ganstyle " in line
]
NEEDED = {"jq", "ffmpeg", "torchrun"}
"""Other programs in the commands: a command runs where they are installed."""


def test_every_command_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the README's order, on tiny folders, with an hour of training cut to one step."""
    monkeypatch.chdir(tmp_path)
    for folder, count in (("photos", 5), ("paintings", 10), ("holiday", 1)):
        Path(folder).mkdir()
        for seed in range(count):
            picture(64, 48, seed=seed).save(f"{folder}/{seed}.jpg")
    for copy, original in (("sketches", "paintings"), ("drawings", "holiday")):
        shutil.copytree(original, copy)
    picture(40, 60).save("portrait.jpg")
    Path("inbox").mkdir()
    shutil.copytree("photos", "copies")
    scripts = Path(sys.executable).parent
    environment = os.environ | {"PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"}
    environment["OMP_NUM_THREADS"] = "1"
    assert len(COMMANDS) >= 14
    trained = [command for command in COMMANDS if " train " in command]
    others = [command for command in COMMANDS if " train " not in command]
    for command in trained + others:
        if any(p in command and not shutil.which(p, path=environment["PATH"]) for p in NEEDED):
            continue
        if "--watch" in command or "ffmpeg" in command:  # do not end, or need a video
            continue
        short = command.replace("--minutes 60", "--images 2 --batch 2 --crop 64")
        short = short.replace("--nproc-per-node 4", "--nproc-per-node 2")
        short = short.replace("ganstyle evaluate", "ganstyle evaluate --grid 1")
        done = subprocess.run(short, shell=True, capture_output=True, text=True, env=environment)
        assert done.returncode == 0, (command, done.stderr)
        assert "Traceback" not in done.stderr
    assert sorted(p.name for p in Path("prints").glob("*.jpg")) == [f"{i}.jpg" for i in range(5)]
    assert sorted(p.name for p in Path("small").glob("*.webp"))[0] == "0-print.webp"


def test_every_option_is_named() -> None:
    for name, command in typer.main.get_group(app).commands.items():
        for parameter in command.params:
            options = [o for o in (*parameter.opts, *parameter.secondary_opts) if o[:2] == "--"]
            if options and "--help" not in options:
                named = any(f"`{o}" in README or f"{o} " in README for o in options)
                assert named, (name, options)


def test_the_table_of_training_options_shows_their_defaults() -> None:
    rows = re.findall(r"^\| (`--[^|]*) \| ([^|]+) \|", README, re.MULTILINE)
    shown = {
        name.strip("`- ").replace("-", "_"): default.strip()
        for names, defaults in rows
        for name, default in zip(names.split(","), defaults.split(","), strict=False)
    }
    compared = [name for name in shown if hasattr(TrainConfig, name)]
    assert len(compared) >= 15
    for name in compared:
        default = getattr(TrainConfig, name)
        found = shown[name] if isinstance(default, str) else float(shown[name])
        assert found == (default or "none" if isinstance(default, str) else default), name


def test_the_python_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [example] = [block for kind, block in BLOCKS if kind == "python"]
    for name in ("weights", "examples"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "README.md", "exec"), {})
    assert (tmp_path / "lighthouse.png").is_file()


def test_every_linked_file_is_there() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target
