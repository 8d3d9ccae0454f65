import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from PIL import Image

from ganstyle.config import Dials
from ganstyle.export.check import open_model
from ganstyle.export.model import build_model
from ganstyle.models.generator import GeneratorConfig
from ganstyle.painting.painter import Painter
from tests.conftest import PAINTING, TINY, info_for, lively_generator, picture

DIALS = Dials(faces=False, treat_as="photo")


def model_of(
    path: Path, config: GeneratorConfig = PAINTING, dials: Dials = DIALS
) -> tuple[Painter, onnxruntime.InferenceSession]:
    painter = Painter(lively_generator(config), dials, precision="float32")
    info = info_for(painter.generator, licence="CC0", title="Blobs")
    onnx.save(build_model(painter.generator, dials, info), path)
    return painter, open_model(path)


def pixels(image: Image.Image) -> np.ndarray:
    return np.asarray(image)[None]


@pytest.mark.parametrize("size", [(1, 1), (3, 40), (24, 20), (61, 47), (150, 111)])
@pytest.mark.parametrize(("kind", "within"), [("photo", 0.95), ("draft", 0.999)])
def test_a_model_paints_as_the_painter_does(
    kind: str, within: float, size: tuple[int, int], tmp_path: Path
) -> None:
    painter, session = model_of(tmp_path / "a.onnx", dials=Dials(faces=False, treat_as=kind))
    image = picture(*size)
    [painted] = session.run(None, {"image": pixels(image)})
    assert painted.dtype == np.uint8
    assert painted.shape == (1, size[1], size[0], 3)
    apart = np.abs(painted[0].astype(int) - np.asarray(painter.paint([image])[0]))
    assert (apart <= 2).mean() > within
    assert apart.mean() < 0.5


def test_brush_seed_and_kind_can_be_set_at_every_call(tmp_path: Path) -> None:
    _, session = model_of(tmp_path / "a.onnx")
    image = picture(90, 70)
    changes = {"brush": 2.0, "seed": 3, "treat_as": "draft"}
    feeds = {"brush": np.array(2, np.float32), "seed": np.array(3), "draft": np.array(True)}
    plain = session.run(None, {"image": pixels(image)})[0]
    for (dial, value), (name, fed) in zip(changes.items(), feeds.items(), strict=True):
        other = Painter(
            lively_generator(PAINTING),
            Dials(**{"faces": False, "treat_as": "photo", dial: value}),  # type: ignore[arg-type]
            precision="float32",
        )
        [painted] = session.run(None, {"image": pixels(image), name: fed})
        wanted = np.asarray(other.paint([image])[0]).astype(int)
        assert np.abs(painted[0] - wanted).mean() < 0.5
        assert np.abs(painted.astype(int) - plain).mean() > 1


def test_other_dials_are_built_in(tmp_path: Path) -> None:
    dials = Dials(faces=False, treat_as="photo", brush=0.5, seed=7, invention=0.2, abstraction=9)
    painter, session = model_of(tmp_path / "a.onnx", dials=dials)
    image = picture(70, 50)
    [painted] = session.run(None, {"image": pixels(image)})
    assert np.abs(painted[0].astype(int) - np.asarray(painter.paint([image])[0])).mean() < 0.5


def test_a_generator_without_easel_draws_on_the_image_itself(tmp_path: Path) -> None:
    painter, session = model_of(tmp_path / "a.onnx", config=TINY)
    assert [each.name for each in session.get_overridable_initializers()] == ["seed"]
    image = picture(61, 47)
    [painted] = session.run(None, {"image": pixels(image)})
    assert np.abs(painted[0].astype(int) - np.asarray(painter.paint([image])[0])).max() <= 1


def test_dials_are_required_inputs_where_a_runtime_knows_no_defaults() -> None:
    generator = lively_generator(PAINTING)
    model = build_model(generator, DIALS, info_for(generator), optional=False)
    assert {each.name for each in model.graph.input} == {"image", "seed", "brush", "draft"}
    assert not {each.name for each in model.graph.initializer} & {"seed", "brush", "draft"}


def test_the_metadata_say_what_the_model_is(tmp_path: Path) -> None:
    model_of(tmp_path / "a.onnx")
    model = onnx.load(tmp_path / "a.onnx")
    onnx.checker.check_model(model)
    known = {each.key: each.value for each in model.metadata_props}
    assert known["style"] == "test"
    assert known["licence"] == "CC0"
    assert int(known["opset"]) == model.opset_import[0].version
    assert json.loads(known["dials"])["seed"] == 0
