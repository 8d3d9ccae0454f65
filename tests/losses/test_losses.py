import torch
from torch import tensor

from ganstyle.losses.adversarial import (
    NOISE,
    discriminator_hinge,
    generator_hinge,
    real_rate,
    smoothness_penalty,
)
from ganstyle.losses.content import (
    color_distance,
    feature_distance,
    flatness,
)
from ganstyle.losses.gram import RunningGrams, gram_matrix


def test_hinge_of_an_ignorant_and_of_a_certain_discriminator() -> None:
    zeros = [torch.zeros(2, 1, 4, 4), torch.zeros(2, 1, 2, 2)]
    assert discriminator_hinge(zeros, zeros) == 2
    certain = [torch.full((2, 1, 4, 4), 3.0)]
    assert discriminator_hinge(certain, [-certain[0]]) == 0
    assert generator_hinge(certain) == -3


def test_real_rate_counts_each_map_alike() -> None:
    assert real_rate([tensor([1.0, 1, 1, 1]), tensor([-1.0, 1])]) == 0.75


def test_smoothness_penalty_of_a_linear_discriminator_is_its_squared_slope() -> None:
    torch.manual_seed(0)
    x, slope = torch.rand(200_000), 3.0
    noisy = x + NOISE * torch.randn_like(x)
    penalty = smoothness_penalty([slope * x], [slope * noisy])
    assert torch.isclose(penalty, tensor(slope**2 / 100), rtol=0.02)


def test_feature_distance_of_equal_and_opposite_maps() -> None:
    maps = {8: torch.randn(2, 5, 4, 4), 16: torch.randn(2, 5, 2, 2)}
    opposite = {s: -m for s, m in maps.items()}
    assert feature_distance(maps, maps, (8, 16)) == 0
    expected = sum(4 * m.square().mean() for m in maps.values()) / 2
    assert torch.isclose(feature_distance(maps, opposite, (8, 16)), tensor(float(expected)))


def test_color_distance_ignores_texture_inside_a_cell() -> None:
    gray = torch.full((1, 3, 32, 32), 0.5)
    checks = gray.clone()
    checks[..., ::2] += 0.25
    checks[..., 1::2] -= 0.25
    assert color_distance(checks, gray) < 1e-6


def test_color_distance_is_squared() -> None:
    gray = torch.full((1, 3, 16, 16), 0.5)
    assert torch.isclose(color_distance(gray + 0.2, gray), tensor(0.2**2))


def test_flatness_spares_edges_of_the_photo() -> None:
    edge = torch.zeros(1, 3, 8, 8)
    edge[..., 4:] = 1
    assert flatness(edge, edge) < 1e-6
    assert flatness(edge, torch.zeros_like(edge)) > 0.1


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
