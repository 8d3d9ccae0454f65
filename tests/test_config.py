"""Options: what a declaration allows, and how it says so."""

from dataclasses import dataclass

import pytest

from ganstyle.config import Dials, EvaluateConfig, OutputConfig, check_ranges, option
from ganstyle.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class Example:
    part: float = option(1.0, "From nothing to all.", min=0, max=1)
    many: int = option(4, "As many.", min=1)
    rate: float = option(0.5, "So fast.", above=0)
    zoom: float = option(1.0, "So large.", above=0, max=8)
    side: int = option(64, "So wide.", min=64, multiple_of=32)
    window: int = option(3, "With a middle.", min=1, odd=True)
    form: str = option("square", "A shape.", choices=("square", "round", "flat"))
    least: int | None = option(None, "May be left out.", min=1)
    free: str = option("", "Anything.")

    def __post_init__(self) -> None:
        check_ranges(self)


@pytest.mark.parametrize(
    ("name", "good", "wrong", "expected"),
    [
        ("part", (0, 0.5, 1), (-0.1, 1.1, float("nan")), "from 0 to 1"),
        ("many", (1, 1000), (0, -1), "1 or more"),
        ("rate", (1e-9, 9.0), (0, -1.0, float("nan")), "more than 0"),
        ("zoom", (0.1, 8), (0, 8.1, float("nan")), "more than 0, 8 at most"),
        ("side", (64, 96), (32, 65, 0), "a multiple of 32 from 64"),
        ("window", (1, 5), (0, 2, -1), "odd and 1 or more"),
        ("form", ("round", "flat"), ("", "Round"), "square, round or flat"),
        ("least", (None, 1), (0,), "1 or more"),
        ("free", ("", "x"), (), ""),
    ],
)
def test_a_value_is_in_the_range_or_named(
    name: str, good: tuple[object, ...], wrong: tuple[object, ...], expected: str
) -> None:
    for value in good:
        assert getattr(Example(**{name: value}), name) == value  # type: ignore[arg-type]
    for value in wrong:
        with pytest.raises(ConfigError) as caught:
            Example(**{name: value})  # type: ignore[arg-type]
        assert str(caught.value) == f"{name} is {value}; it must be {expected}."


def test_ranges_of_several_options() -> None:
    for config, options, message in (
        (OutputConfig, {"suffix": "a/b"}, "suffix is a/b; it must be a part of a file name."),
        (OutputConfig, {"quality": 101}, "quality is 101; it must be from 1 to 100."),
        (Dials, {"brush": 9.0}, "brush is 9.0; it must be from 0.25 to 8."),
        (
            EvaluateConfig,
            {"size": 40, "crop": 48},
            r"size is 40; .*crop's side \(48\) or more",
        ),
    ):
        with pytest.raises(ConfigError, match=message):
            config(**options)
