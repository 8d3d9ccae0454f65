import pytest
import torch

from ganstyle.images.tensors import resized_pixels, rounded, scaled, to_pixels, to_tensor
from ganstyle.sources.abstraction import Abstraction, abstract_pixels
from ganstyle.sources.photo import SIDE, careful_draft
from ganstyle.sources.tones import ToneMap, Tones
from tests.conftest import picture

PHOTO = to_pixels([picture(96, 72, seed=1)])


def _noisy(width: int, height: int) -> torch.Tensor:
    """Blobs under grain, as pixels: uint8 (1, height, width, 3)."""
    pixels = to_tensor(picture(width, height))[None].float()
    grain = torch.randn(pixels.shape, generator=torch.Generator().manual_seed(0))
    return (pixels + 20 * grain).clamp(0, 255).byte()


def _tone_map(photo: torch.Tensor) -> ToneMap:
    tones = Tones.of([to_tensor(picture(60, 40, seed=seed)) for seed in range(4)])
    return ToneMap.of(scaled(photo), tones, light=0.6, color=0.8, share=0.5)


def _apart(one: torch.Tensor, other: torch.Tensor) -> float:
    """Mean difference of pixels, in levels of 255."""
    return float((one.float() - other.float()).abs().mean())


@pytest.mark.parametrize("toned", [False, True])
def test_a_photo_gets_the_same_draft_at_every_size(*, toned: bool) -> None:
    large = _noisy(384, 256)
    abstraction = Abstraction(factor=16, radius=2)
    photos = {side: resized_pixels(large, (side * 3 // 2, side)) for side in (128, 256)}
    tone_map = _tone_map(photos[128]) if toned else None
    drafts = {side: careful_draft(photo, abstraction, tone_map) for side, photo in photos.items()}
    assert drafts[256].shape == (1, 256, 384, 3)
    assert _apart(resized_pixels(drafts[256], (192, 128)), drafts[128]) < 2.5
    assert _apart(photos[128], drafts[128]) > 5  # the grain is gone


def test_the_factor_is_in_pixels_of_one_size() -> None:
    expected = abstract_pixels(PHOTO, (96, 72), Abstraction(factor=2, radius=1))
    draft = careful_draft(PHOTO, Abstraction(factor=2 * SIDE / 72, radius=1))
    assert torch.equal(draft, expected)


@pytest.mark.parametrize("factor", [1.0, SIDE / 72])
def test_below_one_pixel_nothing_but_the_tones_changes(factor: float) -> None:
    abstraction, tone_map = Abstraction(factor=factor, radius=0), _tone_map(PHOTO)
    assert torch.equal(careful_draft(PHOTO, abstraction), PHOTO)
    toned = careful_draft(PHOTO, abstraction, tone_map)
    assert torch.equal(toned, rounded(tone_map(scaled(PHOTO))))
    assert _apart(toned, PHOTO) > 5
