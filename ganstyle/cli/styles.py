"""`ganstyle styles`: the shipped styles."""

import json

from ganstyle.cli.options import AsJson
from ganstyle.config import DEFAULT_STYLE
from ganstyle.styles import own_styles, read_info, shipped_styles, styles_folder

EXAMPLES = """\
ganstyle styles
ganstyle styles --json"""


def styles(as_json: AsJson = False) -> None:
    """List the styles that --style knows by name: shipped ones, and those in your own folder."""
    infos = [read_info(path) for path in (own_styles() | shipped_styles()).values()]
    if as_json:
        print(json.dumps([json.loads(info.to_json()) for info in infos], ensure_ascii=False))
        return
    for info in infos:
        default = " (default)" if info.style == DEFAULT_STYLE else ""
        print(f"{info.style}{default}: {info.title}")
        print(f"    licence: {info.licence}")
        print(f"    origin:  {info.attribution}")
    print(f"Put checkpoints of your own into {styles_folder()} to find them by name.")
