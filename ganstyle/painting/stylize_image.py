"""One image stylized by a generator."""

from PIL import Image

from ganstyle.config import Dials
from ganstyle.images.inputs import Input
from ganstyle.models.generator import Generator
from ganstyle.painting.painter import Painter
from ganstyle.runtime import pick_runtime, runtime_of


def stylize_image(
    image: Input,
    generator: Generator,
    dials: Dials | None = None,
    precision: str | None = None,
) -> Image.Image:
    """Stylize one image as Painter(generator, dials).stylize(image) does.

    generator: from load_generator, on any device; it stays as it is. precision: the generator's
    by default, or one that Painter takes. A Painter that is kept does many images faster.
    """
    runtime = runtime_of(generator)
    if precision:
        runtime = pick_runtime(str(runtime.device), precision, trained=True)
    return Painter(generator, dials, runtime=runtime).stylize(image)
