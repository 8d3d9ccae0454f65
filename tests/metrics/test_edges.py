import pytest
import torch
from torch import Tensor

from ganstyle.metrics.edges import edge_agreement


def blocks(seed: int) -> Tensor:
    """Random rectangles of gray, (1, 3, 96, 96)."""
    coarse = torch.rand(1, 1, 6, 6, generator=torch.Generator().manual_seed(seed))
    return coarse.repeat_interleave(16, 2).repeat_interleave(16, 3).expand(1, 3, 96, 96)


def test_contrast_colour_and_what_is_dark_do_not_count() -> None:
    photo = blocks(0)
    assert edge_agreement(photo, photo) == pytest.approx(1, abs=1e-4)
    assert edge_agreement(1 - photo, photo) == pytest.approx(1, abs=1e-4)
    assert edge_agreement(0.3 + 0.5 * photo, photo) == pytest.approx(1, abs=1e-3)


def test_lines_along_the_edges_count_as_edges_and_moved_ones_do_not() -> None:
    photo = blocks(0)
    lines = torch.zeros_like(photo)
    for edge in range(16, 96, 16):
        lines[..., edge - 1 : edge + 1] = 1
        lines[..., edge - 1 : edge + 1, :] = 1
    drawn, moved = (edge_agreement(x, photo) for x in (lines, lines.roll((8, 8), (2, 3))))
    assert drawn > 0.6
    assert moved < 0


def test_noise_agrees_by_chance_only_and_flat_pictures_with_each_other() -> None:
    noise = torch.rand(8, 3, 96, 96, generator=torch.Generator().manual_seed(1))
    found = edge_agreement(noise, torch.cat([blocks(seed) for seed in range(8)]))
    assert found.shape == (8,)
    assert found.abs().mean() < 0.1
    gray = torch.full((1, 3, 96, 96), 0.5)
    assert edge_agreement(gray, gray) == pytest.approx(1)
    assert edge_agreement(gray, blocks(0)).abs() < 0.1
