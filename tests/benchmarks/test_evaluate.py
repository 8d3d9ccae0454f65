"""The benchmark of `evaluate` runs it and prints a rate."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "evaluate.py"


@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory as Linux counts it")
def test_it_prints_rate_and_memory() -> None:
    command = [sys.executable, str(SCRIPT), "--pictures", "3", "--style-pictures", "2"]
    command += ["--rounds", "1"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = re.fullmatch(
        r"3 pictures of 768x512 px: ([\d.]+) images/s \(([\d.]+) s\), peak (\d+) MB\n",
        done.stdout,
    )
    assert found, done.stdout
    rate, seconds, peak = map(float, found.groups())
    assert rate * seconds == pytest.approx(3, rel=0.3)
    assert peak > 200
