from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ganstyle.errors import DataError
from ganstyle.images.tensors import read_image
from ganstyle.train.config import TrainConfig
from ganstyle.train.dataset import load_folders
from tests.conftest import HEIC_HEAD, heic, picture

MakeFolder = Callable[..., Path]


def _config(task: str = "unpaired", hold_out: int = 2) -> TrainConfig:
    return TrainConfig(
        images=1, task=task, crop=64, content_size=128, style_size=80, hold_out=hold_out
    )


def _rng() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_photos_and_style_pictures_give_crops_of_one_size(make_folder: MakeFolder) -> None:
    folders = load_folders(make_folder("a", 10), make_folder("b", 10), _config())
    photo, style = folders.crops.sample(3, _rng())
    assert photo is not None
    assert photo.shape == style.shape == (3, 3, 64, 64)
    assert folders.report[0] == "photos: 8 pictures to train on, 2 held out."
    assert folders.held_out.crops is not None
    for photo_image, kept in folders.examples():
        assert photo_image is kept


def test_heic_photos_are_trained_on(make_folder: MakeFolder) -> None:
    photos = make_folder("a", 0)
    for seed in range(2):
        (photos / f"{seed}.heic").write_bytes(heic(picture(96, 80, seed=seed)))
    folders = load_folders(photos, make_folder("b", 2), _config())
    assert folders.problems == ()
    assert folders.crops.sample(3, _rng())[1].shape == (3, 3, 64, 64)


@pytest.mark.usefixtures("no_pillow_heif")
def test_photos_that_no_package_reads_are_left_out_and_told_in_a_line(
    make_folder: MakeFolder,
) -> None:
    photos = make_folder("a", 4)
    for name in ("b.heic", "c.heic", "d.heic"):
        (photos / name).write_bytes(HEIC_HEAD)
    folders = load_folders(photos, make_folder("b", 2), _config(hold_out=0))
    assert folders.report[:2] == (
        "photos: 3 pictures cannot be read for want of a package: pip install pillow-heif",
        "photos: 4 pictures to train on, 0 held out.",
    )
    assert folders.problems == ()


def test_style_pictures_are_enough(make_folder: MakeFolder) -> None:
    folders = load_folders(None, make_folder("b", 10), _config())
    content, style = folders.crops.sample(3, _rng())
    assert content is None
    assert style.shape == (3, 3, 64, 64)
    assert folders.report[0] == "style pictures: 8 pictures to train on, 2 held out."
    held_out = folders.held_out
    assert held_out.inputs == ()
    assert [path.stem for path in held_out.styles] == ["02", "07"]
    assert held_out.crops is not None
    assert held_out.crops.sample(1, _rng())[0] is None
    assert folders.shown == held_out.styles  # what it makes of them can be compared with them
    assert [shown.size for shown, _ in folders.examples()] == [(96, 80)] * 2


@pytest.mark.parametrize("with_photos", [False, True])
@pytest.mark.parametrize("named", ["file", "folder"])
def test_one_picture_is_enough(*, named: str, with_photos: bool, make_folder: MakeFolder) -> None:
    folder = make_folder("b", 1)
    photos = make_folder("a", 10) if with_photos else None
    folders = load_folders(photos, folder if named == "folder" else folder / "00.png", _config())
    assert "style pictures: 1 pictures to train on, 0 held out." in folders.report
    content, style = folders.crops.sample(3, _rng())
    assert (content is not None) == with_photos
    assert style.shape == (3, 3, 64, 64)
    assert folders.held_out.styles == ()
    assert folders.held_out.crops is None
    assert [shown.size for shown, _ in folders.examples()] == [(96, 80)] * (2 if photos else 1)


