from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ganstyle.data.crops import SCALES, CropSet, load_crops, picture_loader, split_held_out
from ganstyle.errors import DataError
from ganstyle.files import find_images
from ganstyle.images.resize import enlarged

LOAD80, LOAD100 = (picture_loader(short_side=side, crop=64) for side in (80, 100))


def test_crops_are_repeatable_and_in_range(make_folder: Callable[..., Path]) -> None:
    crops = load_crops(find_images(make_folder("a", 3)), LOAD80, 64, 1)
    first, again = (crops.sample(4, torch.Generator().manual_seed(7)) for _ in range(2))
    assert first.shape == (4, 3, 64, 64)
    assert torch.equal(first, again)
    assert 0 <= first.min() <= first.max() <= 1


def test_pyramids_hold_the_scales_that_a_crop_fits_into(make_folder: Callable[..., Path]) -> None:
    paths = find_images(make_folder("a", 1, (200, 100)))
    crops = load_crops(paths, LOAD100, 64, 1)
    heights = [level.shape[0] for level in crops.pyramids[0]]
    assert heights == [round(100 * scale) for scale in SCALES if 100 * scale >= 64]


def test_small_pictures_are_enlarged_to_the_crop(make_folder: Callable[..., Path]) -> None:
    paths = find_images(make_folder("a", 1, (30, 20)))
    crops = load_crops(paths, LOAD100, 64, 1)
    assert crops.pyramids[0][0].shape == (64, 96, 3)


def test_zoomed_pictures_are_larger_and_stay_sharp(make_folder: Callable[..., Path]) -> None:
    paths = find_images(make_folder("a", 1, (200, 100)))
    load = picture_loader(short_side=80, crop=64, smooth=3, zoom=1.5)
    assert load_crops(paths, load, 64, 1).pyramids[0][0].shape == (120, 240, 3)
    step = Image.new("RGB", (40, 40), "black")
    step.paste("white", (20, 0, 40, 40))
    edges = [
        np.diff(np.asarray(image.convert("L"))[40].astype(int)).max()
        for image in (enlarged(step, 2), step.resize((80, 80), Image.Resampling.LANCZOS))
    ]
    assert edges[0] > 1.3 * edges[1]


def test_broken_pictures_are_named_and_left_out(make_folder: Callable[..., Path]) -> None:
    folder = make_folder("a", 12)
    (folder / "03.png").write_text("broken")
    crops = load_crops(find_images(folder), LOAD80, 64, 1)
    assert len(crops.pyramids) == 11
    assert len(crops.problems) == 1
    assert "03.png" in crops.problems[0]


def _larger_than_memory(folder: Path, count: int = 12) -> tuple[CropSet, int]:
    """Twelve pictures, each of its own gray, of which four fit; and how many there are."""
    for index in range(count):
        Image.new("RGB", (96, 80), (20 * index,) * 3).save(folder / f"{index:02d}.png")
    paths = find_images(folder)
    one = load_crops(paths[:1], LOAD80, 64, 1).nbytes
    return load_crops(paths, LOAD80, 64, 4.5 * one / 2**30), count


def _grays(crops: CropSet) -> list[int]:
    return [int(levels[0][0, 0, 0]) for levels in crops.pyramids]


def test_a_folder_larger_than_the_memory_is_seen_in_turns(tmp_path: Path) -> None:
    crops, count = _larger_than_memory(tmp_path)
    assert len(crops.pyramids) == 4
    assert "4 are kept" in crops.problems[0]
    chance = torch.Generator().manual_seed(0)
    seen = set(_grays(crops))
    for _ in range(count - 4):
        crops.sample(1, chance)
        assert len(set(_grays(crops))) == 4  # never the same picture twice
        seen |= set(_grays(crops))
    assert seen == {20 * index for index in range(count)}


@pytest.mark.parametrize("samples", [0, 2, 5, 31])
def test_a_resumed_run_has_the_same_pictures_in_memory(tmp_path: Path, samples: int) -> None:
    straight, _ = _larger_than_memory(tmp_path)
    chance = torch.Generator().manual_seed(0)
    for _ in range(samples):
        straight.sample(1, chance)
    resumed, _ = _larger_than_memory(tmp_path)
    resumed.go_to(samples)
    assert _grays(resumed) == _grays(straight)
    for crops in (straight, resumed):
        crops.sample(1, chance)
    assert _grays(resumed) == _grays(straight)


def test_a_broken_picture_in_the_stream_is_named_once_and_passed_over(tmp_path: Path) -> None:
    crops, count = _larger_than_memory(tmp_path)
    assert crops.stream
    broken = crops.stream.paths[5]
    broken.write_text("broken")
    chance = torch.Generator().manual_seed(0)
    for _ in range(2 * count):
        crops.sample(1, chance)
    assert len(_grays(crops)) == 4
    assert 20 * int(broken.stem) not in _grays(crops)
    assert sum(broken.name in problem for problem in crops.problems) == 1


def test_nothing_to_train_on_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("broken")
    for paths, message in (([], "no pictures"), ([tmp_path / "a.png"], "None of 1")):
        with pytest.raises(DataError, match=message):
            load_crops(paths, LOAD80, 64, 1)


def test_held_out_pictures_are_spread_evenly_and_at_most_a_fifth() -> None:
    paths = [Path(f"{i:02d}.png") for i in range(20)]
    training, held_out = split_held_out(paths, 4)
    assert [int(path.stem) for path in held_out] == [2, 7, 12, 17]
    assert sorted(training + held_out) == paths
    assert len(split_held_out(paths, 100)[1]) == 4
    assert split_held_out(paths[:4], 8) == (paths[:4], [])
