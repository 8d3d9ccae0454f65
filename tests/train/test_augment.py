import pytest
import torch

from ganstyle.distributed import Ranks
from ganstyle.train.augment import (
    EDGE,
    JITTER,
    UNIFORMS,
    augment,
    image_statistics,
    random_view,
    random_window,
    resize,
)
from ganstyle.train.balance import UNIFORM
from ganstyle.train.step_batch import StepBatch
from ganstyle.train.step_rng import StepRng


def _rng() -> StepRng:
    return StepRng.of_step(0, 0, torch.device("cpu"), Ranks())


def _uniforms(count: int) -> torch.Tensor:
    return _rng().uniforms((count, UNIFORMS))


def _pictures(count: int = 4) -> torch.Tensor:
    return torch.rand(count, 3, 16, 24, generator=torch.Generator().manual_seed(0))


def test_without_probability_nothing_changes() -> None:
    images = _pictures()
    assert augment(images, 0.0, _uniforms(4)) is images
    uniforms = torch.full((4, 9), 0.9)
    assert torch.equal(augment(images, 0.5, uniforms), images)


def test_pictures_that_belong_together_are_changed_alike() -> None:
    images = _pictures()
    pair = augment(torch.cat([images, images], 1), 1.0, _uniforms(4))
    assert torch.equal(pair[:, :3], pair[:, 3:])
    assert not torch.equal(pair[:, :3], images)


def test_a_shift_moves_by_whole_pixels() -> None:
    images = _pictures(1)
    uniforms = torch.tensor([[0.9, 0.0, 0.9, 0.5, 0.5, 1.0, 0.5, 0.5, 0.5]])  # only to one side
    moved = augment(images, 0.5, uniforms)
    assert torch.equal(moved[..., :, :21], images[..., :, 3:])
    assert not moved[..., :, 21:].any()


def test_a_square_is_cut_out() -> None:
    uniforms = torch.tensor([[0.9, 0.9, 0.0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]])
    cut = augment(torch.ones(1, 3, 16, 24), 0.5, uniforms)
    assert cut.mean() == pytest.approx(0.75)
    assert not cut[..., 4:12, 6:18].any()


def test_light_and_colour_change() -> None:
    uniforms = torch.tensor([[0.0, 0.9, 0.9, 0.9, 0.0, 0.5, 0.5, 0.5, 0.5]])
    images = _pictures(1)
    gray = augment(images, 0.5, uniforms)
    expected = images.mean(1, keepdim=True) + 0.4  # no chroma, 0.4 lighter
    assert torch.allclose(gray, expected.expand_as(images))


def test_gradients_pass() -> None:
    images = _pictures().requires_grad_()
    augment(images, 1.0, _uniforms(4)).sum().backward()  # type: ignore[no-untyped-call]
    assert images.grad is not None
    assert images.grad.abs().sum() > 0


def test_windows_lie_anywhere_but_at_the_edges_of_the_crop() -> None:
    rng, side = _rng(), 64
    windows = [random_window(side, rng) for _ in range(300)]
    for place in (0, 1):
        starts = {window[place].start for window in windows}
        assert starts == set(range(EDGE, JITTER - EDGE + 1))
        assert max(window[place].stop for window in windows) == side - EDGE
        assert {w[place].stop - w[place].start for w in windows} == {side - JITTER}
    assert any(rows != columns for rows, columns in windows)


def test_views_are_of_many_sizes() -> None:
    rng = _rng()
    sides = {random_view(100, rng) for _ in range(300)}
    assert min(sides) >= 75
    assert max(sides) <= 100
    assert len(sides) > 15
    assert resize(torch.rand(1, 3, 100, 100), 80).shape == (1, 3, 80, 80)


def _contrast(fake: torch.Tensor, source: torch.Tensor, target: torch.Tensor) -> float:
    batch = StepBatch(
        fake=fake,
        source=source,
        target=target,
        fake_maps={},
        target_maps={},
        real_count=len(fake),
        group_size=len(fake),
        exact=slice(None),
    )
    statistics = image_statistics(batch)
    assert statistics.keys() == {"picture/contrast"}
    return float(statistics["picture/contrast"])


def test_statistics_tell_the_contrast_of_results() -> None:
    texture = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    for times in (1.0, 0.25, 0.0):
        fake = 0.5 + times * (texture - 0.5)
        assert _contrast(fake, texture, texture) == pytest.approx(times, abs=0.02)


def test_a_flat_result_of_a_flat_draft_has_all_the_contrast_that_it_can_have() -> None:
    """The draft of a picture that is nothing but texture, or a blank page, is flat."""
    texture, blank = torch.rand(2, 3, 32, 32), torch.full((2, 3, 32, 32), 0.5)
    assert _contrast(blank, blank, texture) == pytest.approx(1)
    assert _contrast(blank, texture, blank) == pytest.approx(1)
    assert _contrast(blank, texture, texture) < UNIFORM
