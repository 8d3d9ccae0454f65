"""Commands as a user runs them, in this process or, where that matters, in one of their own."""

import os
import signal
import subprocess
import sys
from contextlib import chdir
from io import BytesIO, TextIOWrapper
from pathlib import Path
from unittest.mock import patch

from ganstyle.cli import app

GANSTYLE = [sys.executable, "-m", "ganstyle"]
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


def run(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """What comes of a command, without the second that a new process takes to load torch."""
    done = pipe(b"", *arguments, cwd=cwd)
    streams = (stream.decode() for stream in (done.stdout, done.stderr))
    return subprocess.CompletedProcess(done.args, done.returncode, *streams)


def pipe(
    data: bytes, *arguments: object, cwd: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    """The same with data on stdin; stdout and stderr are bytes."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    stdin, stdout, stderr = (
        TextIOWrapper(BytesIO(start), encoding="utf-8", errors=errors, write_through=True)
        for start, errors in ((data, "strict"), (b"", "strict"), (b"", "backslashreplace"))
    )
    with (
        chdir(cwd or Path.cwd()),
        patch.multiple(sys, stdin=stdin, stdout=stdout, stderr=stderr),
        patch("ganstyle.runtime.tune_cpu"),  # it would stay in force for the tests that follow
    ):
        command = list(map(str, arguments))
        try:
            code = app.run(command)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
    written = (stream.buffer.getvalue() for stream in (stdout, stderr))
    return subprocess.CompletedProcess(command, code, *written)


def spawn(
    *arguments: object, data: bytes = b"", cwd: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    """What comes of a command in a process of its own, with data on stdin."""
    command = [*GANSTYLE, *map(str, arguments)]
    return subprocess.run(command, input=data, capture_output=True, cwd=cwd, env=ENVIRONMENT)
