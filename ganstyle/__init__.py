"""ganstyle: train a generative adversarial network on a style and redraw pictures in it."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Dials", "Painter", "__version__", "load_generator", "stylize_image"]

if TYPE_CHECKING:
    from ganstyle.config import Dials
    from ganstyle.models.pretrained import load_generator
    from ganstyle.painting.painter import Painter
    from ganstyle.painting.stylize_image import stylize_image

_MODULES = {
    "Dials": "ganstyle.config",
    "Painter": "ganstyle.painting.painter",
    "load_generator": "ganstyle.models.pretrained",
    "stylize_image": "ganstyle.painting.stylize_image",
}
"""Imported on first use: torch takes a second, and `ganstyle --help` must not wait for it."""


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'ganstyle' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
