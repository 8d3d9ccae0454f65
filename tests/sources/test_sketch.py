import pytest
import torch
from torch import Tensor

from ganstyle.sources.sketch import SketchDials, draw_sketch, random_sketch

STEADY = SketchDials(width=3, detail=0.5, wobble=0)
USUAL = SketchDials(width=3, detail=0.35, wobble=1.5)


def _rng(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _landscape(height: int = 96, width: int = 128, seed: int = 0) -> Tensor:
    """Sky, two ridges of hills, one nearer, and a rough meadow: (1, 3, height, width)."""
    x = torch.linspace(0, 1, width)
    y = torch.linspace(0, 1, height)[:, None]
    photo = torch.full((3, height, width), 0.85)
    for top, light in ((0.35, 0.6), (0.5, 0.45), (0.7, 0.25)):
        ridge = top + 0.12 * torch.sin(6 * x + 9 * top + seed)
        photo = torch.where(y > ridge, light, photo)
    rough = 0.15 * torch.randn(3, height // 4, width // 4, generator=_rng(seed))
    rough = rough.repeat_interleave(4, 1).repeat_interleave(4, 2)
    rough = torch.nn.functional.pad(rough, (0, width % 4, 0, height % 4))
    return torch.where(y > 0.8, photo + rough, photo).clamp(0, 1)[None]


def _ink(sketch: Tensor) -> float:
    return float(1 - sketch.mean())


def test_flat_pictures_are_white_paper() -> None:
    grain = 0.01 * torch.randn(2, 3, 64, 64, generator=_rng(0))
    flat = torch.tensor([0.0, 0.3, 1.0]).view(3, 1, 1, 1).expand(3, 3, 64, 64)
    for photo in (flat, flat[:2] * 0.5 + 0.3 + grain):
        for detail in (0.0, 0.5, 1.0):
            dials = SketchDials(width=3, detail=detail, wobble=1)
            assert draw_sketch(photo, dials, _rng(0)).min() == 1


@pytest.mark.parametrize("contrast", [1.0, 0.1])
@pytest.mark.parametrize("detail", [0.0, 0.5, 1.0])
def test_an_edge_becomes_a_dark_line_and_nothing_else(contrast: float, detail: float) -> None:
    photo = torch.zeros(1, 3, 96, 96)
    photo[..., 41:] = contrast
    dials = SketchDials(width=3, detail=detail, wobble=0)
    sketch = draw_sketch(photo, dials)[0, 0]
    assert (sketch[:, 38:44].min(1).values < 0.5).float().mean() > 0.9
    assert sketch[:, :37].min() == 1
    assert sketch[:, 45:].min() == 1


def test_more_detail_and_wider_strokes_give_more_ink() -> None:
    photo = _landscape()
    details = [SketchDials(width=3, detail=at / 4, wobble=1) for at in range(5)]
    widths = [SketchDials(width=at, detail=0.3, wobble=1) for at in (1.5, 2, 3, 4, 6)]
    for series in (details, widths):
        inks = [_ink(draw_sketch(photo, dials)) for dials in series]
        assert inks == sorted(inks)
        assert inks[-1] > 1.3 * inks[0] > 0


def test_strokes_are_as_wide_as_asked() -> None:
    photo = torch.zeros(1, 3, 96, 96)
    photo[..., 48:, :] = 0.5
    for width in (1.5, 3.0, 6.0):
        dials = SketchDials(width=width, detail=0.2, wobble=0)
        line = (1 - draw_sketch(photo, dials)[0, 0]).sum(0)  # ink across the line, per column
        assert float(line.mean()) == pytest.approx(width, rel=0.25)


def test_chance_alone_decides() -> None:
    photo = _landscape().expand(2, -1, -1, -1)
    for draw in (random_sketch, lambda photo, rng: draw_sketch(photo, USUAL, rng)):
        first = draw(photo, _rng(1))
        assert torch.equal(first, draw(photo, _rng(1)))
        assert not torch.equal(first, draw(photo, _rng(2)))
        assert not torch.equal(first[0], first[1])
    assert torch.equal(draw_sketch(photo, USUAL), draw_sketch(photo, USUAL))


def test_a_batch_gives_the_same_as_its_pictures() -> None:
    photos = torch.cat([_landscape(seed=seed) for seed in range(3)])
    singles = torch.cat([draw_sketch(photo[None], STEADY) for photo in photos])
    torch.testing.assert_close(draw_sketch(photos, STEADY), singles, atol=1e-3, rtol=0)


@pytest.mark.parametrize("size", [(16, 16), (17, 33), (16, 90), (101, 67)])
def test_shape_range_and_gray_at_any_size(size: tuple[int, int]) -> None:
    photo = _landscape(*size).expand(2, -1, -1, -1)
    for sketch in (draw_sketch(photo, USUAL), random_sketch(photo, _rng(0))):
        assert sketch.shape == photo.shape
        assert sketch.dtype == torch.float32
        assert sketch.min() >= 0
        assert sketch.max() == 1
        assert torch.equal(sketch[:, 0], sketch[:, 2])
