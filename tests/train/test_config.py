import pytest

from ganstyle.errors import ConfigError
from ganstyle.train.config import TrainConfig


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"images": 1, "minutes": 1.0}, "only one of --minutes and --images"),
        ({"images": 0}, "images is 0; it must be 1 or more."),
        ({"minutes": -1.0}, "minutes is -1.0; it must be more than 0."),
        ({"task": "x"}, "task is x; it must be unpaired or paired."),
        ({"crop": 100}, "crop is 100; it must be a multiple of 16 from 64."),
        (
            {"task": "paired", "content_size": 255},
            r"content_size is 255; .* the crop's side \(256\) or more",
        ),
        ({"style_size": 255}, r"style_size is 255; .* the crop's side \(256\) or more"),
        ({"style_smooth": 2}, "style_smooth is 2; it must be odd and 1 or more."),
        ({"lr": float("nan")}, "lr is nan; it must be more than 0."),
        ({"finest": 0.5}, "finest is 0.5; it must be from 1 to 16."),
        ({"finest": 4.0, "coarsest": 3.0}, r"coarsest is 3.0; it must be 4 \(finest\) or more."),
        ({"radius": 9}, "radius is 9; it must be from 0 to 8."),
        ({"pair_weight": -1.0}, "pair_weight is -1.0; it must be 0 or more."),
        ({"batch": -1}, "batch is -1; it must be 0 or more."),
        ({"invention": 1.5}, "invention is 1.5; it must be from 0 to 1."),
        ({"draft_invention": -0.5}, "draft_invention is -0.5; it must be from 0 to 1."),
        ({"tone_share": 2.0}, "tone_share is 2.0; it must be from 0 to 1."),
        ({"keep_tone": -1.0}, "keep_tone is -1.0; it must be from 0 to 1."),
        ({"palette": 1.1}, "palette is 1.1; it must be from 0 to 1."),
        ({"brush": 9.0}, "brush is 9.0; it must be from 0.25 to 8."),
        ({"abstraction": 0.5}, "abstraction is 0.5; it must be from 1 to 16."),
    ],
)
def test_what_makes_no_training_is_named(options: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        TrainConfig(**options)  # type: ignore[arg-type]


def test_one_factor_for_all_steps_is_allowed() -> None:
    config = TrainConfig(finest=3.0, coarsest=3.0)
    assert config.coarsest == config.refining_factor == 3


def test_paintings_are_refined_on_abstractions_of_the_finer_kind() -> None:
    assert TrainConfig(finest=2.0, coarsest=6.0).refining_factor == 3
