import pytest
import torch

from ganstyle.train.augment import (
    JITTER,
    augment,
    concat_features,
    concat_images,
    draw_uniform,
    image_statistics,
    jitter,
    random_view,
    resize,
)

CPU = torch.device("cpu")


def _pictures(count: int = 4) -> torch.Tensor:
    return torch.rand(count, 3, 16, 24, generator=torch.Generator().manual_seed(0))


def test_without_probability_nothing_changes() -> None:
    images = _pictures()
    assert augment(images, 0.0, draw_uniform(4, CPU)) is images
    draws = torch.full((4, 9), 0.9)
    assert torch.equal(augment(images, 0.5, draws), images)


def test_pictures_that_belong_together_are_changed_alike() -> None:
    images = _pictures()
    pair = augment(torch.cat([images, images], 1), 1.0, draw_uniform(4, CPU))
    assert torch.equal(pair[:, :3], pair[:, 3:])
    assert not torch.equal(pair[:, :3], images)


def test_a_shift_moves_by_whole_pixels() -> None:
    images = _pictures(1)
    draws = torch.tensor([[0.9, 0.0, 0.9, 0.5, 0.5, 1.0, 0.5, 0.5, 0.5]])  # only to one side
    moved = augment(images, 0.5, draws)
    assert torch.equal(moved[..., :, :21], images[..., :, 3:])
    assert not moved[..., :, 21:].any()


def test_a_square_is_cut_out() -> None:
    draws = torch.tensor([[0.9, 0.9, 0.0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]])
    cut = augment(torch.ones(1, 3, 16, 24), 0.5, draws)
    assert cut.mean() == pytest.approx(0.75)
    assert not cut[..., 4:12, 6:18].any()


def test_light_and_colour_change() -> None:
    draws = torch.tensor([[0.0, 0.9, 0.9, 0.9, 0.0, 0.5, 0.5, 0.5, 0.5]])
    images = _pictures(1)
    gray = augment(images, 0.5, draws)
    expected = images.mean(1, keepdim=True) + 0.4  # no chroma, 0.4 lighter
    assert torch.allclose(gray, expected.expand_as(images))


def test_gradients_pass() -> None:
    images = _pictures().requires_grad_()
    augment(images, 1.0, draw_uniform(4, CPU)).sum().backward()  # type: ignore[no-untyped-call]
    assert images.grad is not None
    assert images.grad.abs().sum() > 0


def test_all_are_cut_at_the_same_place() -> None:
    image = torch.rand(2, 3, 64, 64)
    cuts = jitter(image, image + 1, image + 2)
    assert cuts[0].shape == (2, 3, 64 - JITTER, 64 - JITTER)
    assert torch.equal(cuts[0] + 1, cuts[1])
    places = {float(jitter(image, image, image)[0][0, 0, 0, 0]) for _ in range(50)}
    assert len(places) > 10


def test_views_are_of_many_sizes() -> None:
    sides = {random_view(100) for _ in range(300)}
    assert min(sides) >= 75
    assert max(sides) <= 100
    assert len(sides) > 15
    assert resize(torch.rand(1, 3, 100, 100), 80).shape == (1, 3, 80, 80)


def test_a_source_stands_beside_its_picture() -> None:
    image, source = torch.zeros(1, 3, 4, 4), torch.ones(1, 3, 4, 4)
    assert concat_images(image, None) is image
    assert concat_images(image, source).mean((0, 2, 3)).tolist() == [0, 0, 0, 1, 1, 1]
    maps = {8: torch.zeros(1, 2, 1, 1)}
    assert concat_features(maps, None) is maps
    assert concat_features(maps, {8: torch.ones(1, 2, 1, 1)})[8].flatten().tolist() == [0, 0, 1, 1]


def test_statistics_tell_change_and_contrast() -> None:
    photo = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    same = image_statistics(photo, photo)
    assert float(same["picture/change"]) == 0
    assert float(same["picture/contrast"]) == pytest.approx(1)
    faint = image_statistics(0.5 + (photo - 0.5) / 4, photo)
    assert float(faint["picture/contrast"]) == pytest.approx(0.25, rel=1e-3)
    assert float(image_statistics(photo + 0.1, photo)["picture/change"]) == pytest.approx(
        0.1, rel=1e-3
    )
