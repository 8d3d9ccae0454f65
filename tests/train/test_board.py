import sys
from pathlib import Path
from types import ModuleType

import pytest

from ganstyle.errors import ConfigError
from ganstyle.train.board import event_files
from ganstyle.train.run_folder import Report

REPORT = Report(0.5, 10.0, 120, 6.0, {"loss/generator": 1.5}, ["The patch discriminators rest."])


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
