from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ganstyle.data.crops import Crops
from ganstyle.errors import DataError
from ganstyle.images.tensors import read_image
from ganstyle.train.config import TrainConfig
from ganstyle.train.dataset import load_folders
from tests.conftest import HEIC_HEAD, heic, picture

MakeFolder = Callable[..., Path]


def _config(task: str = "unpaired", hold_out: int = 2, style_size: int = 80) -> TrainConfig:
    return TrainConfig(
        images=1, task=task, crop=64, content_size=128, style_size=style_size, hold_out=hold_out
    )


def _rng() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_style_pictures_are_enough_small_and_large(make_folder: MakeFolder) -> None:
    folders = load_folders(None, make_folder("b", 10, (300, 200)), _config())
    assert folders.inputs_are == "drafts"
    small, large = (
        max(len(level) for level in crops.pyramids[0]) for crops in folders.crops.sets()
    )
    assert (small, large) == (80, 160)
    for crops in folders.crops.sample(3, _rng()):
        assert crops.images.shape == (3, 3, 64, 64)
        assert crops.edges.shape == (3, 2)
    assert folders.report == ("style pictures: 8 pictures to train on, 2 held out.",)
    held_out = folders.held_out
    assert held_out.inputs == held_out.styles == folders.shown
    assert [path.stem for path in held_out.styles] == ["02", "07"]
    assert held_out.crops is not None
    assert held_out.crops.sample(1, _rng())[1].images.shape == (1, 3, 64, 64)


def test_drafts_of_held_out_style_pictures_are_shown(make_folder: MakeFolder) -> None:
    folders = load_folders(None, make_folder("b", 10, (300, 200)), _config())
    shown = list(folders.examples())
    assert len(shown) == 2
    for draft, painting in shown:
        assert draft.size == painting.size == (240, 160)
        assert draft.tobytes() != painting.tobytes()
    assert [draft.size for draft in folders.training_inputs(2)] == [(240, 160)] * 2
    assert list(folders.held_out_inputs(1)) == [shown[0][0]]
    assert [draft.tobytes() for draft, _ in folders.examples()] == [d.tobytes() for d, _ in shown]


def test_photos_are_shown_as_they_are_and_never_trained_on(make_folder: MakeFolder) -> None:
    photos, styles = make_folder("a", 0), make_folder("b", 10)
    for index in range(10):
        Image.new("RGB", (300, 220), (0, 0, 20 * index + 50)).save(photos / f"{index}.png")
        Image.new("RGB", (110, 100), (20 * index + 50, 0, 0)).save(styles / f"{index:02d}.png")
    folders = load_folders(photos, styles, _config())
    assert folders.inputs_are == "photos"
    assert [path.stem for path in folders.held_out.inputs] == ["2", "7"]
    assert [path.stem for path in folders.held_out.styles] == ["02", "07"]
    assert folders.shown == folders.held_out.inputs
    for photo, kept in folders.examples():
        assert photo is kept
        assert photo.size == (218, 160)  # the larger of the style's sizes
    assert {_shade(image)[2] for image in folders.held_out_inputs(8)} == {90, 190}
    assert folders.held_out.crops is not None
    for crops in (folders.crops, folders.held_out.crops):
        for each in crops.sample(30, _rng()):
            assert each.images[:, 2].max() == 0  # no blue


def test_heic_photos_are_shown(make_folder: MakeFolder) -> None:
    photos = make_folder("a", 0)
    for seed in range(5):
        (photos / f"{seed}.heic").write_bytes(heic(picture(96, 80, seed=seed)))
    folders = load_folders(photos, make_folder("b", 2), _config())
    assert folders.problems == ()
    assert "photos: 2 of 5 used for previews and scores, none for training." in folders.report
    assert [shown.size for shown, _ in folders.examples()] == [(96, 80)] * 2


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
        "photos: 0 of 4 used for previews and scores, none for training.",
    )
    assert folders.problems == ()


@pytest.mark.parametrize("with_photos", [False, True])
@pytest.mark.parametrize("named", ["file", "folder"])
def test_one_picture_is_enough(*, named: str, with_photos: bool, make_folder: MakeFolder) -> None:
    folder = make_folder("b", 1)
    photos = make_folder("a", 10) if with_photos else None
    folders = load_folders(photos, folder if named == "folder" else folder / "00.png", _config())
    assert "style pictures: 1 picture to train on, 0 held out." in folders.report
    for crops in folders.crops.sample(3, _rng()):
        assert crops.images.shape == (3, 3, 64, 64)
    assert folders.held_out.styles == ()
    assert folders.held_out.crops is None
    assert [shown.size for shown, _ in folders.examples()] == [(96, 80)] * (2 if photos else 1)


