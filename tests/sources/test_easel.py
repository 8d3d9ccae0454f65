import json
from dataclasses import asdict

import pytest
import torch

from ganstyle.errors import ConfigError
from ganstyle.images.tensors import to_tensor
from ganstyle.models.generator import GeneratorConfig
from ganstyle.sources.abstraction import Abstraction
from ganstyle.sources.easel import Easel
from ganstyle.sources.tones import Tones
from tests.conftest import picture

FULL = Easel(
    side=200,
    photo=Abstraction(factor=2, radius=1),
    refined=Abstraction(factor=2.5, radius=4),
    tones=Tones.of([to_tensor(picture(40, 30, seed=seed)) for seed in range(3)]),
    keep_tone=0.1,
    palette=0.2,
    tone_share=0.3,
    invention=0.5,
    draft_invention=0.7,
)


@pytest.mark.parametrize("easel", [FULL, Easel()])
def test_an_easel_comes_back_from_json_as_it_was(easel: Easel) -> None:
    config = GeneratorConfig(easel=easel)
    again = GeneratorConfig(**json.loads(json.dumps(asdict(config))))
    assert again == config
    assert again.easel == easel
    assert isinstance(again.easel, Easel)
    assert hash(again) == hash(config)


def test_easels_of_their_own_differ() -> None:
    assert Easel(side=200) != Easel()
    assert GeneratorConfig().easel is None


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"side": 15}, "side is 15; it must be from 16 to 4096."),
        ({"side": 5000}, "side is 5000; it must be from 16 to 4096."),
        ({"keep_tone": -0.1}, "keep_tone is -0.1; it must be from 0 to 1."),
        ({"palette": 1.1}, "palette is 1.1; it must be from 0 to 1."),
        ({"tone_share": 2.0}, "tone_share is 2.0; it must be from 0 to 1."),
        ({"invention": float("nan")}, "invention is nan; it must be from 0 to 1."),
        ({"draft_invention": -1.0}, "draft_invention is -1.0; it must be from 0 to 1."),
        ({"photo": {"factor": 0.5, "radius": 2}}, "factor is 0.5; it must be from 1 to 16."),
        ({"refined": {"factor": 2, "radius": 9}}, "radius is 9; it must be from 0 to 8."),
        ({"tones": {}}, "tones are of no picture"),
        ({"tones": {"pictures": []}}, "tones are of no picture"),
    ],
)
def test_values_out_of_range_are_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Easel(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "numbers", "message"),
    [
        ("lightness", [0.5], r"tones have \(1, 2, 3\) numbers; they need \(17, 2, 3\)"),
        ("color", [float("nan"), 0.0], "no finite numbers"),
    ],
)
def test_damaged_tones_are_refused(name: str, numbers: list[float], message: str) -> None:
    record = asdict(Tones.of([torch.zeros(2, 2, 3, dtype=torch.uint8)]))
    record["pictures"][0][name] = numbers
    with pytest.raises(ConfigError, match=message):
        Easel(tones=record)  # type: ignore[arg-type]
