"""README.md and docs/ tell the truth: commands run, options exist, links lead somewhere."""

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import pytest
import typer

from ganstyle.cli.app import app
from ganstyle.styles import shipped_styles
from ganstyle.train.config import TrainConfig
from tests.conftest import picture
from tests.test_imports import LAYERS

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
"""The documentation."""

ALL_PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("*/*.md")])
"""With the styles' cards, and what is for contributors."""

MEASURED = {"benchmarks.md", "decisions.md", "robustness.md"}
"""Pages whose commands say how figures came about, on pictures that are not here."""

NEEDED = {"jq", "ffmpeg", "torchrun"}
"""Other programs in the commands: a command runs where they are installed."""

Run = tuple[list[str], str]
"""A process's arguments and its input."""

IN_ONE_PROCESS = """
import shlex, sys
from ganstyle.cli.app import app
for line in sys.stdin.read().splitlines():
    code = app(shlex.split(line)[1:], standalone_mode=False)
    assert not code, (line, code)
"""
"""Does commands one after another, and imports torch once."""


def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def _blocks(page: Path, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", _text(page), re.DOTALL)


def _shell_lines(page: Path) -> list[str]:
    lines = "".join(_blocks(page, "sh")).replace("\\\n", "").splitlines()
    return [line.split("#")[0].strip() for line in lines]


def _commands() -> list[str]:
    """Every command of the documentation once, the trainings first: others use their results."""
    shown = [line for page in PAGES if page.name not in MEASURED for line in _shell_lines(page)]
    commands = dict.fromkeys(line for line in shown if "ganstyle " in line)
    return sorted(commands, key=lambda command: " train " not in command)


def _shortened(command: str) -> str:
    """An hour of training cut to one step, and scores of one crop a picture."""
    # Scoring takes two held-out pictures: only the run of `evaluate --held-out` has so many.
    held_out = "" if " my-style/" in command else "--hold-out 1 "
    step = f"{held_out}--images 2 --batch 2 --crop 64 --preset fast"
    if "my-first-style" in command:  # which has no limit
        command += " --minutes 60"
    short = command.replace("--minutes 60", step).replace("-per-node 4", "-per-node 2")
    return short.replace("ganstyle evaluate", "ganstyle evaluate --grid 1")


def _pictures() -> None:
    """The tiny folders that the commands name."""
    for folder, count in (("photos", 5), ("paintings", 10), ("holiday", 1)):
        Path(folder).mkdir()
        for seed in range(count):
            picture(64, 48, seed=seed).save(f"{folder}/{seed}.jpg")
    copies = {"sketches": "paintings", "drawings": "holiday", "copies": "photos"}
    for copy, original in copies.items():
        shutil.copytree(original, copy)
    for name in ("portrait.jpg", "sunset.jpg"):
        picture(40, 60).save(name)
    if find_spec("av"):
        from tests.videos.clips import clip, moving

        for path in ("clip.mp4", "holiday/clip.mov"):
            clip(Path(path), moving(3), sound="aac")
    for options in (block for page in PAGES for block in _blocks(page, "toml")):
        Path(options.splitlines()[0].removeprefix("# ")).write_text(options)


def _chains(commands: list[str], path: str) -> list[list[Run]]:
    """Processes that do the commands: those of a chain in turn, the chains side by side.

    Plain commands are all done by the first process of the first chain, and what uses their
    results comes after it.
    """
    plain = [
        line for line in commands if line.startswith("ganstyle ") and not re.search("[<>|]", line)
    ]
    made = {name for name in _folders(plain) if not Path(name).exists()}
    first = ([sys.executable, "-c", IN_ONE_PROCESS], "\n".join(map(_shortened, plain)))
    after: list[Run] = [first]
    beside: list[Run] = []
    for command in commands:
        programs = NEEDED & set(command.split())
        if command not in plain and all(shutil.which(name, path=path) for name in programs):
            chain = after if made & _folders([command]) else beside
            chain.append((["sh", "-c", _shortened(command)], ""))
    return [after, beside]


def _folders(commands: list[str]) -> set[str]:
    return {word.partition("/")[0] for line in commands for word in line.split() if "/" in word}


def test_every_command_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    _pictures()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "OMP_NUM_THREADS": "1"}
    left_out = "--watch|ffmpeg"
    needed_by = (("onnxruntime", "ganstyle export"), ("av", r"clip\.mp4"), ("cv2", "--sequence"))
    for package, needing in needed_by:
        left_out += "" if find_spec(package) else f"|{needing}"
    commands = [line for line in _commands() if not re.search(left_out, line)]
    assert len(commands) >= 28  # those two do not end, or need a longer video

    def run(chain: list[Run]) -> None:
        for arguments, lines in chain:
            done = subprocess.run(
                arguments, input=lines, capture_output=True, text=True, env=environment
            )
            assert done.returncode == 0, (arguments, done.stderr)
            assert "Traceback" not in done.stderr

    with ThreadPoolExecutor() as pool:
        list(pool.map(run, _chains(commands, path)))  # raises what any of them raises
    assert sorted(p.name for p in Path("painted").glob("*.jpg")) == [f"{i}.jpg" for i in range(5)]
    assert sorted(p.name for p in Path("small").glob("*.webp"))[0] == "0-print.webp"


