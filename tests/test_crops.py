from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from ganstyle.data.crops import SCALES, load_crops, split_held_out
from ganstyle.errors import DataError
from ganstyle.files import find_images


def test_crops_are_repeatable_and_in_range(make_folder: Callable[..., Path]) -> None:
    crops = load_crops(find_images(make_folder("a", 3)), short_side=80, crop=64, memory_gib=1)
    first, again = (crops.sample(4, torch.Generator().manual_seed(7)) for _ in range(2))
    assert first.shape == (4, 3, 64, 64)
    assert torch.equal(first, again)
    assert 0 <= first.min() <= first.max() <= 1


def test_pyramids_hold_the_scales_that_a_crop_fits_into(make_folder: Callable[..., Path]) -> None:
    paths = find_images(make_folder("a", 1, (200, 100)))
    crops = load_crops(paths, short_side=100, crop=64, memory_gib=1)
    heights = [level.shape[0] for level in crops.pyramids[0]]
    assert heights == [round(100 * scale) for scale in SCALES if 100 * scale >= 64]


def test_small_pictures_are_enlarged_to_the_crop(make_folder: Callable[..., Path]) -> None:
    paths = find_images(make_folder("a", 1, (30, 20)))
    crops = load_crops(paths, short_side=100, crop=64, memory_gib=1)
    assert crops.pyramids[0][0].shape == (64, 96, 3)


def test_broken_pictures_are_named_and_left_out(make_folder: Callable[..., Path]) -> None:
    folder = make_folder("a", 12)
    (folder / "03.png").write_text("broken")
    crops = load_crops(find_images(folder), short_side=80, crop=64, memory_gib=1)
    assert len(crops.pyramids) == 11
    assert len(crops.problems) == 1
    assert "03.png" in crops.problems[0]


def test_a_folder_larger_than_the_memory_is_thinned_out(make_folder: Callable[..., Path]) -> None:
    paths = find_images(make_folder("a", 12))
    one = sum(
        level.nbytes
        for level in load_crops(paths[:1], short_side=80, crop=64, memory_gib=1).pyramids[0]
    )
    crops = load_crops(paths, short_side=80, crop=64, memory_gib=4.5 * one / 2**30)
    assert len(crops.pyramids) == 4
    assert "one in 3" in crops.problems[0]


def test_nothing_to_train_on_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("broken")
    for paths, message in (([], "no pictures"), ([tmp_path / "a.png"], "None of 1")):
        with pytest.raises(DataError, match=message):
            load_crops(paths, short_side=80, crop=64, memory_gib=1)


def test_held_out_pictures_are_spread_evenly_and_at_most_a_fifth() -> None:
    paths = [Path(f"{i:02d}.png") for i in range(20)]
    training, held_out = split_held_out(paths, 4)
    assert [int(path.stem) for path in held_out] == [2, 7, 12, 17]
    assert sorted(training + held_out) == paths
    assert len(split_held_out(paths, 100)[1]) == 4
    assert split_held_out(paths[:4], 8) == (paths[:4], [])
