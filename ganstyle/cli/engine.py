"""The engine of `ganstyle stylize`: the style, and how it computes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ganstyle.cli.display import say
from ganstyle.cli.options import PERFORMANCE, set_up_runtime
from ganstyle.cli.outcomes import Messages
from ganstyle.config import DEFAULT_STYLE, Dials, option
from ganstyle.errors import ConfigError
from ganstyle.painting.style_mix import StyleMix

if TYPE_CHECKING:
    from ganstyle.painting.painter import Painter


@dataclass(frozen=True, kw_only=True)
class Engine:
    """What paints, and how it computes."""

    style: list[str] | None = option(
        None,
        "Name of a style (see `ganstyle styles`), a checkpoint file, or the folder of a training "
        "run; or several with weights, such as hiroshige:0.6,oil:0.4, which paint together. If "
        f"repeated, each gets a subfolder. Default: {DEFAULT_STYLE}.",
        short="-s",
        metavar="STYLE",
        group="Look",
    )
    device: str = option("auto", "Device: auto, cpu, cuda or cuda:N.", group=PERFORMANCE)
    precision: str = option(
        "auto", "Precision: auto, float32, bfloat16 or int8.", group=PERFORMANCE
    )
    tile: str = option(
        "auto",
        "Side of the tiles that large pictures are cut into, px; auto or off.",
        group=PERFORMANCE,
    )


def load_painter(
    style: StyleMix,
    dials: Dials,
    side: int | None,
    engine: Engine,
    messages: Messages,
) -> "Painter":
    """The style ready to paint; takes a second or more, as torch is loaded."""
    runtime = set_up_runtime(engine.device, engine.precision, trained=True)
    from ganstyle.painting.faces import INSTALL, faces_available
    from ganstyle.painting.painter import Painter

    painter = Painter(style, dials, runtime=runtime, tile=side)
    if engine.precision == "int8" and not painter.runtime.int8:
        files = ", ".join(str(file.path) for file, _ in style.parts)
        problem = painter.int8_problem or f"{files}: not measured for int8"
        raise ConfigError(f"{problem}; use auto.")
    if messages.verbose:
        for file, weight in style.parts:
            say(f"Style {file.info.style}, weight {weight:.3g}: {file.path}")
        say(f"Device {painter.runtime.device}, precision {painter.runtime.precision}")
        if painter.int8_problem:
            say(f"Without 8 bits: {painter.int8_problem}.")
    looks = dials.faces and dials.treat_as != "draft" and painter.easel
    if looks and not faces_available() and not messages.quiet:
        say(f"No face detector is installed, so faces may be lost: {INSTALL} (or --no-faces).")
    return painter
