import pytest
import torch

from ganstyle.train.augment import augment, draw_chances

CPU = torch.device("cpu")


def _pictures(count: int = 4) -> torch.Tensor:
    return torch.rand(count, 3, 16, 24, generator=torch.Generator().manual_seed(0))


def test_without_probability_nothing_changes() -> None:
    images = _pictures()
    assert augment(images, 0.0, draw_chances(4, CPU)) is images
    chances = torch.full((4, 9), 0.9)
    assert torch.equal(augment(images, 0.5, chances), images)


def test_pictures_that_belong_together_are_changed_alike() -> None:
    images = _pictures()
    pair = augment(torch.cat([images, images], 1), 1.0, draw_chances(4, CPU))
    assert torch.equal(pair[:, :3], pair[:, 3:])
    assert not torch.equal(pair[:, :3], images)


def test_a_shift_moves_by_whole_pixels() -> None:
    images = _pictures(1)
    chances = torch.tensor([[0.9, 0.0, 0.9, 0.5, 0.5, 1.0, 0.5, 0.5, 0.5]])  # only to one side
    moved = augment(images, 0.5, chances)
    assert torch.equal(moved[..., :, :21], images[..., :, 3:])
    assert not moved[..., :, 21:].any()


def test_a_square_is_cut_out() -> None:
    chances = torch.tensor([[0.9, 0.9, 0.0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]])
    cut = augment(torch.ones(1, 3, 16, 24), 0.5, chances)
    assert cut.mean() == pytest.approx(0.75)
    assert not cut[..., 4:12, 6:18].any()


def test_light_and_colour_change() -> None:
    chances = torch.tensor([[0.0, 0.9, 0.9, 0.9, 0.0, 0.5, 0.5, 0.5, 0.5]])
    images = _pictures(1)
    gray = augment(images, 0.5, chances)
    expected = images.mean(1, keepdim=True) + 0.4  # no chroma, 0.4 lighter
    assert torch.allclose(gray, expected.expand_as(images))


def test_gradients_pass() -> None:
    images = _pictures().requires_grad_()
    augment(images, 1.0, draw_chances(4, CPU)).sum().backward()  # type: ignore[no-untyped-call]
    assert images.grad is not None
    assert images.grad.abs().sum() > 0
