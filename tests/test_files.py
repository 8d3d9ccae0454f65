import sys
from pathlib import Path

import pytest

from ganstyle.errors import DataError
from ganstyle.files import atomic_path, find_images, list_folder


def test_pictures_are_found_below_linked_folders_and_hidden_ones_left_out(tmp_path: Path) -> None:
    for name in ("a/x.jpg", "a/deep/y.PNG", "a/.hidden/z.jpg", "a/._x.jpg", "a/notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    root = tmp_path / "root"
    root.mkdir()
    (root / "link").symlink_to(tmp_path / "a")
    (root / "link" / "loop").symlink_to(root)
    assert find_images(root) == [root / "link/deep/y.PNG", root / "link/x.jpg"]


def test_the_output_folder_inside_the_input_is_left_out(tmp_path: Path) -> None:
    for name in ("in/x.jpg", "in/out/x.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert list_folder(tmp_path / "in", leave_out=tmp_path / "in/out").images == [
        tmp_path / "in/x.jpg"
    ]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere: not a folder"):
        find_images(tmp_path / "nowhere")


def test_a_failed_write_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.txt"
    with atomic_path(path) as temporary:
        temporary.write_text("old")

    def fail() -> None:
        with atomic_path(path) as temporary:
            temporary.write_text("half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fail()
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]
    assert path.stat().st_mode & 0o077  # not private, as a temporary file would be


@pytest.mark.skipif(sys.platform == "win32", reason="no modes")
def test_a_replaced_file_keeps_its_mode_and_a_link_keeps_pointing_to_it(tmp_path: Path) -> None:
    real, link = tmp_path / "real.txt", tmp_path / "link.txt"
    real.write_text("old")
    real.chmod(0o600)
    link.symlink_to(real)
    with atomic_path(link) as temporary:
        temporary.write_text("new")
    assert link.is_symlink()
    assert real.read_text() == "new"
    assert real.stat().st_mode & 0o777 == 0o600
