"""Scoring a style: its results against the style's pictures, beside anchors."""

from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image

from ganstyle.config import Dials, EvaluateConfig
from ganstyle.data.imageio import read_image
from ganstyle.errors import DataError, ImageError
from ganstyle.features.efficientnet import load_efficientnet
from ganstyle.files import find_images
from ganstyle.metrics.scores import Example, Judge, Scores
from ganstyle.models.generator import Generator
from ganstyle.redraw import Redrawer
from ganstyle.runtime import Runtime


def evaluate(
    content: Path,
    style: Path,
    generator: Generator,
    runtime: Runtime,
    config: EvaluateConfig,
    *,
    only: tuple[str, ...] = (),
    on_message: Callable[[str], None] = lambda _: None,
    on_picture: Callable[[], None] = lambda: None,
) -> Scores:
    """Stylize the photos below content and score them against the pictures below style.

    only: names, without ending, of the style pictures to use, all when empty. on_message gets a
    line for each file left out, on_picture is called after each photo. Raises DataError when no
    photo, or fewer than two style pictures, can be read.
    """
    redrawer = Redrawer(generator, runtime, Dials())
    eyes = load_efficientnet().to(runtime.device)

    def readable(paths: list[Path]) -> Iterator[Image.Image]:
        for path in paths:
            try:
                yield read_image(path)
            except ImageError as error:
                on_message(str(error))

    def examples() -> Iterator[Example]:
        for photo in readable(photos):
            yield Example(photo, redrawer([photo])[0])
            on_picture()

    photos = find_images(content)
    styles = [path for path in find_images(style) if not only or path.stem in only]
    if len(styles) < 2:
        wanted = " of those held out from training" if only else ""
        raise DataError(f"{style}: {len(styles)} pictures{wanted}; two or more are needed.")
    return Judge(eyes, readable(styles), config).score(examples())