def test_pictures_smaller_than_a_crop_are_enlarged_to_it(make_folder: MakeFolder) -> None:
    folders = load_folders(make_folder("a", 2, (30, 20)), make_folder("b", 2, (9, 64)), _config())
    content, style = folders.crops.sample(3, _rng())
    assert content is not None
    assert content.shape == style.shape == (3, 3, 64, 64)
    small = [line for line in folders.report if "2 are smaller than a crop of 64 px" in line]
    assert len(small) == 2


def test_a_broken_picture_among_few_is_not_shown(make_folder: MakeFolder) -> None:
    folder = make_folder("b", 3)
    (folder / "00.png").write_text("broken")
    folders = load_folders(None, folder, _config())
    assert any("00.png" in line for line in folders.problems)
    assert len(list(folders.examples())) == 2


def _shades(crops: torch.Tensor | None) -> set[int]:
    assert crops is not None
    return {round(255 * float(crop.mean())) for crop in crops}


def test_what_is_held_out_is_not_trained_on(make_folder: MakeFolder) -> None:
    photos, styles = make_folder("a", 0), make_folder("b", 10)
    for index in range(10):
        Image.new("RGB", (130, 120), (20 * index,) * 3).save(photos / f"{index}.png")
    folders = load_folders(photos, styles, _config())
    assert folders.held_out.crops is not None
    trained, kept = (
        _shades(crops.sample(200, _rng())[0]) for crops in (folders.crops, folders.held_out.crops)
    )
    assert trained | kept == {20 * index for index in range(10)}
    assert kept == {20 * int(path.stem) for path in folders.held_out.inputs}
    assert not trained & kept
    assert {image.getpixel((0, 0))[0] for image in folders.training_inputs(8)} == trained  # type: ignore[index]
    assert {image.getpixel((0, 0))[0] for image in folders.held_out_inputs(8)} == kept  # type: ignore[index]
    assert len(list(folders.training_inputs(3))) == 3


def test_a_target_shows_what_its_source_shows(make_folder: MakeFolder) -> None:
    source = make_folder("a", 10, (140, 130))
    folders = load_folders(source, source, _config("paired"))
    first, second = folders.crops.sample(2, _rng())
    assert first is not None
    assert torch.equal(first, second)
    before, kept = next(folders.examples())
    assert np.array_equal(np.array(before), np.array(kept))
    [trained] = folders.training_inputs(1)
    assert trained == read_image(source / "00.png", short_side=128)


def test_sketches_are_drawn_afresh_and_the_photo_is_kept(make_folder: MakeFolder) -> None:
    photos = make_folder("a", 10, (140, 130))
    folders = load_folders(photos, photos, _config("sketch"))
    rng = _rng()
    sketch, photo = folders.crops.sample(2, rng)
    assert sketch is not None
    assert sketch.shape == photo.shape
    assert torch.equal(sketch[:, 0], sketch[:, 2])  # gray
    again, _ = folders.crops.sample(2, rng)
    assert again is not None
    assert not torch.equal(sketch, again)
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


def test_drafts_need_style_pictures_alone_small_and_large(make_folder: MakeFolder) -> None:
    folders = load_folders(None, make_folder("b", 10, (300, 200)), _config("draft"))
    small, large = (
        max(len(level) for level in crops.pyramids[0]) for crops in folders.crops.sets()
    )
    assert (small, large) == (80, 160)
    paintings, others = folders.crops.sample(2, _rng())
    assert paintings is not None
    assert paintings.shape == others.shape == (2, 3, 64, 64)
    held_out = folders.held_out
    assert held_out.inputs == held_out.styles == folders.shown
    assert len(held_out.inputs) == 2
    shown = list(folders.examples())
    for draft, painting in shown:
        assert draft.size == painting.size == (240, 160)
        assert draft.tobytes() != painting.tobytes()
    assert [draft.size for draft in folders.training_inputs(2)] == [(240, 160)] * 2
    assert list(folders.held_out_inputs(1)) == [shown[0][0]]
    assert [draft.tobytes() for draft, _ in folders.examples()] == [d.tobytes() for d, _ in shown]
