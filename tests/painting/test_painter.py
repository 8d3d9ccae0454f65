from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ganstyle.config import Dials
from ganstyle.errors import ConfigError
from ganstyle.images.tensors import to_batch, to_images
from ganstyle.models.generator import Generator, GeneratorConfig
from ganstyle.models.noise import TileCoordinates
from ganstyle.models.pretrained import load_generator
from ganstyle.painting.finish import finished
from ganstyle.painting.painter import Painter
from ganstyle.painting.stylize_image import stylize_image
from ganstyle.runtime import pick_runtime
from ganstyle.styles import shipped_styles
from tests.conftest import PAINTING, TINY, lively_generator, picture

FLOAT32 = pick_runtime("cpu", "float32")

WHOLE_REGISTERS = replace(TINY, widths=(16, 16))
"""Of fewer channels, convolutions of small pictures take another algorithm and round otherwise."""

PHOTO, DRAFT = Dials(treat_as="photo"), Dials(treat_as="draft")

EXAMPLES = Path(__file__).parents[2] / "examples"


def _array(image: Image.Image) -> np.ndarray:
    return np.asarray(image, dtype=int)


def _noise(width: int, height: int) -> Image.Image:
    """A picture in which every pixel matters."""
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


@pytest.mark.parametrize("size", [(301, 211), (64, 333), (130, 129)])
@pytest.mark.parametrize("extra", [{}, {"heights": True}, {"noise": True}])
def test_tiles_equal_the_whole_to_the_last_bit(
    extra: dict[str, bool], size: tuple[int, int]
) -> None:
    generator = lively_generator(replace(WHOLE_REGISTERS, **extra))  # type: ignore[arg-type]
    photo = _noise(*size)
    with torch.inference_mode():
        [whole] = to_images(generator(to_batch([photo])))
    tiled = Painter(generator, runtime=FLOAT32, tile=64).paint([photo])[0]
    untiled = Painter(generator, runtime=FLOAT32, tile=0).paint([photo])[0]
    assert tiled.tobytes() == whole.tobytes() == untiled.tobytes()


