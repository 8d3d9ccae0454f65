from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from ganstyle.config import Dials
from ganstyle.errors import ConfigError
from ganstyle.images.tensors import to_batch, to_images
from ganstyle.models.generator import Generator
from ganstyle.models.noise import Place
from ganstyle.painting.painter import Painter
from ganstyle.painting.stylize_image import stylize_image
from ganstyle.runtime import pick_runtime
from ganstyle.sources.abstraction import Abstraction
from tests.conftest import TINY, lively_generator, picture

FLOAT32 = pick_runtime("cpu", "float32")

WHOLE_REGISTERS = replace(TINY, widths=(16, 16))
"""Of fewer channels, convolutions of small pictures take another algorithm and round otherwise."""

PAINTING = replace(
    WHOLE_REGISTERS, noise=True, palette=True, source=Abstraction(factor=2.5), size=60, tone=6
)


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
    tiled = Painter(generator, FLOAT32, Dials(), tile=64).paint([photo])[0]
    untiled = Painter(generator, FLOAT32, Dials(), tile=0).paint([photo])[0]
    assert tiled.tobytes() == whole.tobytes() == untiled.tobytes()


def test_tiles_equal_the_whole_to_the_last_bit_at_every_level() -> None:
    generator = lively_generator(PAINTING)
    photo, dials = picture(301, 211), Dials(seed=5)
    assert len(Painter(generator, FLOAT32, dials).downscale(photo).levels) == 3
    tiled, whole = (Painter(generator, FLOAT32, dials, tile).paint([photo])[0] for tile in (64, 0))
    assert tiled.tobytes() == whole.tobytes()


def test_the_seed_alone_decides_on_chance() -> None:
    generator, photo = lively_generator(PAINTING), picture(90, 70)

    def drawn(seed: int) -> bytes:
        return Painter(generator, FLOAT32, Dials(seed=seed)).paint([photo])[0].tobytes()

    assert drawn(1) == drawn(1) != drawn(2)


def test_without_the_photo_s_tone_the_style_has_its_own() -> None:
    generator, photo = lively_generator(PAINTING), picture(90, 70)

    def drawn(generator: Generator, keep_tone: float | None) -> bytes:
        dials = Dials(keep_tone=keep_tone)
        return Painter(generator, FLOAT32, dials).paint([photo])[0].tobytes()

    toneless = lively_generator(replace(PAINTING, tone=0))
    assert drawn(generator, 0) == drawn(toneless, 1) != drawn(generator, 1)
    half = lively_generator(replace(PAINTING, keep_tone=0.5))
    assert drawn(half, None) == drawn(generator, 0.5) != drawn(generator, 1)


def test_a_broad_brush_paints_small_first() -> None:
    generator, photo = lively_generator(PAINTING), picture(160, 120)
    sizes = {
        brush: [
            min(level.size)
            for level in Painter(generator, FLOAT32, Dials(brush=brush)).downscale(photo).levels
        ]
        for brush in (0.5, 1, 2)
    }
    assert sizes == {0.5: [120], 1: [60, 120], 2: [30, 60, 120]}


def test_large_and_small_photos_begin_with_the_same_canvas() -> None:
    painter = Painter(lively_generator(PAINTING), FLOAT32, Dials())
    large = picture(480, 320)
    small = large.resize((240, 160), Image.Resampling.BOX)
    one, other = (painter.downscale(photo) for photo in (large, small))
    assert one.levels[0] == other.levels[0]
    assert np.abs(_array(one.images[0]) - _array(other.images[0])).max() <= 2


def test_a_photo_that_was_reduced_to_what_is_enough_is_painted_at_its_own_size() -> None:
    painter = Painter(lively_generator(PAINTING), FLOAT32, Dials())
    photo = picture(480, 320)
    assert painter.enough((480, 320)) == painter.downscale(photo).levels[-1].reduced == (192, 128)
    reduced = photo.resize((240, 160), Image.Resampling.BOX)
    pyramids = painter.downscale(reduced, photo.size), painter.downscale(photo)
    assert pyramids[0].levels == pyramids[1].levels
    assert painter.restore(pyramids[0], painter.paint_levels(pyramids[:1])[0]).size == (480, 320)
    apart = [
        np.abs(_array(a) - _array(b)) for a, b in zip(*(p.images for p in pyramids), strict=True)
    ]
    assert max(each.max() for each in apart) <= 3


@pytest.mark.parametrize("dials", [Dials(strength=0.5), Dials(keep_color=True)])
def test_what_is_mixed_in_is_needed_whole(dials: Dials) -> None:
    painter = Painter(lively_generator(PAINTING), FLOAT32, dials)
    assert painter.enough((480, 320)) == (480, 320)


def test_a_small_photo_keeps_its_size() -> None:
    painter = Painter(lively_generator(PAINTING), FLOAT32, Dials())
    assert painter.paint([picture(30, 20)])[0].size == (30, 20)


