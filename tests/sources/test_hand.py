from collections.abc import Callable

import pytest
import torch

from ganstyle.sources.hand import Hand, careful_hand, quick_hand, random_hand

MakeHand = Callable[[torch.Generator], Hand]


def _many(make: MakeHand, count: int = 400) -> list[Hand]:
    rng = torch.Generator().manual_seed(0)
    return [make(rng) for _ in range(count)]


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def test_careful_hands_have_more_colours_and_smaller_cells() -> None:
    careful, quick = _many(careful_hand), _many(quick_hand)
    assert max(hand.cell for hand in careful) <= 7
    assert 5 <= min(hand.cell for hand in quick) < max(hand.cell for hand in quick) <= 20
    assert {hand.colors for hand in careful} == set(range(8, 40))
    assert {hand.colors for hand in quick} == set(range(3, 11))
    for name, times in (("least", 5), ("wobble", 2), ("off", 2)):
        neat, hasty = (_mean([getattr(hand, name) for hand in of]) for of in (careful, quick))
        assert hasty > times * neat > 0


def test_careful_hands_leave_no_paper_and_draw_no_simple_shapes() -> None:
    careful, quick = _many(careful_hand), _many(quick_hand)
    assert all(hand.overlap and hand.smooth and not hand.simple for hand in careful)
    bare = _mean([hand.overlap == 0 for hand in quick])
    assert bare == pytest.approx(0.08, abs=0.04)
    assert 0.1 < _mean([hand.simple > 0 for hand in quick]) < 0.9


@pytest.mark.parametrize(("make", "share"), [(careful_hand, 0.15), (quick_hand, 0.4)])
def test_some_draw_lines_of_a_pen_or_of_the_contours(make: MakeHand, share: float) -> None:
    made = _many(make)
    inked = [hand for hand in made if hand.pen or hand.contours]
    assert len(inked) / len(made) == pytest.approx(share, abs=0.06)
    assert any(hand.pen for hand in inked)
    assert any(hand.contours for hand in inked)


def test_three_of_five_hands_are_careful(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def counted(make: MakeHand) -> MakeHand:
        def spy(rng: torch.Generator) -> Hand:
            made.append(make)
            return make(rng)

        return spy

    monkeypatch.setattr("ganstyle.sources.hand.careful_hand", counted(careful_hand))
    monkeypatch.setattr("ganstyle.sources.hand.quick_hand", counted(quick_hand))
    _many(random_hand, 1000)
    assert len(made) == 1000
    assert made.count(careful_hand) == pytest.approx(600, abs=50)


@pytest.mark.parametrize("make", [careful_hand, quick_hand, random_hand])
def test_the_seed_alone_makes_the_hand(make: MakeHand) -> None:
    first, again, other = (make(torch.Generator().manual_seed(seed)) for seed in (3, 3, 4))
    assert first == again != other