@pytest.fixture
def crowd(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Makes a detector that finds so many faces in any image, from its left upper corner on."""

    def of(count: int) -> None:
        at = ((number % 20, number // 20 % 10) for number in range(count))
        boxes = [(10.0 + 9 * column, 10.0 + 12 * row, 8.0, 11.0) for column, row in at]
        monkeypatch.setattr("ganstyle.painting.face_areas.faces_available", lambda: True)
        monkeypatch.setattr("ganstyle.painting.face_areas.find_faces", lambda image: boxes)

    return of


@pytest.mark.parametrize("dials", [PHOTO, DRAFT])
def test_tiles_equal_the_whole_to_the_last_bit_at_every_level(
    dials: Dials, crowd: Callable[[int], None]
) -> None:
    crowd(3)
    generator, photo, dials = lively_generator(PAINTING), picture(341, 239), replace(dials, seed=5)
    content = Painter(generator, dials, runtime=FLOAT32).prepare(photo)
    assert (len(content.levels), len(content.faces)) == (4, 3 * (dials.treat_as == "photo"))
    tiled, whole = (
        Painter(generator, dials, runtime=FLOAT32, tile=tile).paint([photo])[0] for tile in (64, 0)
    )
    assert tiled.tobytes() == whole.tobytes()


@pytest.mark.parametrize("dials", [PHOTO, DRAFT])
def test_a_batch_equals_single_pictures(dials: Dials, crowd: Callable[[int], None]) -> None:
    crowd(2)
    painter = Painter(lively_generator(PAINTING), dials, runtime=FLOAT32)
    contents = [painter.prepare(picture(90, 70, seed=seed)) for seed in range(3)]
    together = painter.paint_contents(contents)
    for content, painting in zip(contents, together, strict=True):
        [alone] = painter.paint_contents([content])
        assert len(alone.faces) == len(painting.faces) == len(content.faces)
        for one, other in zip(
            (alone.canvas, *alone.faces), (painting.canvas, *painting.faces), strict=True
        ):
            assert np.abs(_array(one) - _array(other)).max() <= 1  # the last bit may be rounded


def test_pictures_of_all_kinds_and_sizes_come_back_in_their_order(
    crowd: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd(2)
    images = [picture(*size, seed=size[1]) for size in ((90, 70), (60, 80), (90, 71), (90, 70))]
    monkeypatch.setattr("ganstyle.painting.content.is_draft", lambda image: image.height == 71)
    painter = Painter(lively_generator(PAINTING), runtime=FLOAT32)
    for image, result in zip(images, painter.paint(images), strict=True):
        [alone] = painter.paint([image])
        assert result.size == image.size
        assert np.abs(_array(result) - _array(alone)).max() <= 1


@pytest.mark.parametrize("dials", [PHOTO, DRAFT])
def test_the_seed_alone_decides_on_chance(dials: Dials) -> None:
    generator, photo = lively_generator(PAINTING), picture(90, 70)

    def drawn(seed: int) -> bytes:
        painter = Painter(generator, replace(dials, seed=seed), runtime=FLOAT32)
        return painter.paint([photo])[0].tobytes()

    assert drawn(1) == drawn(1) != drawn(2)


@pytest.mark.parametrize("dials", [PHOTO, DRAFT])
def test_without_invention_the_seed_does_not_matter(dials: Dials) -> None:
    generator, photo = lively_generator(PAINTING), picture(90, 70)

    def drawn(seed: int, invention: float) -> np.ndarray:
        asked = replace(dials, seed=seed, invention=invention)
        return _array(Painter(generator, asked, runtime=FLOAT32).paint([photo])[0])

    assert (drawn(1, 0.0) == drawn(2, 0.0)).all()
    apart = [np.abs(drawn(1, amount) - drawn(1, 0.0)).mean() for amount in (0.0, 0.3, 1.0)]
    assert apart == sorted(apart)
    assert apart[0] == 0 < apart[1]


def test_photos_and_drafts_have_an_invention_of_their_own() -> None:
    generator, photo = lively_generator(PAINTING), picture(90, 70)

    def drawn(dials: Dials) -> bytes:
        return Painter(generator, dials, runtime=FLOAT32).paint([photo])[0].tobytes()

    for dials, own in ((PHOTO, 0.5), (DRAFT, 0.9)):
        asked, other = replace(dials, invention=own), replace(dials, invention=1.0)
        assert drawn(dials) == drawn(asked) != drawn(other)


def test_a_photo_is_one_painting_at_all_its_sizes() -> None:
    """What a style adds to a photo of a quarter of a megapixel it adds to one of a whole, too."""
    generator = load_generator(shipped_styles()["landscape"])
    with Image.open(EXAMPLES / "lake.jpg") as file:
        photo = file.convert("RGB").resize((1152, 864), Image.Resampling.LANCZOS)
    small = photo.resize((576, 432), Image.Resampling.LANCZOS)
    painter = Painter(generator, replace(PHOTO, faces=False), runtime=FLOAT32)

    def strokes(image: Image.Image) -> np.ndarray:
        painted, plain = (
            np.asarray(each.resize(small.size, Image.Resampling.BOX).convert("F"))
            for each in (painter.paint([image])[0], image)
        )
        added: np.ndarray = painted - plain
        broad = added.reshape(54, 8, 72, 8).mean((1, 3))  # of squares of 8 px
        fine: np.ndarray = added - broad.repeat(8, 0).repeat(8, 1)
        return fine

    one, other = strokes(small).ravel(), strokes(photo).ravel()
    assert np.corrcoef(one, other)[0, 1] >= 0.75


@pytest.mark.parametrize("dials", [PHOTO, DRAFT, Dials()])
@pytest.mark.parametrize("size", [(120, 90), (32, 32), (3, 2), (1, 1), (900, 10), (1, 40)])
def test_one_colour_gives_a_picture_of_that_colour(size: tuple[int, int], dials: Dials) -> None:
    untrained = Generator(PAINTING).eval()  # draws what it draws on
    plain = Image.new("RGB", size, (90, 140, 200))
    result = Painter(untrained, dials, runtime=FLOAT32).paint([plain])[0]
    assert (result.size, result.mode) == (size, "RGB")
    assert np.abs(_array(result) - _array(plain)).max() <= 3


def test_a_thousand_faces_are_no_more_than_work(crowd: Callable[[int], None]) -> None:
    assert PAINTING.easel
    easel = replace(PAINTING.easel, side=16)
    painter = Painter(lively_generator(replace(PAINTING, easel=easel)), PHOTO, runtime=FLOAT32)
    photo = picture(200, 150)
    crowd(1000)
    content = painter.prepare(photo)
    assert len(content.faces) == 1000
    result = finished(content, painter.paint_contents([content])[0], PHOTO)
    assert result.size == photo.size
    crowd(0)
    assert result.tobytes() != painter.paint([photo])[0].tobytes()


def test_a_photo_that_was_reduced_to_what_is_enough_is_painted_at_its_own_size() -> None:
    painter = Painter(lively_generator(PAINTING), PHOTO, runtime=FLOAT32)
    photo = picture(480, 320)
    assert painter.enough((480, 320)) == (192, 128)
    reduced = photo.resize((192, 128), Image.Resampling.BOX)
    contents = painter.prepare(reduced, photo.size), painter.prepare(photo)
    results = [finished(each, painter.paint_contents([each])[0], PHOTO) for each in contents]
    assert [result.size for result in results] == [photo.size] * 2
    assert np.abs(_array(results[0]) - _array(results[1])).mean() < 3


@pytest.mark.parametrize("dials", [PHOTO, DRAFT, Dials()])
@pytest.mark.parametrize("size", [(30, 20), (1, 1), (5, 700)])
def test_a_small_picture_keeps_its_size(size: tuple[int, int], dials: Dials) -> None:
    painter = Painter(lively_generator(PAINTING), dials, runtime=FLOAT32)
    assert painter.paint([picture(*size)])[0].size == size


def test_paper_is_what_drawings_lie_on() -> None:
    page = Image.new("RGB", (96, 72), "white")
    page.paste("black", (10, 30, 80, 33))
    colored = picture(96, 72)

    def needs(config: GeneratorConfig, image: Image.Image, treat_as: str = "auto") -> bool:
        painter = Painter(Generator(config), Dials(treat_as=treat_as), runtime=FLOAT32)
        return painter.needs_paper(image)

    assert needs(PAINTING, page)
    assert not needs(PAINTING, colored)
    assert needs(PAINTING, colored, "draft")
    assert not needs(PAINTING, page, "photo")
    assert not needs(TINY, page)  # draws on images as they are


def test_tiles_equal_the_whole_in_bfloat16_within_a_step(lively: Generator) -> None:
    photo = _noise(301, 211)
    runtime = pick_runtime("cpu", "bfloat16")
    tiled, whole = (
        Painter(lively, runtime=runtime, tile=tile).paint([photo])[0] for tile in (64, 0)
    )
    difference = np.abs(_array(tiled) - _array(whole)).max(2)
    assert (difference <= 1).mean() >= 0.999


def test_tiles_of_several_pictures_go_back_to_their_own(lively: Generator) -> None:
    photos = [picture(150, 90, seed=seed) for seed in range(3)]
    together = Painter(lively, runtime=FLOAT32, tile=64).paint(photos)
    for photo, result in zip(photos, together, strict=True):
        assert (
            result.tobytes() == Painter(lively, runtime=FLOAT32, tile=0).paint([photo])[0].tobytes()
        )


def test_scarce_memory_means_tiles(lively: Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[tuple[int, int]] = []
    forward = lively.forward

    def note(image: torch.Tensor, coordinates: TileCoordinates) -> torch.Tensor:
        sizes.append((image.shape[-1], image.shape[-2]))
        return forward(image, coordinates)

    monkeypatch.setattr(lively, "forward", note)
    photo = picture(400, 300)
    Painter(lively, runtime=FLOAT32).paint([photo])
    assert len(sizes) == 1
    sizes.clear()
    monkeypatch.setattr("ganstyle.painting.tiled_generator.free_memory", lambda _: 5_000_000)
    Painter(lively, runtime=FLOAT32).paint([photo])
    assert len(sizes) > 1
    assert max(width for width, _ in sizes) < 400


def test_running_out_of_memory_halves_the_work(
    lively: Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo, other = picture(200, 150), picture(200, 150, seed=1)
    expected = Painter(lively, runtime=FLOAT32, tile=0).paint([photo, other])
    forward = lively.forward

    def scarce(image: torch.Tensor, coordinates: TileCoordinates) -> torch.Tensor:
        if image.numel() > 3 * 200 * 200:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return forward(image, coordinates)

    monkeypatch.setattr(lively, "forward", scarce)
    results = Painter(lively, runtime=FLOAT32, tile=0).paint([photo, other])
    assert [r.tobytes() for r in results] == [e.tobytes() for e in expected]


def test_other_errors_of_the_network_are_not_swallowed(
    lively: Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> torch.Tensor:
        raise RuntimeError("expected scalar type")

    monkeypatch.setattr(lively, "forward", broken)
    with pytest.raises(RuntimeError, match="scalar type"):
        Painter(lively, runtime=FLOAT32).paint([picture(20, 20)])


def test_strength_goes_from_the_photo_to_the_style(lively: Generator) -> None:
    photo = _noise(40, 30)

    def at(strength: float) -> np.ndarray:
        return _array(Painter(lively, Dials(strength=strength), runtime=FLOAT32).paint([photo])[0])

    assert (at(0) == _array(photo)).all()
    assert np.abs(at(0.001) - _array(photo)).max() <= 1  # pure black and white included
    steps = [np.abs(at(s) - _array(photo)).mean() for s in (0.25, 0.5, 0.75, 1)]
    assert steps == sorted(steps)
    assert steps[-1] > 5


def test_keep_color_changes_the_luminance_only(lively: Generator) -> None:
    photo = picture(40, 30)
    result = Painter(lively, Dials(keep_color=True), runtime=FLOAT32).paint([photo])[0]
    full = Painter(lively, runtime=FLOAT32).paint([photo])[0]
    luminance, *chroma = (_array(c) for c in result.convert("YCbCr").split())
    wanted, *_ = (_array(c) for c in full.convert("YCbCr").split())
    _, *before = (_array(c) for c in photo.convert("YCbCr").split())
    # RGB cannot hold every pair of luminance and chroma: what is out of it is cut off.
    assert np.median(np.abs(luminance - wanted)) <= 1
    assert np.median(np.abs(chroma[0] - before[0])) <= 1


def test_dials_out_of_range_are_named() -> None:
    for wrong in (
        {"strength": 1.5},
        {"strength": -0.1},
        {"brush": 0.0},
        {"abstraction": 0.5},
        {"invention": 1.5},
        {"palette": -1.0},
        {"keep_tone": 2.0},
    ):
        with pytest.raises(ConfigError, match=next(iter(wrong))):
            Dials(**wrong)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=r"as is sketch; it must be auto, photo or draft\."):
        Dials(treat_as="sketch")


def test_one_picture_of_any_mode_and_size(lively: Generator) -> None:
    for size in ((1, 1), (2, 300), (33, 20)):
        result = stylize_image(Image.new("L", size, 128), lively)
        assert (result.size, result.mode) == (size, "RGB")
    photo = picture(20, 10)
    assert stylize_image(photo, lively, Dials(strength=0)).tobytes() == photo.tobytes()


def test_transparency_is_kept_and_leaves_no_fringe(lively: Generator) -> None:
    whole = picture(1, 48).resize((64, 48))  # what lies in the hole can be guessed
    holed = whole.convert("RGBA")
    holed.paste((0, 0, 0, 0), (0, 0, 32, 48))
    result = stylize_image(holed, lively)
    assert result.mode == "RGBA"
    assert result.getchannel("A").tobytes() == holed.getchannel("A").tobytes()
    black = whole.copy()
    black.paste("black", (0, 0, 32, 48))
    visible = (slice(None), slice(32, 36))
    wanted = np.asarray(stylize_image(whole, lively), dtype=int)[visible]
    found = np.asarray(result.convert("RGB"), dtype=int)[visible]
    naive = np.asarray(stylize_image(black, lively), dtype=int)[visible]
    assert np.abs(found - wanted).mean() < np.abs(naive - wanted).mean() / 4
