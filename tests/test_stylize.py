from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image

from ganstyle.data.imageio import read_image
from ganstyle.errors import DataError
from ganstyle.models.generator import Generator
from ganstyle.runtime import pick_runtime
from ganstyle.stylize import WINDOW, Job, _batches, plan_jobs, stylize_files, stylize_image
from tests.conftest import picture


def test_one_picture_of_any_mode_and_size(lively: Generator) -> None:
    for size in ((1, 1), (2, 300), (33, 20)):
        result = stylize_image(Image.new("L", size, 128), lively)
        assert (result.size, result.mode) == (size, "RGB")


def test_a_folder_gives_what_each_picture_gives_alone(tmp_path: Path, lively: Generator) -> None:
    count = 3 * WINDOW + 1  # more than is read ahead
    for index in range(count):
        path = tmp_path / "in" / f"{index % 3}" / f"{index}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        picture(16 + 8 * (index % 2), 16, seed=index).save(path)
    jobs = plan_jobs(tmp_path / "in", tmp_path / "out")
    outcomes = list(stylize_files(jobs, lively, pick_runtime("cpu", "float32")))
    assert sorted(str(o.job.source) for o in outcomes) == sorted(str(j.source) for j in jobs)
    assert not any(o.error for o in outcomes)
    for job in jobs:
        assert job.target == tmp_path / "out" / job.source.relative_to(tmp_path / "in")
        alone = stylize_image(read_image(job.source), lively)
        difference = torch.tensor(list(alone.tobytes())) - torch.tensor(
            list(read_image(job.target).tobytes())
        )
        assert difference.abs().max() <= 1  # a batch may round the last bit otherwise


def test_a_failure_is_named_and_the_rest_done(tmp_path: Path, lively: Generator) -> None:
    (tmp_path / "in").mkdir()
    picture(20, 20).save(tmp_path / "in" / "good.png")
    (tmp_path / "in" / "bad.png").write_text("bad")
    (tmp_path / "out" / "blocked.png").mkdir(parents=True)
    picture(20, 20).save(tmp_path / "in" / "blocked.png")
    jobs = plan_jobs(tmp_path / "in", tmp_path / "out")
    outcomes = list(stylize_files(jobs, lively, pick_runtime("cpu", "float32")))
    errors = {o.job.source.name: o.error for o in outcomes}
    assert errors["good.png"] == ""
    assert "bad.png: cannot be read" in errors["bad.png"]
    assert "blocked.png: cannot be written" in errors["blocked.png"]
    assert [p.name for p in (tmp_path / "out").iterdir() if p.is_file()] == ["good.png"]


def test_a_batch_without_memory_is_tried_one_by_one(
    tmp_path: Path, lively: Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for index in range(3):
        picture(16, 16, seed=index).save(tmp_path / f"{index}.png")
    forward = lively.forward

    def scarce(image: torch.Tensor) -> torch.Tensor:
        if len(image) > 1 or image.mean() == image.max():
            raise RuntimeError("out of memory\nlong trace")
        return forward(image)

    Image.new("RGB", (16, 16)).save(tmp_path / "3.png")  # fails even alone
    monkeypatch.setattr(lively, "forward", scarce)
    jobs = plan_jobs(tmp_path, tmp_path / "out")
    outcomes = list(stylize_files(jobs, lively, pick_runtime("cpu", "float32")))
    errors = [o.error for o in outcomes if o.error]
    assert len(outcomes) == 4
    assert len(errors) == 1
    assert errors[0].endswith("3.png: 16x16 px failed (out of memory).")


def test_batches_hold_pictures_of_one_size_up_to_the_pixels() -> None:
    sizes = [(8, 8), (8, 4), (8, 8), (8, 8), (100, 100), (100, 100)]
    loaded = [(Job(Path(str(i)), Path(str(i))), Image.new("RGB", s)) for i, s in enumerate(sizes)]
    batches = [[image.size for _, image in batch] for batch in _batches(loaded, 130)]
    assert batches == [[(8, 8), (8, 8)], [(8, 8)], [(8, 4)], [(100, 100)], [(100, 100)]]


def test_single_pictures_go_to_a_file_or_into_a_folder(tmp_path: Path) -> None:
    source = tmp_path / "a.png"
    picture(4, 4).save(source)
    (tmp_path / "out").mkdir()
    assert plan_jobs(source, tmp_path / "b.jpg") == [Job(source, tmp_path / "b.jpg")]
    assert plan_jobs(source, tmp_path / "out") == [Job(source, tmp_path / "out" / "a.png")]


def test_wrong_usage_is_named(tmp_path: Path, make_folder: Callable[..., Path]) -> None:
    folder = make_folder("in", 1)
    for source, target, message in (
        (folder, folder, "would be overwritten"),
        (folder / "00.png", folder / "00.png", "would be overwritten"),
        (folder / "00.png", folder, "would be overwritten"),
        (folder, folder / "00.png", "must be a folder"),
        (tmp_path / "nowhere", tmp_path / "out", "no such file or folder"),
        (make_folder("empty", 0), tmp_path / "out", "no pictures found"),
    ):
        with pytest.raises(DataError, match=message):
            plan_jobs(source, target)
