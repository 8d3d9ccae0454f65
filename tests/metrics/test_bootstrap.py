import pytest
import torch

from ganstyle.errors import DataError
from ganstyle.metrics.bootstrap import mean_interval


def test_the_interval_of_a_mean_holds_it_in_95_of_100_cases() -> None:
    torch.manual_seed(0)
    intervals = [mean_interval(torch.randn(10).double() + 3) for _ in range(400)]
    held = sum(interval.low < 3 < interval.high for interval in intervals)
    assert 0.92 <= held / 400 <= 0.98
    with pytest.raises(DataError, match="5 pictures"):
        mean_interval(torch.rand(4))