def test_more_abstraction_leaves_less_of_the_photo() -> None:
    generator = Generator(replace(PAINTING, noise=False)).eval()  # draws the source itself
    photo = _noise(64, 64)
    left = [
        np.abs(_array(Painter(generator, FLOAT32, dials).paint([photo])[0]) - 127.5).mean()
        for dials in (Dials(abstraction=1.5), Dials(), Dials(abstraction=6))
    ]
    assert left == sorted(left, reverse=True)


def test_tiles_equal_the_whole_in_bfloat16_within_a_step(lively: Generator) -> None:
    photo = _noise(301, 211)
    runtime = pick_runtime("cpu", "bfloat16")
    tiled, whole = (Painter(lively, runtime, Dials(), tile).paint([photo])[0] for tile in (64, 0))
    difference = np.abs(_array(tiled) - _array(whole)).max(2)
    assert (difference <= 1).mean() >= 0.999


def test_tiles_of_several_pictures_go_back_to_their_own(lively: Generator) -> None:
    photos = [picture(150, 90, seed=seed) for seed in range(3)]
    together = Painter(lively, FLOAT32, Dials(), tile=64).paint(photos)
    for photo, result in zip(photos, together, strict=True):
        assert result.tobytes() == Painter(lively, FLOAT32, Dials(), 0).paint([photo])[0].tobytes()


def test_scarce_memory_means_tiles(lively: Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[tuple[int, int]] = []
    forward = lively.forward

    def note(image: torch.Tensor, place: Place) -> torch.Tensor:
        sizes.append((image.shape[-1], image.shape[-2]))
        return forward(image, place)

    monkeypatch.setattr(lively, "forward", note)
    photo = picture(400, 300)
    Painter(lively, FLOAT32, Dials()).paint([photo])
    assert len(sizes) == 1
    sizes.clear()
    monkeypatch.setattr("ganstyle.painting.painter.free_memory", lambda _: 5_000_000)
    Painter(lively, FLOAT32, Dials()).paint([photo])
    assert len(sizes) > 1
    assert max(width for width, _ in sizes) < 400


def test_running_out_of_memory_halves_the_work(
    lively: Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo, other = picture(200, 150), picture(200, 150, seed=1)
    expected = Painter(lively, FLOAT32, Dials(), tile=0).paint([photo, other])
    forward = lively.forward

    def scarce(image: torch.Tensor, place: Place) -> torch.Tensor:
        if image.numel() > 3 * 200 * 200:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return forward(image, place)

    monkeypatch.setattr(lively, "forward", scarce)
    results = Painter(lively, FLOAT32, Dials(), tile=0).paint([photo, other])
    assert [r.tobytes() for r in results] == [e.tobytes() for e in expected]


def test_other_errors_of_the_network_are_not_swallowed(
    lively: Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> torch.Tensor:
        raise RuntimeError("expected scalar type")

    monkeypatch.setattr(lively, "forward", broken)
    with pytest.raises(RuntimeError, match="scalar type"):
        Painter(lively, FLOAT32, Dials()).paint([picture(20, 20)])


def test_strength_goes_from_the_photo_to_the_style(lively: Generator) -> None:
    photo = _noise(40, 30)

    def at(strength: float) -> np.ndarray:
        return _array(Painter(lively, FLOAT32, Dials(strength=strength)).paint([photo])[0])

    assert (at(0) == _array(photo)).all()
    assert np.abs(at(0.001) - _array(photo)).max() <= 1  # pure black and white included
    steps = [np.abs(at(s) - _array(photo)).mean() for s in (0.25, 0.5, 0.75, 1)]
    assert steps == sorted(steps)
    assert steps[-1] > 5


def test_keep_color_changes_the_luminance_only(lively: Generator) -> None:
    photo = picture(40, 30)
    result = Painter(lively, FLOAT32, Dials(keep_color=True)).paint([photo])[0]
    full = Painter(lively, FLOAT32, Dials()).paint([photo])[0]
    luminance, *chroma = (_array(c) for c in result.convert("YCbCr").split())
    wanted, *_ = (_array(c) for c in full.convert("YCbCr").split())
    _, *before = (_array(c) for c in photo.convert("YCbCr").split())
    # RGB cannot hold every pair of luminance and chroma: what is out of it is cut off.
    assert np.median(np.abs(luminance - wanted)) <= 1
    assert np.median(np.abs(chroma[0] - before[0])) <= 1


def test_dials_out_of_range_are_named() -> None:
    for wrong in ({"strength": 1.5}, {"strength": -0.1}, {"brush": 0.0}, {"abstraction": 0.5}):
        with pytest.raises(ConfigError, match=next(iter(wrong))):
            Dials(**wrong)  # type: ignore[arg-type]


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
