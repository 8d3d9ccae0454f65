from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from ganstyle.data.crops import load_crops, split_held_out
from ganstyle.data.pyramids import image_loader
from ganstyle.errors import DataError
from ganstyle.files import find_images

LOAD80 = image_loader(short_side=80, crop=64)


def test_crops_are_repeatable_and_in_range(make_folder: Callable[..., Path]) -> None:
    crops = load_crops(find_images(make_folder("a", 3)), LOAD80, 64, 1)
    first, again = (crops.sample(4, torch.Generator().manual_seed(7)) for _ in range(2))
    assert first.shape == (4, 3, 64, 64)
    assert torch.equal(first, again)
    assert 0 <= first.min() <= first.max() <= 1


def test_broken_pictures_are_named_and_left_out(make_folder: Callable[..., Path]) -> None:
    folder = make_folder("a", 12)
    (folder / "03.png").write_text("broken")
    crops = load_crops(find_images(folder), LOAD80, 64, 1)
    assert len(crops.pyramids) == 11
    assert len(crops.problems) == 1
    assert "03.png" in crops.problems[0]


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
