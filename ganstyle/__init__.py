"""ganstyle: train a generative adversarial network on a style and redraw pictures in it."""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Dials", "__version__", "load_generator", "stylize_image"]

if TYPE_CHECKING:
    from ganstyle.config import Dials
    from ganstyle.models.pretrained import load_generator
    from ganstyle.painting.stylize_image import stylize_image


def __getattr__(name: str) -> Any:
    # Imported on first use: torch takes a second, and `ganstyle --help` must not wait for it.
    if name == "Dials":
        from ganstyle.config import Dials

        return Dials
    if name == "load_generator":
        from ganstyle.models.pretrained import load_generator

        return load_generator
    if name == "stylize_image":
        from ganstyle.painting.stylize_image import stylize_image

        return stylize_image
    raise AttributeError(f"module 'ganstyle' has no attribute {name!r}")
