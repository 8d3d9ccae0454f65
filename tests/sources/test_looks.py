"""Looks: what they make of a style's own settings, and what overrides them."""

from dataclasses import asdict
from pathlib import Path

import pytest

from ganstyle.config import LOOKS, Dials
from ganstyle.sources import looks
from ganstyle.sources.looks import Settings, brush_of

OWN = Settings(invention=0.5, draft_invention=0.8, abstraction=4.5, keep_tone=0.4, palette=0.6)


def _asked(**dials: object) -> Settings:
    return OWN.asked(Dials(**dials))  # type: ignore[arg-type]


def test_the_classic_look_is_the_style_s_own() -> None:
    assert _asked() == _asked(look="classic") == OWN
    assert tuple(looks.LOOKS) == LOOKS


def test_from_subtle_to_bold_everything_goes_one_way() -> None:
    subtle, classic, bold = (asdict(_asked(look=look)) for look in LOOKS)
    for name, own in asdict(OWN).items():
        steps = [subtle[name], own, bold[name]]
        assert classic[name] == own
        assert steps == sorted(steps, reverse=name == "keep_tone")
    assert bold["palette"] == pytest.approx(0.8)
    assert bold["keep_tone"] == pytest.approx(0.2)


@pytest.mark.parametrize("extreme", [0.0, 1.0])
def test_values_stay_in_their_range(extreme: float) -> None:
    own = Settings(
        abstraction=16.0 if extreme else 1.0,
        **dict.fromkeys(("invention", "draft_invention", "keep_tone", "palette"), extreme),
    )
    for look in LOOKS:
        asked = own.asked(Dials(look=look))
        Dials(abstraction=asked.abstraction, keep_tone=asked.keep_tone, palette=asked.palette)


def test_a_dial_overrides_the_look_also_with_the_classic_value() -> None:
    given = {"brush": 1.0, "invention": 0.0, "abstraction": 2.0, "keep_tone": 0.9, "palette": 0.0}
    asked = asdict(_asked(look="bold", **given))
    assert asked == {**given, "draft_invention": 0.0}
    assert brush_of(Dials(look="bold", brush=1.0)) == brush_of(Dials()) == 1
    assert brush_of(Dials(look="subtle")) < 1 < brush_of(Dials(look="bold"))


def test_a_picture_as_the_palette_gives_all_it_has_in_any_look() -> None:
    picture = Path("a.jpg")
    for look in LOOKS:
        asked = _asked(look=look, palette=picture)
        assert (asked.palette, asked.keep_tone) == (1.0, 0.0)
    assert _asked(palette=picture, keep_tone=0.3).keep_tone == 0.3
