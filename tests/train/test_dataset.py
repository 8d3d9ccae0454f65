from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ganstyle.config import MARGIN
from ganstyle.errors import DataError
from ganstyle.train.config import TrainConfig
from ganstyle.train.dataset import load_folders

MakeFolder = Callable[..., Path]


def _config(task: str = "unpaired", hold_out: int = 2) -> TrainConfig:
    return TrainConfig(
        images=1, task=task, crop=64, content_size=128, style_size=80, hold_out=hold_out
    )


def test_photos_come_with_surroundings_and_style_pictures_without(make_folder: MakeFolder) -> None:
    folders = load_folders(make_folder("a", 10), make_folder("b", 10), _config())
    photo, style = folders.crops.sample(3, torch.Generator().manual_seed(0))
    assert photo.shape == (3, 3, 64 + 2 * MARGIN, 64 + 2 * MARGIN)
    assert style.shape == (3, 3, 64, 64)
    assert folders.report[0] == "photos: 8 pictures to train on, 2 held out."
    assert folders.held_out.crops is not None
    for photo_image, kept in folders.examples():
        assert photo_image is kept


def test_what_is_held_out_is_not_trained_on(make_folder: MakeFolder) -> None:
    photos, styles = make_folder("a", 0), make_folder("b", 10)
    for index in range(10):
        Image.new("RGB", (130, 120), (20 * index,) * 3).save(photos / f"{index}.png")
    folders = load_folders(photos, styles, _config())
    rng = torch.Generator().manual_seed(0)
    trained = {round(255 * float(crop.mean())) for crop in folders.crops.sample(200, rng)[0]}
    assert folders.held_out.crops is not None
    kept = {round(255 * float(crop.mean())) for crop in folders.held_out.crops.sample(50, rng)[0]}
    assert trained | kept == {20 * index for index in range(10)}
    assert kept == {20 * int(path.stem) for path in folders.held_out.inputs}
    assert not trained & kept


def test_a_target_shows_the_middle_of_its_source(make_folder: MakeFolder) -> None:
    source = make_folder("a", 10, (140, 130))
    folders = load_folders(source, source, _config("paired"))
    first, second = folders.crops.sample(2, torch.Generator().manual_seed(0))
    assert torch.equal(first[..., MARGIN:-MARGIN, MARGIN:-MARGIN], second)
    before, kept = next(folders.examples())
    assert np.array_equal(np.array(before), np.array(kept))


def test_sketches_are_drawn_afresh_and_the_photo_is_kept(make_folder: MakeFolder) -> None:
    photos = make_folder("a", 10, (140, 130))
    folders = load_folders(photos, photos, _config("sketch"))
    rng = torch.Generator().manual_seed(0)
    sketch, photo = folders.crops.sample(2, rng)
    assert sketch.shape[-1] == photo.shape[-1] + 2 * MARGIN
    assert torch.equal(sketch[:, 0], sketch[:, 2])  # gray
    assert not torch.equal(sketch, folders.crops.sample(2, rng)[0])
    before, kept = next(folders.examples())
    assert before.size == kept.size
    assert np.array(before).max() > 250  # white paper


def test_without_held_out_style_pictures_there_are_no_held_out_crops(
    make_folder: MakeFolder,
) -> None:
    folders = load_folders(make_folder("a", 10), make_folder("b", 3), _config())
    assert folders.held_out.crops is None
    assert len(folders.held_out.inputs) == 2


def test_one_folder_named_twice_is_refused(make_folder: MakeFolder) -> None:
    folder = make_folder("a", 10)
    with pytest.raises(DataError, match="no style to learn"):
        load_folders(folder, folder, _config())
