import io
import json
import sys
from pathlib import Path

import pytest

from ganstyle.jobs import Job
from ganstyle.stylize import Outcome
from ganstyle.terminal import show_outcome


class Pipe(io.RawIOBase):
    """Notes what arrives with each write."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        self.writes.append(bytes(data))  # type: ignore[call-overload]
        return len(self.writes[-1])


def test_a_json_line_is_one_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that lines of processes that share a pipe stay whole; torchrun runs python unbuffered."""
    pipe = Pipe()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(pipe, write_through=True))  # as python -u
    job = Job(Path("in.png"), Path("out.png"), "PNG")
    for _ in range(2):
        show_outcome(Outcome(job, "done"), as_json=True)
    assert [json.loads(line)["input"] for line in pipe.writes] == ["in.png", "in.png"]
