"""Faces of animals in photos."""

from pathlib import Path

import pytest
from PIL import Image

from ganstyle.painting.animals import find_animal_faces
from ganstyle.painting.face_areas import FACE_MARGIN

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize(
    ("name", "eye"), [("kitten.jpg", (0.37, 0.55)), ("kingfisher.jpg", (0.41, 0.2))]
)
def test_the_face_of_an_animal_is_found(name: str, eye: tuple[float, float]) -> None:
    image = Image.open(EXAMPLES / name)
    [(left, top, width, height)] = find_animal_faces(image)
    assert width == pytest.approx(height)
    reach = FACE_MARGIN * height / 2  # of the square that is painted by itself
    assert abs(left + width / 2 - eye[0] * image.width) < reach
    assert abs(top + height / 2 - eye[1] * image.height) < reach
    assert height < image.height / 2


def test_the_box_follows_the_size_of_the_image() -> None:
    image = Image.open(EXAMPLES / "kitten.jpg")
    half = image.resize((image.width // 2, image.height // 2), reducing_gap=2.0)
    [whole], [reduced] = find_animal_faces(image), find_animal_faces(half)
    assert [2 * length for length in reduced] == pytest.approx(whole, abs=0.1 * image.height)


@pytest.mark.parametrize("name", ["lighthouse.jpg", "city.jpg", "daisies.jpg"])
def test_what_is_no_animal_is_none(name: str) -> None:
    assert find_animal_faces(Image.open(EXAMPLES / name)) == []


@pytest.mark.parametrize("size", [(1, 1), (63, 2000), (64, 64), (64, 4000)])
def test_any_size_will_do(size: tuple[int, int]) -> None:
    assert find_animal_faces(Image.new("RGB", size, (90, 120, 40))) == []
