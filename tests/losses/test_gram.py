import torch
from torch import tensor

from ganstyle.losses.gram import RunningGrams, gram_matrix


def test_gram_matrix_of_two_channels_and_the_one_beside_them() -> None:
    maps = tensor([[1.0, 3.0], [2.0, 0.0]])[None, :, None]  # (1, 2, 1, 2)
    expected = tensor([[5.0, 1.0, 2.0], [1.0, 2.0, 1.0], [2.0, 1.0, 1.0]])
    assert torch.allclose(gram_matrix(maps), expected)


def test_running_grams_forget_the_noise_of_single_batches() -> None:
    """Batches of one distribution: the distance of running means falls far below that of two."""
    torch.manual_seed(0)
    grams = RunningGrams({8: 6})
    distances = [
        float(grams({8: torch.randn(2, 6, 3, 3)}, {8: torch.randn(2, 6, 3, 3)})) for _ in range(200)
    ]
    assert sum(distances[-20:]) < 0.1 * sum(distances[:1] * 20)


def test_running_grams_lead_to_the_palette_of_the_style() -> None:
    torch.manual_seed(0)
    shift = torch.zeros(3, 1, 1, requires_grad=True)
    wanted = tensor([0.5, -0.2, 0.1])[:, None, None]
    optimizer = torch.optim.SGD([shift], lr=0.05)
    grams = RunningGrams({1: 3}, keep=0.8)
    for _ in range(150):
        loss = grams(
            {1: torch.randn(4, 3, 4, 4) * 0.3 + shift}, {1: torch.randn(4, 3, 4, 4) * 0.3 + wanted}
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert torch.allclose(shift, wanted, atol=0.1)
