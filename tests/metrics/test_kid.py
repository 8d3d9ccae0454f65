import pytest
import torch
from torch import Tensor

from ganstyle.errors import DataError
from ganstyle.metrics.bootstrap import Interval
from ganstyle.metrics.kid import KernelBlocks, _distance, kernel_blocks, mean_kernel, nearness


def squared_discrepancy(x: Tensor, y: Tensor) -> float:
    """Unbiased estimate by Binkowski et al. 2018, eq. 4, times 1000, of samples (N, D), (M, D)."""
    x, y = x.double(), y.double()
    xx, yy, xy = ((a @ b.T / x.shape[1] + 1) ** 3 for a, b in ((x, x), (y, y), (x, y)))
    within = [
        (kernel.sum() - kernel.trace()) / (len(kernel) * (len(kernel) - 1)) for kernel in (xx, yy)
    ]
    return 1000 * float(within[0] + within[1] - 2 * xy.mean())


def _kid(x: Tensor, y: Tensor) -> float:
    """KID of images of a crop each."""
    return kernel_blocks(x[:, None].unbind(), y[:, None].unbind()).kid


def _interval(
    x: list[Tensor], y: list[Tensor], rng: torch.Generator, resamples: int = 2000
) -> Interval:
    return kernel_blocks(x, y).interval(rng, resamples=resamples)


def test_it_equals_the_definition_written_as_loops() -> None:
    torch.manual_seed(0)
    x, y = torch.rand(5, 3).double(), torch.rand(4, 3).double() + 0.5

    def k(a: torch.Tensor, b: torch.Tensor) -> float:
        return (float(a @ b) / 3 + 1) ** 3

    within = [[k(a, b) for i, a in enumerate(s) for j, b in enumerate(s) if i != j] for s in (x, y)]
    across = [k(a, b) for a in x for b in y]
    expected = sum(sum(w) / len(w) for w in within) - 2 * sum(across) / len(across)
    assert _kid(x, y) == pytest.approx(1000 * expected)


def test_two_samples_of_one_distribution_are_near_zero_and_others_far() -> None:
    torch.manual_seed(1)
    a, b, far = torch.randn(400, 16), torch.randn(400, 16), torch.randn(400, 16) + 1
    assert abs(_kid(a, b)) < 30
    assert _kid(a, far) > 1000


def test_one_picture_is_too_few() -> None:
    with pytest.raises(DataError, match="2 pictures"):
        _kid(torch.rand(1, 4), torch.rand(5, 4))


