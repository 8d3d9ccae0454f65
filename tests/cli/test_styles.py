"""`ganstyle styles`."""

import json

from ganstyle.config import DEFAULT_STYLE
from tests.cli.running import run


def test_styles_are_listed_on_stdout() -> None:
    lines = run("styles").stdout.splitlines()
    assert sum(line.startswith(f"{DEFAULT_STYLE} (default): ") for line in lines) == 1
    assert DEFAULT_STYLE in [style["style"] for style in json.loads(run("styles", "--json").stdout)]
