from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from ganstyle.errors import DataError
from ganstyle.evaluate.candidates import (
    checkpoint_candidate,
    folder_candidate,
    photos_of_all,
)
from ganstyle.files import find_images
from ganstyle.runtime import pick_runtime
from tests.conftest import picture

MakeFolder = Callable[..., Path]


def test_results_belong_to_photos_by_stem_in_any_format_and_size(
    tmp_path: Path, make_folder: MakeFolder
) -> None:
    photos = find_images(make_folder("photos", 3))
    for stem in ("00", "02", "elsewhere"):
        path = tmp_path / "theirs" / "deep" / f"{stem}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        picture(40, 30).save(path)
    messages: list[str] = []
    results = folder_candidate(
        tmp_path / "theirs", "theirs", tmp_path / "photos", photos, messages.append
    )
    assert results.result(photos[2], picture(96, 80)).size == (40, 30)
    assert [line for line in messages if "01.png" in line]
    assert [line for line in messages if "elsewhere.jpg" in line]
    assert len(messages) == 2
    assert photos_of_all(photos, [results]) == [photos[0], photos[2]]


def test_results_of_a_tree_belong_to_the_photos_at_their_paths(tmp_path: Path) -> None:
    """As `stylize` mirrors a tree: cameras number the pictures of every folder from 1."""
    for folder in ("photos", "theirs"):
        for day, seed in (("monday", 1), ("tuesday", 2)):
            (tmp_path / folder / day).mkdir(parents=True)
            picture(40, 30, seed).save(tmp_path / folder / day / "IMG_1.png")
    photos, messages = find_images(tmp_path / "photos"), list[str]()
    results = folder_candidate(
        tmp_path / "theirs", "theirs", tmp_path / "photos", photos, messages.append
    )
    assert messages == []
    for path in photos:
        assert results.file(path) == tmp_path / "theirs" / path.parent.name / "IMG_1.png"


def test_only_photos_with_a_result_of_everyone_are_compared(make_folder: MakeFolder) -> None:
    photos = find_images(make_folder("photos", 4))
    folders = [make_folder("a", 3), make_folder("b", 4)]
    (folders[1] / "00.png").unlink()
    both = [
        folder_candidate(folder, folder.name, photos[0].parent, photos, lambda _: None)
        for folder in folders
    ]
    assert [path.stem for path in photos_of_all(photos, both)] == ["01", "02"]
    assert photos_of_all(photos, []) == photos


def test_many_files_without_partner_are_counted(make_folder: MakeFolder) -> None:
    photos = find_images(make_folder("photos", 20))
    messages: list[str] = []
    folder_candidate(make_folder("few", 2), "few", photos[0].parent, photos, messages.append)
    assert len(messages) == 11
    assert "8 more files have no partner" in messages[-1]


def test_a_folder_that_matches_nothing_is_an_error(tmp_path: Path, make_folder: MakeFolder) -> None:
    photos = find_images(make_folder("photos", 2))
    (tmp_path / "theirs").mkdir()
    picture(40, 30).save(tmp_path / "theirs" / "x.png")
    with pytest.raises(DataError, match="no two files have the same name"):
        folder_candidate(tmp_path / "theirs", "theirs", tmp_path / "photos", photos, lambda _: None)


def test_a_style_redraws_the_photo_at_its_size(checkpoint: Path) -> None:
    photo = picture(50, 30)
    result = checkpoint_candidate("test", checkpoint, pick_runtime("cpu", "float32")).result(
        Path("photo.png"), photo
    )
    assert isinstance(result, Image.Image)
    assert result.size == photo.size
    assert result.tobytes() != photo.tobytes()
