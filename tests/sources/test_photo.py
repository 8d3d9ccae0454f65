import pytest
import torch

from ganstyle.images.tensors import resized_pixels, scaled, to_batch, to_tensor
from ganstyle.sources.abstraction import Abstraction, abstract
from ganstyle.sources.photo import SIDE, careful_draft
from ganstyle.sources.tones import ToneMap, Tones
from tests.conftest import picture

PHOTO = to_batch([picture(96, 72, seed=1)])


def _noisy(width: int, height: int) -> torch.Tensor:
    """Blobs under grain, as pixels: uint8 (1, height, width, 3)."""
    pixels = to_tensor(picture(width, height))[None].float()
    grain = torch.randn(pixels.shape, generator=torch.Generator().manual_seed(0))
    return (pixels + 20 * grain).clamp(0, 255).byte()


def _tone_map(photo: torch.Tensor) -> ToneMap:
    tones = Tones.of([to_tensor(picture(60, 40, seed=seed)) for seed in range(4)])
    return ToneMap.of(photo, tones, light=0.6, color=0.8, share=0.5)


@pytest.mark.parametrize("toned", [False, True])
def test_a_photo_gets_the_same_draft_at_every_size(*, toned: bool) -> None:
    large = _noisy(384, 256)
    abstraction = Abstraction(factor=16, radius=2)
    photos = {side: scaled(resized_pixels(large, (side * 3 // 2, side))) for side in (128, 256)}
    tone_map = _tone_map(photos[128]) if toned else None
    drafts = {side: careful_draft(photo, abstraction, tone_map) for side, photo in photos.items()}
    assert drafts[256].shape == (1, 3, 256, 384)
    [reduced] = resized_pixels((drafts[256] * 255).byte().permute(0, 2, 3, 1), (192, 128))
    apart = (reduced / 255 - drafts[128][0].permute(1, 2, 0)).abs()
    assert apart.mean() < 0.01
    assert (photos[128] - drafts[128]).abs().mean() > 0.02  # the grain is gone


def test_the_factor_is_in_pixels_of_one_size() -> None:
    expected = abstract(PHOTO, Abstraction(factor=2, radius=1))
    draft = careful_draft(PHOTO, Abstraction(factor=2 * SIDE / 72, radius=1))
    assert torch.equal(draft, expected)


@pytest.mark.parametrize("factor", [1.0, SIDE / 72])
def test_below_one_pixel_nothing_but_the_tones_changes(factor: float) -> None:
    abstraction, tone_map = Abstraction(factor=factor, radius=0), _tone_map(PHOTO)
    assert torch.equal(careful_draft(PHOTO, abstraction), PHOTO)
    toned = careful_draft(PHOTO, abstraction, tone_map)
    assert torch.equal(toned, tone_map(PHOTO))
    assert not torch.allclose(toned, PHOTO, atol=0.02)
