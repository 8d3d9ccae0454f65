import pytest
import torch
from torch import Tensor

from ganstyle.errors import DataError
from ganstyle.metrics.bootstrap import (
    KernelBlocks,
    _distance,
    kernel_blocks,
    kid_difference,
    kid_interval,
    mean_interval,
)
from ganstyle.metrics.kid import kernel_distance


def _chance(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _pictures(
    count: int, chance: torch.Generator, *, crops: int = 3, at: float = 0
) -> list[Tensor]:
    """Pictures whose crops resemble each other more than two pictures do."""
    own = torch.randn(count, 1, 6, generator=chance) + at
    return list(own + 0.5 * torch.randn(count, crops, 6, generator=chance))


def test_a_crop_a_picture_has_the_value_of_kernel_distance() -> None:
    x, y = _pictures(9, _chance(0), crops=1), _pictures(7, _chance(1), crops=1, at=0.5)
    interval = kid_interval(x, y, _chance(2), resamples=50)
    assert interval.value == pytest.approx(kernel_distance(torch.cat(x), torch.cat(y)))
    assert interval.low < interval.value < interval.high


def test_the_value_is_the_mean_over_pairs_of_pictures_written_as_loops() -> None:
    x = [torch.rand(n, 4, generator=_chance(n)) for n in (1, 2, 3, 4, 5)]
    y = [torch.rand(n, 4, generator=_chance(9 + n)) + 0.3 for n in (3, 1, 1, 2, 4, 2)]

    def k(a: Tensor, b: Tensor) -> float:
        pairs = [(float(s.double() @ t.double()) / 4 + 1) ** 3 for s in a for t in b]
        return sum(pairs) / len(pairs)

    within = [[k(a, b) for i, a in enumerate(s) for j, b in enumerate(s) if i != j] for s in (x, y)]
    across = [k(a, b) for a in x for b in y]
    expected = sum(sum(w) / len(w) for w in within) - 2 * sum(across) / len(across)
    assert kid_interval(x, y, _chance(0), resamples=9).value == pytest.approx(1000 * expected)


def test_a_resample_pairs_a_picture_with_all_but_its_own_copies() -> None:
    chance = _chance(0)
    xx, yy, xy = (torch.rand(n, m, generator=chance).double() for n, m in ((3, 3), (2, 2), (3, 2)))
    blocks = KernelBlocks((xx + xx.T).fill_diagonal_(0), (yy + yy.T).fill_diagonal_(0), xy)
    x, y = [0, 0, 2], [1, 0]  # the pictures that were drawn
    w, v = torch.tensor([[2.0, 0, 1]]).double(), torch.ones(1, 2).double()
    within = [
        [float(kernel[i, j]) for i in drawn for j in drawn if i != j]
        for kernel, drawn in ((blocks.xx, x), (blocks.yy, y))
    ]
    across = [float(xy[i, j]) for i in x for j in y]
    expected = sum(sum(k) / len(k) for k in within) - 2 * sum(across) / len(across)
    assert float(_distance(blocks, w, v)) == pytest.approx(expected)


def _coverage(at: float, truth: float, *, pictures: int, tries: int = 300) -> float:
    chance, hits = _chance(0), 0
    for _ in range(tries):
        x, y = _pictures(pictures, chance, at=at), _pictures(pictures, chance)
        interval = kid_interval(x, y, chance, resamples=300)
        hits += interval.low <= truth <= interval.high
    return hits / tries


def test_the_interval_covers_zero_for_samples_of_one_distribution() -> None:
    # the plain bootstrap: above 0.99
    assert 0.92 <= _coverage(0, 0, pictures=24) <= 0.99


def test_the_interval_covers_the_distance_of_two_distributions() -> None:
    chance = _chance(5)
    many = _pictures(4000, chance, crops=1, at=0.5), _pictures(4000, chance, crops=1)
    truth = kernel_distance(torch.cat(many[0]), torch.cat(many[1]))
    assert truth > 300
    assert 0.87 <= _coverage(0.5, truth, pictures=50, tries=200) <= 0.98


def test_more_pictures_narrow_the_interval_and_more_crops_of_them_hardly() -> None:
    def width(pictures: int, crops: int) -> float:
        x = _pictures(pictures, _chance(0), crops=crops, at=0.5)
        y = _pictures(pictures, _chance(1), crops=crops)
        interval = kid_interval(x, y, _chance(2))
        return interval.high - interval.low

    assert width(160, 2) < 0.7 * width(40, 2)
    assert width(40, 32) > 0.7 * width(40, 2)


def test_order_of_pictures_and_crops_does_not_change_the_value_nor_copies_of_a_crop() -> None:
    x, y = _pictures(8, _chance(0)), _pictures(6, _chance(1), at=1)
    value = kid_interval(x, y, _chance(2), resamples=9).value
    turned = [crops.flip(0) for crops in reversed(x)]
    twice = [*x[:7], x[7].repeat(2, 1)]
    assert kid_interval(turned, y, _chance(2), resamples=9).value == pytest.approx(value)
    assert kid_interval(twice, y, _chance(2), resamples=9).value == pytest.approx(value)


def test_chance_is_that_of_the_generator() -> None:
    x, y = _pictures(8, _chance(0)), _pictures(6, _chance(1), at=1)
    assert kid_interval(x, y, _chance(2)) == kid_interval(x, y, _chance(2))
    assert kid_interval(x, y, _chance(2)) != kid_interval(x, y, _chance(3))


def test_a_paired_difference_is_that_of_the_values_and_surer_than_either() -> None:
    chance = _chance(0)
    styles, a = _pictures(30, chance), _pictures(30, chance, at=1)
    b = [crops * 0.9 for crops in a]  # the same photos, a little nearer
    difference = kid_difference(a, b, styles, _chance(1))
    far, near = kid_interval(a, styles, _chance(1)), kid_interval(b, styles, _chance(1))
    assert difference.value == pytest.approx(far.value - near.value)
    assert 0 < difference.low < difference.value < difference.high
    assert difference.high - difference.low < 0.7 * (far.high - far.low)
    assert difference.opposite < 0.025
    assert near.high > far.low  # unpaired, one could not say
    other = kid_difference(b, a, styles, _chance(1))
    assert (other.low, other.high) == pytest.approx((-difference.high, -difference.low))
    assert other.opposite == difference.opposite


def test_equal_results_differ_by_nothing_and_alike_ones_by_chance() -> None:
    chance = _chance(0)
    styles, a = _pictures(20, chance), _pictures(20, chance, at=1)
    same = kid_difference(a, a, styles, _chance(1))
    assert (same.value, same.low, same.high, same.opposite) == (0, 0, 0, 1)
    hits = 0
    for _ in range(200):
        a, b = _pictures(20, chance, at=0.5), _pictures(20, chance, at=0.5)
        difference = kid_difference(a, b, _pictures(20, chance), chance, resamples=200)
        hits += difference.low <= 0 <= difference.high
    assert 0.91 <= hits / 200 <= 0.985


def test_too_few_or_unpaired_pictures_are_an_error() -> None:
    x = _pictures(6, _chance(0))
    with pytest.raises(DataError, match="needs 5 pictures a side; got 4"):
        kid_interval(x[:4], x, _chance(0))
    with pytest.raises(DataError, match="same photos; got 6 and 5"):
        kid_difference(x, x[:5], x, _chance(0))


def test_two_pictures_a_side_have_a_kid_and_one_has_none() -> None:
    x, y = ([torch.randn(3, 4) for _ in range(count)] for count in (2, 3))
    plain = kernel_blocks([p[:1] for p in x], [p[:1] for p in y]).kid
    assert plain == pytest.approx(
        kernel_distance(torch.cat([p[:1] for p in x]), torch.cat([p[:1] for p in y]))
    )
    for few, others in ((x[:1], y), (x, y[:1])):
        with pytest.raises(DataError, match="2 pictures a side"):
            _ = kernel_blocks(few, others).kid


def test_the_interval_of_a_mean_holds_it_in_95_of_100_cases() -> None:
    torch.manual_seed(0)
    intervals = [mean_interval(torch.randn(10).double() + 3) for _ in range(400)]
    held = sum(interval.low < 3 < interval.high for interval in intervals)
    assert 0.92 <= held / 400 <= 0.98
    with pytest.raises(DataError, match="5 pictures"):
        mean_interval(torch.rand(4))
