"""One command writes all tables, each to its place on the page."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))  # scripts, not a package

from all import BENCHMARKS, PAGE, Benchmark
from report import split_at_markers

SCRIPTS = Path(__file__).parents[2] / "benchmarks"


@pytest.mark.parametrize("benchmark", BENCHMARKS, ids=lambda benchmark: benchmark.name)
def test_every_table_has_its_place_on_the_page(benchmark: Benchmark) -> None:
    for name in benchmark.markers:
        assert split_at_markers(PAGE, name)
    script = (SCRIPTS / f"{benchmark.name}.py").read_text()
    for word in (*benchmark.arguments, *benchmark.smallest):
        if word.startswith("--"):  # typer makes the option of a parameter
            assert f"    {word[2:].replace('-', '_')}: " in script, word


def test_all_places_of_the_page_are_written() -> None:
    places = re.findall(r"<!-- (.+):start -->", PAGE.read_text(encoding="utf-8"))
    written = [name for one in BENCHMARKS for name in one.markers]
    # int8 is written when a style is made; agreement needs results of other programs.
    assert sorted(places) == sorted([*written, "int8", "agreement"])


@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory as Linux counts it")
def test_a_benchmark_writes_its_table_and_leaves_the_others(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    shutil.copy(PAGE, page)
    command = [sys.executable, str(SCRIPTS / "all.py"), "--smallest"]
    command += ["--only", "evaluate", "--only", "taken_for_photo", "--write", str(page)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "taken_for_photo: left out, for it needs --data." in done.stderr
    head, tail = split_at_markers(page, "evaluate")
    assert split_at_markers(PAGE, "evaluate") == (head, tail)
    written = page.read_text(encoding="utf-8")[len(head) : -len(tail)]
    assert written.strip() == done.stdout.strip()
    [figures] = re.findall(
        r"^\| 3 \| 2 \| ([\d.]+) \| ([\d.]+) \| (\d+) \|$", written, re.MULTILINE
    )
    rate, seconds, peak = map(float, figures)
    assert rate == pytest.approx(3 / seconds, rel=0.3, abs=0.06)  # of one decimal
    assert peak > 200


def test_a_benchmark_that_fails_is_named(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPTS / "all.py"), "--smallest", "--only", "stylize"]
    done = subprocess.run(
        [*command, "--write", str(tmp_path / "no page")], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.endswith("failed: stylize\n")
    unknown = subprocess.run([*command, "--only", "x"], capture_output=True, text=True)
    assert "--only x: known are stylize, train" in unknown.stderr
