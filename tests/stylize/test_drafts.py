"""Whatever somebody may take for a draft becomes a picture."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganstyle.config import Dials, OutputConfig
from ganstyle.images.read import read_picture
from ganstyle.painting.painter import Painter
from ganstyle.painting.stylize_image import stylize_image
from ganstyle.runtime import pick_runtime
from ganstyle.stylize.jobs import Job
from ganstyle.stylize.pipeline import Pipeline
from tests.conftest import PAINTING, lively_generator, picture

DRAWS = lively_generator(PAINTING)
DRAFT = Dials(treat_as="draft")


def _drawing() -> Image.Image:
    """A house on nothing, as programs with layers write it: black where it is transparent."""
    drawing = Image.new("RGBA", (96, 72), (0, 0, 0, 0))
    drawing.paste((180, 60, 50, 255), (30, 30, 60, 60))
    return drawing


DRAFTS: dict[str, Callable[[], Image.Image]] = {
    "one colour": lambda: Image.new("RGB", (120, 90), (90, 140, 200)),
    "an empty page": lambda: Image.new("L", (120, 90), 255),
    "nothing at all": lambda: Image.new("RGBA", (40, 30), (0, 0, 0, 0)),
    "a photo": lambda: picture(160, 100),
    "transparency": _drawing,
    "32x32": lambda: picture(32, 32),
    "8000x100": lambda: picture(8000, 100),
    "1x1": lambda: picture(1, 1),
}


@pytest.mark.parametrize("name", DRAFTS)
def test_it_becomes_an_opaque_picture_of_its_size(name: str, tmp_path: Path) -> None:
    draft = DRAFTS[name]()
    draft.save(tmp_path / "draft.png")
    painter = Painter(DRAWS, DRAFT, runtime=pick_runtime("cpu", "float32"))
    job = Job(tmp_path / "draft.png", tmp_path / "out.png", "PNG")
    [outcome] = Pipeline(painter, OutputConfig(), "test").run([job])
    assert outcome.status == "done", outcome.reason
    [frame] = read_picture(job.target).frames
    assert frame.image.size == draft.size
    assert frame.alpha is None


def test_what_is_transparent_is_paper() -> None:
    on_white = Image.new("RGB", (96, 72), "white")
    on_white.paste(_drawing(), mask=_drawing().getchannel("A"))
    result = stylize_image(_drawing(), DRAWS, DRAFT)
    assert result.mode == "RGB"
    assert result.tobytes() == stylize_image(on_white, DRAWS, DRAFT).tobytes()


def test_lines_lie_on_paper_and_what_is_cut_out_of_a_photo_does_not(tmp_path: Path) -> None:
    """By way of a file and from Python alike."""
    lines = Image.new("RGBA", (96, 72), (0, 0, 0, 0))
    lines.paste((0, 0, 0, 255), (10, 30, 80, 33))
    cut_out = picture(96, 72).convert("RGBA")
    cut_out.paste((0, 0, 0, 0), (0, 0, 20, 72))
    painter = Painter(DRAWS, Dials(faces=False), runtime=pick_runtime("cpu", "float32"))
    for image, mode in ((lines, "RGB"), (cut_out, "RGBA")):
        image.save(tmp_path / "in.png")
        job = Job(tmp_path / "in.png", tmp_path / "out.png", "PNG")
        pipeline = Pipeline(painter, OutputConfig(), "test", overwrite=True)
        assert [outcome.status for outcome in pipeline.run([job])] == ["done"]
        result = stylize_image(image, DRAWS, painter.dials)
        assert result.mode == mode
        with Image.open(job.target) as written:
            assert written.mode == mode
            assert written.convert("RGB").tobytes() == result.convert("RGB").tobytes()


@pytest.mark.parametrize("size", [(90, 70), (150, 200)])
def test_tiles_equal_the_whole_and_seeds_differ(size: tuple[int, int]) -> None:
    draft, cpu = picture(*size), pick_runtime("cpu", "float32")
    whole, tiled = (
        Painter(DRAWS, DRAFT, runtime=cpu, tile=tile).paint([draft])[0] for tile in (0, 64)
    )
    assert whole.tobytes() == tiled.tobytes()
    other = Painter(DRAWS, replace(DRAFT, seed=1), runtime=cpu).paint([draft])[0]
    assert np.abs(np.asarray(whole, int) - np.asarray(other)).max() > 0
