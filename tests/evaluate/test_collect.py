import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from ganstyle.config import Dials, EvaluateConfig
from ganstyle.evaluate.candidates import Results, Stylizer, results_in
from ganstyle.evaluate.collect import Gathering
from ganstyle.evaluate.extractor import Eyes, View
from ganstyle.files import find_images
from ganstyle.models.generator import Generator
from ganstyle.painting.painter import Painter
from ganstyle.runtime import pick_runtime

SMALL = EvaluateConfig(size=64, crop=32, grid=2)
CPU = pick_runtime("cpu", "float32")
MakeFolder = Callable[..., Path]


def gathering(
    *candidates: Stylizer | Results, say: Callable[[str], None] = lambda _: None
) -> tuple[Gathering, list[None]]:
    seen: list[None] = []
    return Gathering(Eyes(CPU, SMALL), candidates, say, lambda: seen.append(None)), seen


@pytest.mark.parametrize("count", [2, 5, 20])
def test_halves_part_the_style_pictures(make_folder: MakeFolder, count: int) -> None:
    gather, seen = gathering()
    whole, halves = gather.see_styles(find_images(make_folder("prints", count)))
    assert whole.sample.pictures == len(seen) == len(whole.facts) == count
    assert [half.sample.pictures for half in halves] == [-(-count // 2), count // 2]
    assert halves[0].likeness()[0].shape == (count // 2,)
    assert torch.equal(halves[0].sample.features[0], whole.sample.features[0])
    assert torch.equal(halves[1].sample.features[0], whole.sample.features[1])


def test_broken_files_are_named_and_leave_their_photo_out_for_all(
    make_folder: MakeFolder, lively: Generator
) -> None:
    photos, theirs = make_folder("photos", 5), make_folder("theirs", 5)
    (theirs / "01.png").write_text("broken")
    (photos / "03.png").write_text("broken")
    messages: list[str] = []
    paths = find_images(photos)
    ours = Stylizer("ours", Painter(lively, CPU, Dials()))
    results = results_in(theirs, "theirs", paths, messages.append)
    gather, _ = gathering(ours, results, say=messages.append)
    side, (own, other) = gather.see_photos(paths)
    stems = [fact.path.stem for fact in side.facts]
    assert stems == ["00", "02", "04"]
    assert own.sample.pictures == other.sample.pictures == 3
    assert len(messages) == 2
    assert "theirs/01.png" in messages[0]
    assert "photos/03.png" in messages[1]
    assert side.likeness()[0].tolist() == pytest.approx([1, 1, 1], abs=1e-5)
    assert own.likeness()[0].max() < 0.999
    assert other.likeness()[0].tolist() == pytest.approx([1, 1, 1], abs=1e-5)


def test_at_no_time_are_many_pictures_read_ahead(
    make_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are: what is read and not yet seen is bounded."""
    monkeypatch.setattr("ganstyle.evaluate.collect._AHEAD", 3)
    monkeypatch.setattr("ganstyle.evaluate.collect._BATCH_CROPS", 8)
    lock, waiting, most = threading.Lock(), 0, 0

    class Counting(Eyes):
        def view(self, *args: Any, **kwargs: Any) -> View:
            nonlocal waiting, most
            with lock:
                waiting += 1
                most = max(most, waiting)
            return super().view(*args, **kwargs)

    gather = Gathering(Counting(CPU, SMALL), (), lambda _: None, lambda: None)
    look = gather.eyes.look

    def looking(views: list[View]) -> object:
        nonlocal waiting
        with lock:
            waiting -= len(views)
        return look(views)

    monkeypatch.setattr(gather.eyes, "look", looking)
    side, _ = gather.see_photos(find_images(make_folder("photos", 40)))
    assert side.sample.pictures == 40
    assert 2 <= most <= 8  # 3 ahead and the next, in a batch of 2 and those on their way
