import torch
from torch import tensor

from ganstyle.losses.adversarial import (
    NOISE,
    discriminator_hinge,
    generator_hinge,
    real_rate,
    smoothness_penalty,
)


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
