"""One image stylized: the way in from Python."""

from PIL import Image

from ganstyle.config import Dials
from ganstyle.images.alpha import on_paper
from ganstyle.images.tensors import to_rgb
from ganstyle.models.generator import Generator
from ganstyle.painting.painter import Painter
from ganstyle.runtime import pick_runtime, runtime_of


def stylize_image(
    image: Image.Image,
    generator: Generator,
    dials: Dials | None = None,
    precision: str | None = None,
) -> Image.Image:
    """Stylize one image of any size from 1x1 up; returns an image of the same size.

    generator: from load_generator, on any device; it takes the precision. dials: the style in full
    by default. precision: the generator's by default, or one that pick_runtime() takes.
    The result is RGB, or RGBA when the image has transparent parts, which in drawings are paper.
    """
    content, alpha = to_rgb(image)
    runtime = runtime_of(generator)
    if precision:
        runtime = pick_runtime(str(runtime.device), precision, trained=True)
    painter = Painter(generator, runtime, dials or Dials())
    if alpha and painter.needs_paper(paper := on_paper(content, alpha)):
        content, alpha = paper, None
    stylized = painter.paint([content])[0]
    if alpha:
        stylized.putalpha(alpha)
    return stylized
