"""Easels and tones of several styles, mixed by weight."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from ganstyle.sources.abstraction import Abstraction
from ganstyle.sources.easel import Easel
from ganstyle.sources.mixed import MixedTones, mixed_easel
from ganstyle.sources.tones import Tones, measure


def _plain(*color: float) -> Tensor:
    """A picture of one colour with a coloured corner: uint8 (32, 32, 3)."""
    image = torch.tensor(color).mul(255).byte().expand(32, 32, 3).clone()
    image[:8] = image[:8].flip(-1)
    return image


DARK, LIGHT = Tones.of([_plain(0.4, 0.1, 0.1)]), Tones.of([_plain(0.7, 0.9, 1.0)])
GRAY = Tones.of([_plain(0.5, 0.5, 0.5)])
ONE = Easel(side=100, photo=Abstraction(factor=2, radius=1), tones=DARK, keep_tone=0.2, palette=1.0)
OTHER = Easel(
    side=200, photo=Abstraction(factor=6, radius=3), tones=LIGHT, keep_tone=0.6, palette=0.5
)


def test_numbers_are_means_by_weight() -> None:
    mixed = mixed_easel([(ONE, 0.75), (OTHER, 0.25)])
    assert mixed.side == 125
    assert mixed.photo == Abstraction(factor=3, radius=2)
    assert (mixed.keep_tone, mixed.palette) == (0.3, 0.875)
    assert mixed.invention == ONE.invention == OTHER.invention


def test_one_easel_or_the_same_twice_is_itself() -> None:
    assert mixed_easel([(ONE, 1.0)]) is ONE
    same = mixed_easel([(ONE, 0.1), (ONE, 0.7), (ONE, 0.2)])
    assert replace(same, tones=DARK) == ONE


def test_a_style_without_tones_keeps_those_of_the_photo() -> None:
    mixed = mixed_easel([(ONE, 0.5), (replace(OTHER, tones=None), 0.5)])
    assert (mixed.keep_tone, mixed.palette) == (0.6, 0.5)
    assert isinstance(mixed.tones, MixedTones)
    assert mixed.tones.parts == ((DARK, 1.0),)
    assert mixed_easel([(replace(ONE, tones=None), 0.5)] * 2).tones is None


def test_tones_lie_between_those_of_the_media() -> None:
    photo = measure(torch.rand(1, 3, 20, 20, generator=torch.Generator().manual_seed(0)))
    media = [medium.nearest(photo, 1.0) for medium in (DARK, LIGHT)]
    mixed = MixedTones.of_media([(DARK, 3.0), (LIGHT, 1.0)]).nearest(photo, 1.0)
    for name in ("lightness", "color", "covariance"):
        dark, light = (torch.tensor(getattr(each, name)) for each in media)
        expected = (0.75 * dark + 0.25 * light).tolist()
        assert list(getattr(mixed, name)) == pytest.approx(expected, abs=1e-6)


def test_grey_media_take_colour_away_by_their_weight_and_bring_none() -> None:
    photo = measure(torch.rand(1, 3, 20, 20, generator=torch.Generator().manual_seed(0)))
    mixed = MixedTones.of_media([(GRAY, 0.25), (LIGHT, 0.75)])
    assert mixed.gray == 0.25
    found, light = mixed.nearest(photo, 1.0), LIGHT.nearest(photo, 1.0)
    assert found.color == pytest.approx(light.color)
    assert found.lightness[-1] < light.lightness[-1]
    assert MixedTones.of_media([(GRAY, 1.0)]).gray == 1