def test_pictures_smaller_than_a_crop_are_enlarged_to_it(make_folder: MakeFolder) -> None:
    folders = load_folders(None, make_folder("b", 2, (9, 64)), _config())
    for crops in folders.crops.sample(3, _rng()):
        assert crops.images.shape == (3, 3, 64, 64)
    assert any("2 are smaller than a crop of 64 px" in line for line in folders.report)


def test_a_broken_picture_among_few_is_not_shown(make_folder: MakeFolder) -> None:
    folder = make_folder("b", 3)
    (folder / "00.png").write_text("broken")
    folders = load_folders(None, folder, _config())
    assert any("00.png" in line for line in folders.problems)
    assert len(list(folders.examples())) == 2


def _shade(image: Image.Image) -> tuple[int, ...]:
    color = image.getpixel((0, 0))
    assert isinstance(color, tuple)
    return color


def _shades(crops: Crops) -> set[int]:
    return {round(255 * float(crop.mean())) for crop in crops.images}


def test_what_is_held_out_is_not_trained_on(make_folder: MakeFolder) -> None:
    styles = make_folder("b", 0)
    for index in range(10):
        Image.new("RGB", (130, 120), (20 * index,) * 3).save(styles / f"{index}.png")
    folders = load_folders(None, styles, _config())
    assert folders.held_out.crops is not None
    for size in range(2):  # small and large
        trained, kept = (
            _shades(crops.sample(100, _rng())[size])
            for crops in (folders.crops, folders.held_out.crops)
        )
        assert trained | kept == {20 * index for index in range(10)}
        assert kept == {20 * int(path.stem) for path in folders.held_out.styles}
        assert not trained & kept
    assert {_shade(painting)[0] for _, painting in folders.examples()} == kept
    assert len(list(folders.training_inputs(20))) == 8
    assert len(list(folders.training_inputs(3))) == 3


def test_tones_are_those_of_the_pictures_trained_on(make_folder: MakeFolder) -> None:
    styles = make_folder("b", 0)
    for index in range(10):
        Image.new("RGB", (130, 120), (255 * (index == 2), 20 * index, 0)).save(
            styles / f"{index}.png"
        )
    tones = load_folders(None, styles, _config()).tones()
    assert len(tones.pictures) == 8
    assert max(picture.color[0] for picture in tones.pictures) <= 0  # no red, which is held out
    lights = [picture.lightness[8] for picture in tones.pictures]
    assert len({round(light, 2) for light in lights}) == 8


def test_a_target_shows_what_its_source_shows(make_folder: MakeFolder) -> None:
    source = make_folder("a", 10, (140, 130))
    folders = load_folders(source, source, _config("paired"))
    assert folders.inputs_are == "pairs"
    first, second = folders.crops.sample(2, _rng())
    assert torch.equal(first.images, second.images)
    assert torch.equal(first.edges, second.edges)
    before, kept = next(folders.examples())
    assert np.array_equal(np.array(before), np.array(kept))
    [trained] = folders.training_inputs(1)
    assert trained == read_image(source / "00.png", short_side=128)


def test_without_held_out_style_pictures_there_are_no_held_out_crops(
    make_folder: MakeFolder,
) -> None:
    folders = load_folders(make_folder("a", 10), make_folder("b", 3), _config())
    assert folders.held_out.crops is None
    assert len(folders.held_out.inputs) == 2


def test_one_folder_named_twice_is_refused(make_folder: MakeFolder) -> None:
    folder = make_folder("a", 10)
    with pytest.raises(DataError, match="given as photos and as style"):
        load_folders(folder, folder, _config())


def test_held_out_pictures_stay_in_memory_however_little_there_is(make_folder: MakeFolder) -> None:
    """Which of them were there, no state of a run would say."""
    config = replace(_config(), memory_gib=1e-6)
    folders = load_folders(None, make_folder("b", 10), config)
    assert folders.held_out.crops is not None
    for trained, kept in zip(folders.crops.sets(), folders.held_out.crops.sets(), strict=True):
        assert (len(trained.pyramids), len(kept.pyramids)) == (1, 2)
        assert trained.stream
        assert not kept.stream
