from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from ganstyle.data.folder_check import inspect
from tests.conftest import picture


def test_what_is_broken_small_or_there_twice_is_told(tmp_path: Path) -> None:
    paths = []
    for seed in range(6):
        paths.append(tmp_path / f"{seed}.png")
        picture(200, 150, seed=seed).save(paths[-1])
    copy, reduced, broken, mirrored = (tmp_path / f"{n}.jpg" for n in "abcd")
    picture(200, 150, seed=0).save(copy, quality=70)
    picture(200, 150, seed=5).resize((100, 75)).save(reduced)
    ImageOps.mirror(picture(200, 150, seed=1)).save(mirrored)
    broken.write_text("broken")
    seen = inspect([*paths[:5], copy, reduced, broken, mirrored], [paths[5]], crop=96)
    assert seen.unreadable == (broken,)
    assert seen.small == (reduced,)
    assert seen.duplicates == ((paths[0], copy),)
    assert seen.overlap == ((reduced, paths[5]),)
    lines = seen.lines("photos", 96)
    assert lines[0] == "photos: 9 pictures to train on, 1 held out."
    assert len(lines) == 5
    assert "0.png and a.jpg" in lines[3]


def test_a_clean_folder_has_one_line(tmp_path: Path) -> None:
    for seed in range(3):
        picture(200, 150, seed=seed).save(tmp_path / f"{seed}.png")
    paths = sorted(tmp_path.iterdir())
    assert len(inspect(paths, [], crop=96).lines("photos", 96)) == 1


def test_blank_pages_are_named_and_not_taken_for_copies_of_each_other(tmp_path: Path) -> None:
    grain = np.random.default_rng(0).integers(230, 250, (2, 300, 200, 3), dtype=np.uint8)
    for number, page in enumerate(grain):
        Image.fromarray(page).save(tmp_path / f"blank{number}.png")
    picture(200, 150).save(tmp_path / "drawn.png")
    found = inspect(sorted(tmp_path.iterdir()), [], crop=96)
    assert [path.name for path in found.blank] == ["blank0.png", "blank1.png"]
    assert found.duplicates == ()
    assert "blank0.png, blank1.png" in found.lines("style pictures", 96)[1]
