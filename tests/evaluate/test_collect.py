import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from ganstyle.config import EvaluateConfig
from ganstyle.distributed import Ranks
from ganstyle.evaluate.candidates import (
    Candidate,
    CheckpointCandidate,
    Untouched,
    folder_candidate,
)
from ganstyle.evaluate.collect import collect_photos, collect_styles
from ganstyle.features.extractor import CropBatch, FeatureExtractor, Features
from ganstyle.files import find_images
from ganstyle.metrics.crops import crop_batch
from ganstyle.metrics.sample import SetStatistics
from ganstyle.models.generator import Generator
from ganstyle.painting.painter import Painter
from ganstyle.runtime import pick_runtime
from tests.conftest import picture

SMALL = EvaluateConfig(size=64, crop=32, grid=2)
CPU = pick_runtime("cpu", "float32")
MakeFolder = Callable[..., Path]


def photos_of(
    paths: Sequence[Path],
    *candidates: Candidate,
    config: EvaluateConfig = SMALL,
    say: Callable[[str], None] = lambda _: None,
) -> list[SetStatistics]:
    extractor = FeatureExtractor(CPU.device)
    return collect_photos(
        paths, [Untouched(), *candidates], extractor, config, Ranks(), say, lambda: None
    )


@pytest.mark.parametrize("count", [2, 5, 20])
def test_halves_part_the_style_pictures(make_folder: MakeFolder, count: int) -> None:
    paths, seen = find_images(make_folder("prints", count)), list[None]()
    whole, halves = collect_styles(
        paths, FeatureExtractor(CPU.device), SMALL, Ranks(), print, lambda: seen.append(None)
    )
    assert whole.images == len(seen) == len(whole.infos) == count
    assert [half.images for half in halves] == [-(-count // 2), count // 2]
    assert halves[0].content[0].shape == (count // 2,)
    assert torch.equal(halves[0].style[0], whole.style[0])
    assert torch.equal(halves[1].style[0], whole.style[1])


def test_broken_files_are_named_and_leave_their_photo_out_for_all(
    make_folder: MakeFolder, lively: Generator
) -> None:
    photos, theirs = make_folder("photos", 5), make_folder("theirs", 5)
    (theirs / "01.png").write_text("broken")
    (photos / "03.png").write_text("broken")
    messages: list[str] = []
    paths = find_images(photos)
    ours = CheckpointCandidate("ours", Painter(lively, runtime=CPU))
    results = folder_candidate(theirs, "theirs", photos, paths, messages.append)
    untouched, own, other = photos_of(paths, ours, results, say=messages.append)
    stems = [info.path.stem for info in untouched.infos]
    assert stems == ["00", "02", "04"]
    assert own.images == other.images == 3
    assert len(messages) == 2
    assert "theirs/01.png" in messages[0]
    assert "photos/03.png" in messages[1]
    assert untouched.content[0].tolist() == pytest.approx([1, 1, 1], abs=1e-5)
    assert own.content[0].max() < 0.999
    assert other.content[0].tolist() == pytest.approx([1, 1, 1], abs=1e-5)


def test_a_result_of_another_size_or_shape_is_brought_to_its_photo(
    make_folder: MakeFolder, tmp_path: Path
) -> None:
    paths = find_images(make_folder("photos", 2, (160, 90)))
    (tmp_path / "theirs").mkdir()
    for path, size in zip(paths, ((80, 45), (90, 90)), strict=True):
        picture(160, 90, seed=int(path.stem)).resize(size).save(tmp_path / "theirs" / path.name)
    theirs = folder_candidate(tmp_path / "theirs", "theirs", tmp_path / "photos", paths, print)
    _, found = photos_of(paths, theirs)
    assert [info.size for info in found.infos] == [(80, 45), (90, 90)]
    assert [info.other_shape for info in found.infos] == [False, True]
    assert found.content[0].min() > 0.9


def test_results_whose_names_have_a_suffix_are_compared_at_the_places_of_their_photos(
    make_folder: MakeFolder,
) -> None:
    paths, theirs = find_images(make_folder("photos", 4)), make_folder("theirs", 4)
    for path in find_images(theirs):
        path.rename(path.with_stem(f"{path.stem}_out"))
    candidate = folder_candidate(theirs, "theirs", paths[0].parent, paths, print)
    untouched, found = photos_of(paths, candidate, config=replace(SMALL, crops=1))
    assert found.content[0].tolist() == pytest.approx([1] * 4, abs=1e-5)
    assert torch.equal(found.patches.normalized(0), untouched.patches.normalized(0))


def test_at_no_time_are_many_pictures_read_ahead(
    make_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are: what is read and not yet seen is bounded."""
    monkeypatch.setattr("ganstyle.evaluate.collect._AHEAD", 3)
    monkeypatch.setattr("ganstyle.evaluate.collect._BATCH_CROPS", 8)
    lock, waiting, most = threading.Lock(), 0, 0
    extract = FeatureExtractor.__call__

    def counting(*args: Any, **kwargs: Any) -> CropBatch:
        nonlocal waiting, most
        with lock:
            waiting += 1
            most = max(most, waiting)
        return crop_batch(*args, **kwargs)

    def extracting(self: FeatureExtractor, batches: Sequence[CropBatch]) -> Features:
        nonlocal waiting
        with lock:
            waiting -= len(batches)
        return extract(self, batches)

    monkeypatch.setattr("ganstyle.evaluate.collect.crop_batch", counting)
    monkeypatch.setattr(FeatureExtractor, "__call__", extracting)
    [untouched] = photos_of(find_images(make_folder("photos", 40)))
    assert untouched.images == 40
    assert 2 <= most <= 8  # 3 ahead and the next, in a batch of 2 and those on their way
