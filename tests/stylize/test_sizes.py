"""The size of a result is the one that was asked for, however a photo is decoded."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from ganstyle.config import Dials, OutputConfig
from ganstyle.images.tensors import read_image
from ganstyle.models.generator import GeneratorConfig
from ganstyle.painting.painter import Painter
from ganstyle.runtime import pick_runtime
from ganstyle.stylize.jobs import Job
from ganstyle.stylize.pipeline import Pipeline
from tests.conftest import PAINTING, TINY, lively_generator, picture


@pytest.mark.parametrize("dials", [Dials(strength=0.5), Dials(keep_color=True), Dials(strength=0)])
@pytest.mark.parametrize("config", [TINY, PAINTING])
def test_a_jpeg_of_half_the_size_is_mixed_in(
    tmp_path: Path, config: GeneratorConfig, dials: Dials
) -> None:
    """At a half it is decoded to one row more than max_size asks for: 273 to 137, not 136."""
    painter = Painter(lively_generator(config), dials, runtime=pick_runtime("cpu", "float32"))
    pipeline = Pipeline(painter, OutputConfig(max_size=204), "test", overwrite=True)
    picture(408, 273).save(tmp_path / "a.jpg")
    picture(204, 136, seed=1).save(tmp_path / "b.png")  # goes through the network with the other
    jobs = [Job(tmp_path / name, tmp_path / f"to-{name}", "JPEG") for name in ("a.jpg", "b.png")]
    for outcome in pipeline.run(jobs):
        assert (outcome.status, outcome.reason) == ("done", "")
        assert outcome.size == read_image(outcome.job.target).size == (204, 136)
    piped = BytesIO()
    pipeline.run_one((tmp_path / "a.jpg").read_bytes(), piped, "JPEG")
    assert Image.open(piped).size == (204, 136)
