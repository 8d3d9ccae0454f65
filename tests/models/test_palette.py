from dataclasses import replace

import pytest
import torch
from torch import Tensor

from ganstyle.config import Dials
from ganstyle.images.tensors import to_batch
from ganstyle.models.generator import Generator
from ganstyle.models.palette import PaletteTransfer
from ganstyle.models.presets import PRESETS, preset
from ganstyle.painting.painter import Painter
from ganstyle.runtime import pick_runtime
from ganstyle.sources.abstraction import Abstraction
from tests.conftest import picture


@pytest.fixture
def gray() -> Tensor:
    """Style pictures without any colour."""
    torch.manual_seed(1)
    return torch.rand(4, 1, 32, 32).expand(-1, 3, -1, -1) * 0.5 + 0.2


def _photos() -> Tensor:
    torch.manual_seed(0)
    return torch.rand(4, 3, 32, 32)


def test_colours_get_mean_and_covariance_of_the_style() -> None:
    photos = _photos()
    mix = torch.tensor([[0.3, 0.1, 0.0], [0.1, 0.3, 0.1], [0.0, 0.1, 0.2]])
    styles = torch.einsum("dc,bchw->bdhw", mix, torch.rand(4, 3, 32, 32)) + 0.2
    palette = PaletteTransfer()
    assert torch.allclose(palette(photos), photos, atol=1e-6)  # nothing before it is fitted
    palette.fit(photos, styles)
    for measure in (lambda c: c.mean(1), torch.cov):
        moved, wanted = (measure(x.transpose(0, 1).flatten(1)) for x in (palette(photos), styles))
        assert torch.allclose(moved, wanted, atol=2e-3)


def test_fraction_goes_from_the_photo_to_the_palette(gray: Tensor) -> None:
    photos, palette = _photos(), PaletteTransfer()
    results = []
    for fraction in (0, 0.5, 1):
        palette.fit(photos, gray, fraction)
        results.append(palette(photos))
    assert torch.allclose(results[0], photos, atol=1e-6)
    assert torch.allclose(results[1], (results[0] + results[2]) / 2, atol=0.02)


def test_a_style_without_colour_leaves_none(gray: Tensor) -> None:
    """Also of what training never saw, as deep blue."""
    palette = PaletteTransfer()
    palette.fit(_photos(), gray)
    blue = torch.tensor([0.0, 0.05, 0.9])[None, :, None, None].expand(1, 3, 8, 8)
    result = palette(blue)
    assert (result.amax(1) - result.amin(1)).max() < 0.02


def test_a_painter_draws_on_photos_in_the_palette(gray: Tensor) -> None:
    config = replace(preset("fast"), noise=False, source=Abstraction(factor=1, radius=0))
    generator = Generator(config).eval()
    assert generator.palette is not None
    generator.palette.fit(_photos(), gray)
    photo = picture(32, 24)
    painted = to_batch(Painter(generator, pick_runtime("cpu", "float32"), Dials()).paint([photo]))
    expected = generator.palette(to_batch([photo]))
    assert torch.allclose(painted, expected.clamp(0.05, 0.95), atol=1.5 / 255)


def test_pairs_have_their_own_colours() -> None:
    assert replace(PRESETS["deep"], noise=True) == preset("auto", "paired")
    assert Generator(preset("auto", "paired")).palette is None