@pytest.mark.parametrize("page", ALL_PAGES, ids=lambda page: page.name)
def test_commands_have_no_unknown_options(page: Path) -> None:
    """Those too that cannot be run here: of measured figures, and on the styles' cards."""
    parameters = {
        name: {
            option
            for parameter in command.params
            for option in parameter.opts + parameter.secondary_opts
        }
        for name, command in typer.main.get_group(app).commands.items()
    }
    inline = re.findall(r"`(ganstyle [^`]*)`", _text(page))
    for command in [*inline, *(line for line in _shell_lines(page) if "ganstyle " in line)]:
        words = command.partition("ganstyle ")[2].partition("|")[0].split()
        if words[0] in parameters:
            unknown = {word for word in words if word.startswith("--")} - parameters[words[0]]
            assert not unknown, command


def test_every_option_is_named() -> None:
    shown = "".join(map(_text, PAGES))
    for name, command in typer.main.get_group(app).commands.items():
        for parameter in command.params:
            options = [o for o in (*parameter.opts, *parameter.secondary_opts) if o[:2] == "--"]
            if options and "--help" not in options:
                named = any(f"`{o}" in shown or f"{o} " in shown for o in options)
                assert named, (name, options)


def test_the_table_of_training_options_shows_their_defaults() -> None:
    page = _text(ROOT / "docs" / "train.md")
    rows = re.findall(r"^\| (`--[^|]*) \| ([^|]+) \|", page, re.MULTILINE)
    shown = {
        name.strip("`- ").replace("-", "_"): default.strip()
        for names, defaults in rows
        for name, default in zip(names.split(","), defaults.split(","), strict=False)
    }
    compared = [name for name in shown if getattr(TrainConfig, name, None) is not None]
    assert len(compared) >= 15
    for name in compared:
        default = getattr(TrainConfig, name)
        found = shown[name] if isinstance(default, str) else float(shown[name])
        assert found == (default or "none" if isinstance(default, str) else default), name


def test_the_python_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("weights", "examples"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    examples = [(page.name, block) for page in PAGES for block in _blocks(page, "python")]
    assert len(examples) >= 3
    for name, example in examples:
        exec(compile(example, name, "exec"), {})
    assert (tmp_path / "lighthouse.png").is_file()


def _table(page: Path, heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, its first row included."""
    section = _text(page).partition(f"# {heading}\n")[2]
    table = re.search(r"(?:^\|.*\|\n)+", section, re.MULTILINE)
    assert table, heading
    lines = table[0].replace("*", "").splitlines()
    cells = [[cell.strip() for cell in line[1:-1].split("|")] for line in lines]
    return [cells[0], *cells[2:]]


def test_the_speeds_of_the_readme_are_those_of_the_benchmarks() -> None:
    shown = _table(ROOT / "README.md", "How fast")
    measured = {row[0]: row for row in _table(ROOT / "docs" / "benchmarks.md", "Stylizing: speed")}
    assert len(shown) >= 7
    for program, *figures in shown:
        assert set(figures) <= set(measured[program])


def test_the_shares_of_the_readme_are_those_of_the_benchmarks() -> None:
    shown = _table(ROOT / "README.md", "How good")
    measured = _table(ROOT / "docs" / "benchmarks.md", "Taken for photos")
    assert {row[0].strip("`") for row in shown} >= set(shipped_styles())
    assert all(row in measured for row in shown)


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", _text(page), re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    }


@pytest.mark.parametrize("page", ALL_PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^):]+)\)", _text(page)):
        file, _, anchor = link.partition("#")
        target = page.parent / file if file else page
        assert target.exists(), link
        assert not anchor or anchor in _anchors(target), link


def test_the_architecture_names_what_there_is() -> None:
    page = ROOT / "docs" / "architecture.md"
    for room, module in re.findall(r"`(\w+)/(\w+)`", _text(page)):
        assert (ROOT / "ganstyle" / room / f"{module}.py").is_file(), (room, module)
    code = "".join(path.read_text() for path in (ROOT / "ganstyle").rglob("*.py"))
    for name in re.findall(r"`([A-Z]\w+)`", _text(page)):
        assert re.search(rf"^class {name}\b", code, re.MULTILINE), name
    rows = _table(page, "Where a thing lives")[1:]
    shown: list[set[str]] = []
    for layer, room, _ in rows:
        if layer:
            shown.append(set())
        shown[-1].add(room.strip("`/"))
    assert [*shown[:-1], {"ganstyle"}] == list(reversed(LAYERS))


def test_every_picture_of_the_documentation_is_shown() -> None:
    shown = "".join(map(_text, PAGES))
    for path in (ROOT / "docs").rglob("*.*g"):
        assert path.name in shown, path
