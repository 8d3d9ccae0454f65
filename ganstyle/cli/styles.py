"""`ganstyle styles`: the shipped styles."""

import json

from ganstyle.cli.options import AsJson
from ganstyle.config import DEFAULT_STYLE
from ganstyle.styles import read_info, shipped_styles


def styles(as_json: AsJson = False) -> None:
    """List the styles that can be named after --style."""
    infos = [read_info(path) for path in shipped_styles().values()]
    if as_json:
        print(json.dumps([json.loads(info.to_json()) for info in infos], ensure_ascii=False))
        return
    for info in infos:
        default = " (default)" if info.style == DEFAULT_STYLE else ""
        print(f"{info.style}{default}: {info.title}")
        print(f"    licence: {info.licence}")
        print(f"    origin:  {info.attribution}")
