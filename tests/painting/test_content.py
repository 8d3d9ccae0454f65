"""What a picture becomes before it is painted: its sizes, its source, and the faces in it."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from ganstyle.config import Dials
from ganstyle.images.tensors import to_tensor
from ganstyle.painting.content import Content, enough, prepare
from ganstyle.painting.faces import Box
from ganstyle.painting.levels import plan_levels
from ganstyle.sources.abstraction import Abstraction
from ganstyle.sources.easel import Easel
from ganstyle.sources.tones import Tones
from tests.conftest import PAINTING, picture

assert PAINTING.easel
EASEL = PAINTING.easel
PHOTO, DRAFT = Dials(treat_as="photo", faces=False), Dials(treat_as="draft")

FindFaces = Callable[..., None]


@pytest.fixture
def find(monkeypatch: pytest.MonkeyPatch) -> FindFaces:
    """Makes a detector that finds faces in those boxes of any image."""

    def in_boxes(*boxes: Box) -> None:
        monkeypatch.setattr("ganstyle.painting.face_areas.faces_available", lambda: True)
        monkeypatch.setattr("ganstyle.painting.face_areas.find_faces", lambda image: list(boxes))

    return in_boxes


def _prepared(image: Image.Image, dials: Dials = PHOTO, easel: Easel | None = EASEL) -> Content:
    return prepare(image, image.size, easel, dials)


def _apart(one: Image.Image, other: Image.Image) -> float:
    return float(np.abs(np.asarray(one, int) - np.asarray(other)).mean())


@pytest.mark.parametrize("dials", [PHOTO, DRAFT])
def test_large_and_small_pictures_begin_with_the_same_canvas(dials: Dials) -> None:
    large = picture(480, 320)
    small = large.resize((240, 160), Image.Resampling.BOX)
    one, other = _prepared(large, dials), _prepared(small, dials)
    assert one.levels[0] == other.levels[0] == (48, 32)
    assert (len(one.levels), len(other.levels)) == (4, 3)
    assert _apart(one.source, other.source) < 2
    assert (one.size, other.size) == ((480, 320), (240, 160))


def test_a_small_photo_is_enlarged_twice_and_a_small_draft_further() -> None:
    assert _prepared(picture(12, 8)).levels == ((24, 16),)
    assert _prepared(picture(12, 8), DRAFT).levels == ((48, 32),)
    assert _prepared(picture(3, 2), DRAFT).levels == ((30, 20),)


def test_a_broad_brush_paints_small_first() -> None:
    first = {
        brush: _prepared(picture(160, 120), replace(PHOTO, brush=brush)).levels[0]
        for brush in (0.5, 1, 2)
    }
    assert first == {0.5: (85, 64), 1: (43, 32), 2: (21, 16)}


@pytest.mark.parametrize("is_draft", [False, True])
def test_the_picture_itself_decides_and_is_overruled(
    is_draft: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ganstyle.painting.content.is_draft", lambda image: is_draft)
    image = picture(64, 48)

    def asked(treat_as: str) -> Content:
        return _prepared(image, Dials(treat_as=treat_as, faces=False))

    photo, draft, auto = asked("photo"), asked("draft"), asked("auto")
    assert (photo.invention, draft.invention) == (EASEL.invention, EASEL.draft_invention)
    assert photo.source.tobytes() != draft.source.tobytes()
    chosen = draft if is_draft else photo
    assert (auto.invention, auto.levels) == (chosen.invention, chosen.levels)
    assert auto.source.tobytes() == chosen.source.tobytes()


@pytest.mark.parametrize("dials", [PHOTO, DRAFT])
def test_invention_is_the_style_s_own_unless_it_is_asked_for(dials: Dials) -> None:
    assert _prepared(picture(64, 48), replace(dials, invention=0.0)).invention == 0
    assert _prepared(picture(64, 48), replace(dials, invention=1.0)).invention == 1


def test_a_draft_is_drawn_on_as_it_is() -> None:
    draft = picture(43, 32)
    assert _prepared(draft, DRAFT).source.tobytes() == draft.tobytes()


def test_detail_goes_out_of_a_photo() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (128, 128, 3), dtype=np.uint8)
    noise = Image.fromarray(pixels)
    easel = replace(EASEL, side=128, photo=Abstraction(factor=12, radius=1))
    contrast = [
        float(np.asarray(_prepared(noise, dials, easel).source, float).std())
        for dials in (DRAFT, replace(PHOTO, abstraction=1.0), PHOTO)
    ]
    assert contrast == sorted(contrast, reverse=True)
    assert contrast[2] < contrast[0] / 2


def test_a_line_drawing_is_coloured_in_and_its_lines_stay() -> None:
    page = Image.new("RGB", (200, 150), "white")
    ImageDraw.Draw(page).line((0, 75, 200, 75), fill="black", width=3)
    one, other = (_prepared(page, replace(DRAFT, seed=seed)) for seed in (0, 1))
    assert _apart(one.source, page.resize(one.source.size)) > 10
    assert one.source.tobytes() != other.source.tobytes()
    dark = np.asarray(one.source.convert("L"), int)
    assert dark[16].mean() < dark[[8, 24]].mean() - 20


def test_tones_of_the_medium_are_taken_as_far_as_asked() -> None:
    dark = Image.new("RGB", (64, 64), (20, 20, 110))
    dark.paste((110, 20, 20), (0, 0, 64, 24))
    medium = Tones.of([to_tensor(dark)])
    easel, photo = replace(EASEL, tones=medium), picture(64, 48)
    own = replace(PHOTO, keep_tone=1.0, palette=0.0)
    plain = _prepared(photo).source
    assert _apart(_prepared(photo, own, easel).source, plain) < 1
    light = [
        float(np.asarray(_prepared(photo, replace(own, keep_tone=keep), easel).source).mean())
        for keep in (0.0, 0.5, 1.0)
    ]
    assert light == sorted(light)
    assert light[0] < light[2] - 20
    half, whole = (
        _apart(_prepared(photo, replace(own, palette=palette), easel).source, plain)
        for palette in (0.5, 1.0)
    )
    assert 2 < half < whole
    assert _prepared(photo, replace(DRAFT, keep_tone=0.0), easel).source.tobytes() == (
        _prepared(photo, DRAFT).source.tobytes()  # a draft has the colours that it has
    )


def test_a_gray_medium_takes_no_colour() -> None:
    page = Image.effect_noise((64, 64), 60).convert("RGB")
    easel = replace(EASEL, tones=Tones.of([to_tensor(page)]))
    pixels = np.asarray(_prepared(picture(64, 48), PHOTO, easel).source, int)
    assert (pixels.max(2) - pixels.min(2)).max() <= 2


@pytest.mark.parametrize(
    "size", [(1, 1), (3, 8000), (12000, 500), (6000, 4000), (129, 127), (100000, 300)]
)
@pytest.mark.parametrize("brush", [0.25, 1, 8])
def test_enough_is_never_larger_than_the_picture(size: tuple[int, int], brush: float) -> None:
    width, height = enough(size, EASEL, replace(PHOTO, brush=brush))
    assert 1 <= width <= size[0]
    assert 1 <= height <= size[1]
    needed = min(min(size), EASEL.side / brush)
    assert min(width, height) >= needed  # nothing is enlarged that was large
    assert width * size[1] == pytest.approx(height * size[0], abs=max(size))


def test_faces_are_as_detailed_under_a_broad_brush(find: FindFaces) -> None:
    assert enough((4000, 3000), EASEL, replace(PHOTO, brush=8)) == (171, 128)
    find((100, 100, 40, 50))
    fine, broad = (
        _prepared(picture(400, 300), Dials(treat_as="photo", brush=brush)) for brush in (1, 8)
    )
    assert fine.levels[0] == (43, 32)
    assert broad.levels[0] == (5, 4)
    assert fine.faces[0].content.levels == broad.faces[0].content.levels


def test_what_is_mixed_in_is_needed_whole_and_kept() -> None:
    photo = picture(480, 320)
    assert enough(photo.size, EASEL, PHOTO) == (192, 128)
    assert _prepared(photo).original is None
    for dials in (replace(PHOTO, strength=0.5), replace(PHOTO, keep_color=True)):
        assert enough(photo.size, EASEL, dials) == photo.size
        assert _prepared(photo, dials).original is photo


def test_without_an_easel_an_image_is_drawn_on_as_it_is_and_needed_whole() -> None:
    photo = picture(480, 320)
    content = _prepared(photo, Dials(), None)
    assert (content.levels, content.source) == ((photo.size,), photo)
    assert enough(photo.size, None, Dials()) == photo.size


def test_a_reduced_copy_gives_the_content_of_the_whole(find: FindFaces) -> None:
    photo = picture(480, 320)
    dials = replace(PHOTO, faces=True)
    reduced = photo.resize((240, 160), Image.Resampling.BOX)
    find((100, 60, 30, 40))
    half = prepare(reduced, photo.size, EASEL, dials)
    find((200, 120, 60, 80))
    whole = _prepared(photo, dials)
    assert (half.size, half.levels) == (whole.size, whole.levels)
    assert _apart(half.source, whole.source) < 2
    for one, other in zip(half.faces, whole.faces, strict=True):
        assert one.corner == other.corner
        assert (one.content.size, one.content.levels) == (other.content.size, other.content.levels)
        assert _apart(one.content.source, other.content.source) < 2


def test_faces_become_squares_inside_the_picture(find: FindFaces) -> None:
    photo, dials = picture(400, 300), Dials(treat_as="photo")
    find((100, 100, 40, 50), (-10, 0, 40, 50), (380, 270, 30, 40))
    middle, left, right = _prepared(photo, dials).faces
    assert (middle.corner, middle.content.size) == ((80, 85), (80, 80))
    assert (left.corner, left.content.size) == ((0, 0), (50, 65))
    assert (right.corner, right.content.size) == ((363, 258), (37, 42))
    assert [face.box for face in (middle, left, right)] == [
        (20, 15, 40, 50),
        (-10, 0, 40, 50),
        (17, 12, 30, 40),
    ]
    for face in (middle, left, right):
        assert face.content.levels == plan_levels(face.content.size, EASEL.side / 0.75, 8)
        assert face.content.source.size == face.content.levels[0]
        assert not face.content.faces
    part = photo.crop((80, 85, 160, 165)).resize(middle.content.source.size)
    assert _apart(middle.content.source, part) < 10


def test_large_faces_are_painted_and_tiny_ones_left_to_the_first_level(find: FindFaces) -> None:
    photo, dials = picture(400, 300), Dials(treat_as="photo")
    find((100, 100, 7, 9), (-90, -90, 20, 25), (500, 500, 20, 25))
    assert _prepared(photo, dials).faces == ()
    find((100, 20, 200, 260), (100, 100, 8, 10))
    large, small = _prepared(photo, dials).faces
    assert (large.content.size, small.content.size) == ((400, 300), (16, 16))


def test_nobody_looks_for_faces_in_drafts_or_when_told_not_to(
    find: FindFaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = picture(400, 300)
    find((100, 100, 40, 50))
    assert len(_prepared(photo, Dials(treat_as="photo")).faces) == 1
    assert not _prepared(photo, DRAFT).faces
    assert not _prepared(photo, PHOTO).faces
    monkeypatch.setattr("ganstyle.painting.face_areas.faces_available", lambda: False)
    assert not _prepared(photo, Dials(treat_as="photo")).faces


def test_faces_of_animals_join_those_of_people(
    find: FindFaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    find((100, 100, 40, 50))
    of_a_person, cat = (90, 90, 60, 60), (260, 60, 60, 60)
    found = "ganstyle.painting.face_areas.find_animal_faces"
    monkeypatch.setattr(found, lambda image: [of_a_person, cat])
    faces = _prepared(picture(400, 300), Dials(treat_as="photo")).faces
    assert [face.content.size for face in faces] == [(80, 80), (96, 96)]


def test_contents_are_alike_that_are_painted_together() -> None:
    one, other = (_prepared(picture(64, 48, seed=seed)) for seed in range(2))
    assert one.alike == other.alike
    assert one.alike != _prepared(picture(48, 64)).alike
    assert one.alike != _prepared(picture(64, 48), DRAFT).alike


def test_a_style_with_a_broad_brush_of_its_own_paints_photos_with_it_and_faces_finer(
    find: FindFaces,
) -> None:
    broad, dials = replace(EASEL, brush=2.0), Dials(treat_as="photo")
    assert _prepared(picture(160, 120), PHOTO, broad).levels[0] == (21, 16)
    assert _prepared(picture(160, 120), DRAFT, broad).levels[0] == (43, 32)
    find((100, 60, 40, 50))
    content = _prepared(picture(400, 300), dials, broad)
    assert (min(content.levels[0]), min(content.faces[0].content.levels[0])) == (16, 43)
