"""`ganstyle styles`."""

import json

from ganstyle.config import DEFAULT_STYLE, LOOKS
from tests.cli.running import run


def test_styles_are_listed_on_stdout() -> None:
    lines = run("styles").stdout.splitlines()
    assert sum(line.startswith(f"{DEFAULT_STYLE} (default): ") for line in lines) == 1
    listed = {each["style"]: each for each in json.loads(run("styles", "--json").stdout)}
    assert list(listed[DEFAULT_STYLE]["looks"]) == list(LOOKS)
    own = listed[DEFAULT_STYLE]["config"]["easel"]
    classic = listed[DEFAULT_STYLE]["looks"]["classic"]
    assert (classic["brush"], classic["keep-tone"]) == (1, own["keep_tone"])
    at = next(index for index, line in enumerate(lines) if line.startswith(f"{DEFAULT_STYLE} ("))
    assert [line.split()[0] for line in lines[at + 3 : at + 6]] == [f"{look}:" for look in LOOKS]
