import pytest
import torch

from ganstyle.distributed import Ranks
from ganstyle.train.log import Window


def test_each_name_has_its_own_mean() -> None:
    window = Window()
    window.add({"a": torch.tensor(1.0)})
    window.add({"a": torch.tensor(2.0), "b": torch.tensor(5.0)})
    assert window.close(Ranks()) == pytest.approx({"a": 1.5, "b": 5.0})
    window.add({"a": torch.tensor(7.0)})
    assert window.close(Ranks()) == {"a": 7.0}


def test_it_goes_on_from_its_sums_and_counts() -> None:
    window = Window()
    window.add({"a": torch.tensor(1.0)})
    other = Window(dict(window.sums), dict(window.counts)).to(torch.device("cpu"))
    for each in (window, other):
        each.add({"a": torch.tensor(3.0)})
    assert window.close(Ranks()) == other.close(Ranks()) == {"a": 2.0}
