import pytest

from ganstyle.errors import ConfigError
from ganstyle.evaluate.thresholds import NAMES, parse_requirement


@pytest.mark.parametrize(
    ("text", "value", "held"),
    [
        ("kid<20", 19.9, True),
        ("kid<20", 20.0, False),
        ("kid <= 20", 20.0, True),
        ("content>0.6", 0.61, True),
        ("content>.6", 0.6, False),
        ("content>=6e-1", 0.6, True),
        ("kid>-3", -2.9, True),
    ],
)
def test_a_bound_holds_or_is_missed(text: str, value: float, held: bool) -> None:
    name = text.split("<")[0].split(">")[0].strip()
    miss = parse_requirement(text).miss({name: value})
    assert (miss is None) == held
    if miss:
        assert f"{name} is {value:g}" in miss


def test_a_score_that_is_not_known_is_missed() -> None:
    requirement = parse_requirement("kid_high<20")
    for scores in ({"kid_high": None}, {}):
        assert "unknown" in (requirement.miss(scores) or "")


@pytest.mark.parametrize("text", ["", "kid", "kid<", "kid=20", "kid<twenty", "kid<20<30", "<20"])
def test_bad_syntax_names_the_scores(text: str) -> None:
    with pytest.raises(ConfigError, match=r"not a requirement.*kid.*content"):
        parse_requirement(text)


def test_an_unknown_score_names_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="fid is not a score; known are ") as caught:
        parse_requirement("fid<20")
    assert all(name in str(caught.value) for name in NAMES)
