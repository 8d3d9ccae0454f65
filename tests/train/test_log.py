import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch

from ganstyle.distributed import Ranks
from ganstyle.errors import ConfigError
from ganstyle.train.log import MetricAverager, TrainingReport, event_files

REPORT = TrainingReport(
    0.5, 10.0, 120, 6.0, {"loss/generator": 1.5}, ["The patch discriminators rest."]
)


def test_each_name_has_its_own_mean() -> None:
    averager = MetricAverager()
    averager.add({"a": torch.tensor(1.0)})
    averager.add({"a": torch.tensor(2.0), "b": torch.tensor(5.0)})
    assert averager.flush(Ranks()) == pytest.approx({"a": 1.5, "b": 5.0})
    averager.add({"a": torch.tensor(7.0)})
    assert averager.flush(Ranks()) == {"a": 7.0}


def test_it_goes_on_from_its_sums_and_counts() -> None:
    averager = MetricAverager()
    averager.add({"a": torch.tensor(1.0)})
    other = MetricAverager(dict(averager.sums), dict(averager.counts)).to(torch.device("cpu"))
    for each in (averager, other):
        each.add({"a": torch.tensor(3.0)})
    assert averager.flush(Ranks()) == other.flush(Ranks()) == {"a": 2.0}


def test_the_time_left_follows_from_the_progress() -> None:
    assert TrainingReport(0.25, 30.0, 1, 1.0, {}).seconds_left == pytest.approx(90)


def test_a_line_of_metrics_has_the_keys_that_it_always_had() -> None:
    assert REPORT.as_record() == {
        "share": 0.5,
        "seconds": 10.0,
        "images_seen": 120,
        "images_per_second": 6.0,
        "values": {"loss/generator": 1.5},
        "actions": ["The patch discriminators rest."],
    }


def test_without_tensorboard_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(ConfigError, match=r"pip install 'ganstyle\[tensorboard\]'"):
        event_files(tmp_path).__enter__()


def test_reports_become_scalars_at_the_images_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[tuple[object, ...]] = []

    class SummaryWriter:
        def __init__(self, folder: str) -> None:
            written.append((folder,))

        def __enter__(self) -> "SummaryWriter":
            return self

        def __exit__(self, *_: object) -> None:
            written.append(("closed",))

        def add_scalar(self, *values: object) -> None:
            written.append(values)

        add_text = add_scalar

    module = ModuleType("torch.utils.tensorboard")
    module.SummaryWriter = SummaryWriter  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    with event_files(tmp_path) as log:
        log(REPORT)
    assert written == [
        (str(tmp_path / "events"),),
        ("loss/generator", 1.5, 120),
        ("images_per_second", 6.0, 120),
        ("pilot", REPORT.actions[0], 120),
        ("closed",),
    ]


def test_real_event_files_are_written(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    with event_files(tmp_path) as log:
        log(REPORT)
    assert list((tmp_path / "events").glob("events.out.tfevents.*"))