def test_the_kernel_of_two_pictures_is_the_mean_over_their_pairs_of_crops(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    torch.manual_seed(0)
    x = [torch.rand(n, 3) for n in (1, 4, 2)]
    y = [torch.rand(n, 3) for n in (3, 2)]
    found = mean_kernel(x, y)
    assert found.shape == (3, 2)
    for i, a in enumerate(x):
        for j, b in enumerate(y):
            expected = ((a.double() @ b.double().T / 3 + 1) ** 3).mean()
            assert float(found[i, j]) == pytest.approx(float(expected))
    monkeypatch.setattr("ganstyle.metrics.kid._CHUNK", 2)  # which cuts pictures in two
    assert torch.allclose(mean_kernel(x, y), found)


def test_nearness_is_positive_for_style_pictures_and_negative_for_photos() -> None:
    torch.manual_seed(0)
    styles, photos = ([torch.randn(2, 8) + shift for _ in range(20)] for shift in (1, -1))
    found = nearness([styles[0], photos[0]], styles[1:], photos[1:])
    assert found[0] > 0 > found[1]


def _rng(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _pictures(count: int, rng: torch.Generator, *, crops: int = 3, at: float = 0) -> list[Tensor]:
    """Pictures whose crops resemble each other more than two pictures do."""
    own = torch.randn(count, 1, 6, generator=rng) + at
    return list(own + 0.5 * torch.randn(count, crops, 6, generator=rng))


def test_a_crop_a_picture_has_the_value_of_the_squared_discrepancy() -> None:
    x, y = _pictures(9, _rng(0), crops=1), _pictures(7, _rng(1), crops=1, at=0.5)
    interval = _interval(x, y, _rng(2), resamples=50)
    assert interval.value == pytest.approx(squared_discrepancy(torch.cat(x), torch.cat(y)))
    assert interval.low < interval.value < interval.high


def test_the_value_is_the_mean_over_pairs_of_pictures_written_as_loops() -> None:
    x = [torch.rand(n, 4, generator=_rng(n)) for n in (1, 2, 3, 4, 5)]
    y = [torch.rand(n, 4, generator=_rng(9 + n)) + 0.3 for n in (3, 1, 1, 2, 4, 2)]

    def k(a: Tensor, b: Tensor) -> float:
        pairs = [(float(s.double() @ t.double()) / 4 + 1) ** 3 for s in a for t in b]
        return sum(pairs) / len(pairs)

    within = [[k(a, b) for i, a in enumerate(s) for j, b in enumerate(s) if i != j] for s in (x, y)]
    across = [k(a, b) for a in x for b in y]
    expected = sum(sum(w) / len(w) for w in within) - 2 * sum(across) / len(across)
    assert _interval(x, y, _rng(0), resamples=9).value == pytest.approx(1000 * expected)


def test_a_resample_pairs_a_picture_with_all_but_its_own_copies() -> None:
    rng = _rng(0)
    xx, yy, xy = (torch.rand(n, m, generator=rng).double() for n, m in ((3, 3), (2, 2), (3, 2)))
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
    rng, hits = _rng(0), 0
    for _ in range(tries):
        x, y = _pictures(pictures, rng, at=at), _pictures(pictures, rng)
        interval = _interval(x, y, rng, resamples=300)
        hits += interval.low <= truth <= interval.high
    return hits / tries


def test_the_interval_covers_zero_for_samples_of_one_distribution() -> None:
    # the plain bootstrap: above 0.99
    assert 0.92 <= _coverage(0, 0, pictures=24) <= 0.99


def test_the_interval_covers_the_distance_of_two_distributions() -> None:
    rng = _rng(5)
    many = _pictures(4000, rng, crops=1, at=0.5), _pictures(4000, rng, crops=1)
    truth = squared_discrepancy(torch.cat(many[0]), torch.cat(many[1]))
    assert truth > 300
    assert 0.87 <= _coverage(0.5, truth, pictures=50, tries=200) <= 0.98


def test_more_pictures_narrow_the_interval_and_more_crops_of_them_hardly() -> None:
    def width(pictures: int, crops: int) -> float:
        x = _pictures(pictures, _rng(0), crops=crops, at=0.5)
        y = _pictures(pictures, _rng(1), crops=crops)
        interval = _interval(x, y, _rng(2))
        return interval.high - interval.low

    assert width(160, 2) < 0.7 * width(40, 2)
    assert width(40, 32) > 0.7 * width(40, 2)


def test_order_of_pictures_and_crops_does_not_change_the_value_nor_copies_of_a_crop() -> None:
    x, y = _pictures(8, _rng(0)), _pictures(6, _rng(1), at=1)
    value = _interval(x, y, _rng(2), resamples=9).value
    turned = [crops.flip(0) for crops in reversed(x)]
    twice = [*x[:7], x[7].repeat(2, 1)]
    assert _interval(turned, y, _rng(2), resamples=9).value == pytest.approx(value)
    assert _interval(twice, y, _rng(2), resamples=9).value == pytest.approx(value)


def test_chance_is_that_of_the_generator() -> None:
    x, y = _pictures(8, _rng(0)), _pictures(6, _rng(1), at=1)
    assert _interval(x, y, _rng(2)) == _interval(x, y, _rng(2))
    assert _interval(x, y, _rng(2)) != _interval(x, y, _rng(3))


def test_a_paired_difference_is_that_of_the_values_and_surer_than_either() -> None:
    rng = _rng(0)
    styles, a = _pictures(30, rng), _pictures(30, rng, at=1)
    b = [crops * 0.9 for crops in a]  # the same photos, a little nearer
    blocks, nearer = kernel_blocks(a, styles), kernel_blocks(b, styles)
    difference = blocks.difference(nearer, _rng(1))
    far, near = _interval(a, styles, _rng(1)), _interval(b, styles, _rng(1))
    assert difference.value == pytest.approx(far.value - near.value)
    assert 0 < difference.low < difference.value < difference.high
    assert difference.high - difference.low < 0.7 * (far.high - far.low)
    assert difference.opposite < 0.025
    assert near.high > far.low  # unpaired, one could not say
    other = nearer.difference(blocks, _rng(1))
    assert (other.low, other.high) == pytest.approx((-difference.high, -difference.low))
    assert other.opposite == difference.opposite


def test_equal_results_differ_by_nothing_and_alike_ones_by_rng() -> None:
    rng = _rng(0)
    styles, a = _pictures(20, rng), _pictures(20, rng, at=1)
    blocks = kernel_blocks(a, styles)
    same = blocks.difference(blocks, _rng(1))
    assert (same.value, same.low, same.high, same.opposite) == (0, 0, 0, 1)
    hits = 0
    for _ in range(200):
        a, b = _pictures(20, rng, at=0.5), _pictures(20, rng, at=0.5)
        styles = _pictures(20, rng)
        first, second = kernel_blocks(a, styles), kernel_blocks(b, styles)
        difference = first.difference(second, rng, resamples=200)
        hits += difference.low <= 0 <= difference.high
    assert 0.91 <= hits / 200 <= 0.985


def test_too_few_or_unpaired_pictures_are_an_error() -> None:
    x = _pictures(6, _rng(0))
    with pytest.raises(DataError, match="needs 5 pictures a side; got 4"):
        _interval(x[:4], x, _rng(0))
    with pytest.raises(DataError, match="same photos; got 6 and 5"):
        kernel_blocks(x, x).difference(kernel_blocks(x[:5], x), _rng(0))


def test_two_pictures_a_side_have_a_kid_and_one_has_none() -> None:
    x, y = ([torch.randn(3, 4) for _ in range(count)] for count in (2, 3))
    plain = kernel_blocks([p[:1] for p in x], [p[:1] for p in y]).kid
    assert plain == pytest.approx(
        squared_discrepancy(torch.cat([p[:1] for p in x]), torch.cat([p[:1] for p in y]))
    )
    for few, others in ((x[:1], y), (x, y[:1])):
        with pytest.raises(DataError, match="2 pictures a side"):
            _ = kernel_blocks(few, others).kid
