import math

import pytest
from PIL import Image

from ganstyle.evaluate.marks import faces_kept, find_marks, pattern_of
from ganstyle.painting.faces import Box
from tests.conftest import picture


def test_faces_are_kept_where_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    photo, result, smaller = picture(200, 100), picture(200, 100, seed=1), picture(100, 50, seed=2)
    boxes: dict[int, list[Box]] = {
        1: [(10, 10, 40, 40), (100, 20, 30, 40), (150, 50, 20, 20)],
        2: [(12, 8, 40, 42), (130, 20, 30, 40)],  # one moved a little, one too far
    }

    def find(image: Image.Image) -> list[Box]:
        assert image.size == photo.size
        return boxes[1 if image is photo else 2]

    monkeypatch.setattr("ganstyle.evaluate.marks.faces_available", lambda: True)
    monkeypatch.setattr("ganstyle.evaluate.marks.find_faces", find)
    marks = find_marks(photo)
    assert len(marks.faces) == faces_kept(photo, marks) == 3
    assert faces_kept(result, marks) == faces_kept(smaller, marks) == 1


def test_without_the_detector_there_are_no_faces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ganstyle.evaluate.marks.faces_available", lambda: False)
    marks = find_marks(picture(64, 64))
    assert len(marks.faces) == faces_kept(picture(64, 64), marks) == 0


def test_a_weave_in_a_flat_sky_is_a_pattern() -> None:
    sky = Image.new("RGB", (160, 120), (120, 150, 200))
    woven = sky.copy()
    for x in range(0, 160, 8):
        woven.paste((140, 170, 220), (x, 0, x + 4, 120))
    marks = find_marks(sky)
    assert pattern_of(woven, marks) > 0.5
    assert pattern_of(woven.resize((320, 240)), marks) > 0.5
    assert pattern_of(sky, marks) == pytest.approx(0, abs=1e-6)
    assert math.isnan(pattern_of(woven, find_marks(sky.resize((20, 10)))))
