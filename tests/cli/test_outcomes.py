import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ganstyle.cli.outcomes import show_outcome
from ganstyle.stylize.jobs import Job, Outcome

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class Pipe(io.BytesIO):
    """Notes what arrives with each write."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []

    def write(self, data: "ReadableBuffer", /) -> int:
        self.writes.append(bytes(data))
        return super().write(data)


def test_a_json_line_is_one_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that lines of processes that share a pipe stay whole; torchrun runs python unbuffered."""
    pipe = Pipe()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(pipe, write_through=True))  # as python -u
    job = Job(Path("in.png"), Path("out.png"), "PNG")
    for _ in range(2):
        show_outcome(Outcome(job, "done"), as_json=True)
    assert [json.loads(line)["input"] for line in pipe.writes] == ["in.png", "in.png"]
