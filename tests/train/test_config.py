import pytest

from ganstyle.errors import ConfigError
from ganstyle.train.config import TrainConfig


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "Give one of --minutes and --images"),
        ({"images": 1, "minutes": 1.0}, "Give one of --minutes and --images"),
        ({"images": 0}, "images is 0; it must be 1 or more."),
        ({"images": 1, "task": "x"}, "task is x; it must be unpaired, paired or sketch."),
        ({"images": 1, "crop": 100}, "crop is 100; it must be a multiple of 32 from 64."),
        ({"images": 1, "content_size": 191}, r"192 or more \(crop and surroundings\)"),
        ({"images": 1, "style_size": 159}, r"the crop's side \(160\) or more"),
        ({"images": 1, "style_smooth": 2}, "style_smooth is 2; it must be odd and 1 or more."),
        ({"images": 1, "lr": float("nan")}, "lr is nan; it must be more than 0."),
    ],
)
def test_what_makes_no_training_is_named(options: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        TrainConfig(**options)  # type: ignore[arg-type]
