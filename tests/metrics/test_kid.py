import pytest
import torch

from ganstyle.errors import DataError
from ganstyle.metrics.kid import kernel_distance, nearness, picture_kernel


def test_it_equals_the_definition_written_as_loops() -> None:
    torch.manual_seed(0)
    x, y = torch.rand(5, 3).double(), torch.rand(4, 3).double() + 0.5

    def k(a: torch.Tensor, b: torch.Tensor) -> float:
        return (float(a @ b) / 3 + 1) ** 3

    within = [[k(a, b) for i, a in enumerate(s) for j, b in enumerate(s) if i != j] for s in (x, y)]
    across = [k(a, b) for a in x for b in y]
    expected = sum(sum(w) / len(w) for w in within) - 2 * sum(across) / len(across)
    assert kernel_distance(x, y) == pytest.approx(1000 * expected)


def test_two_samples_of_one_distribution_are_near_zero_and_others_far() -> None:
    torch.manual_seed(1)
    a, b, far = torch.randn(400, 16), torch.randn(400, 16), torch.randn(400, 16) + 1
    assert abs(kernel_distance(a, b)) < 30
    assert kernel_distance(a, far) > 1000


def test_one_picture_is_too_few() -> None:
    with pytest.raises(DataError, match="2 pictures"):
        kernel_distance(torch.rand(1, 4), torch.rand(5, 4))


def test_the_kernel_of_two_pictures_is_the_mean_over_their_pairs_of_crops(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    torch.manual_seed(0)
    x = [torch.rand(n, 3) for n in (1, 4, 2)]
    y = [torch.rand(n, 3) for n in (3, 2)]
    found = picture_kernel(x, y)
    assert found.shape == (3, 2)
    for i, a in enumerate(x):
        for j, b in enumerate(y):
            expected = ((a.double() @ b.double().T / 3 + 1) ** 3).mean()
            assert float(found[i, j]) == pytest.approx(float(expected))
    monkeypatch.setattr("ganstyle.metrics.kid._CHUNK", 2)  # which cuts pictures in two
    assert torch.allclose(picture_kernel(x, y), found)


def test_nearness_is_positive_for_style_pictures_and_negative_for_photos() -> None:
    torch.manual_seed(0)
    styles, photos = ([torch.randn(2, 8) + shift for _ in range(20)] for shift in (1, -1))
    found = nearness([styles[0], photos[0]], styles[1:], photos[1:])
    assert found[0] > 0 > found[1]
