"""`ganstyle styles`: the shipped styles."""

import json

from ganstyle.cli.options import AsJson
from ganstyle.config import DEFAULT_STYLE, LOOKS, Dials
from ganstyle.sources.looks import Settings
from ganstyle.styles import StyleInfo, own_styles, read_info, shipped_styles, styles_folder

EXAMPLES = """\
ganstyle styles
ganstyle styles --json"""


def styles(as_json: AsJson = False) -> None:
    """List the styles that --style knows by name, and what each look of --look means in them."""
    infos = [read_info(path) for path in (own_styles() | shipped_styles()).values()]
    if as_json:
        records = [json.loads(info.to_json()) | {"looks": _looks(info)} for info in infos]
        print(json.dumps(records, ensure_ascii=False))
        return
    for info in infos:
        default = " (default)" if info.style == DEFAULT_STYLE else ""
        print(f"{info.style}{default}: {info.title}")
        print(f"    licence: {info.licence}")
        print(f"    origin:  {info.attribution}")
        for look, dials in _looks(info).items():
            shown = ", ".join(f"{name} {value:g}" for name, value in dials.items())
            print(f"    {look + ':':8} {shown}")
    print(f"Put checkpoints of your own into {styles_folder()} to find them by name.")


def _looks(info: StyleInfo) -> dict[str, dict[str, float]]:
    """Dials for photos in each look of a style; none of a style that was trained on pairs."""
    easel = info.config.get("easel")
    if easel is None:
        return {}
    own = Settings.of_record(easel)
    return {look: own.asked(Dials(look=look)).of_photos for look in LOOKS}
