import pytest
import torch

from ganstyle.train.muon import Muon, orthogonal


@pytest.mark.parametrize("shape", [(8, 8), (6, 40), (40, 6)])
def test_orthogonal_keeps_the_directions_and_evens_out_their_strength(
    shape: tuple[int, int],
) -> None:
    torch.manual_seed(0)
    u, _, vh = torch.linalg.svd(torch.randn(shape), full_matrices=False)
    strengths = torch.logspace(0, -1.5, len(vh) if shape[0] >= shape[1] else u.shape[1])
    result = orthogonal(u @ strengths.diag() @ vh)
    inner = u.T @ result @ vh.T  # diagonal where the singular vectors are kept
    assert ((inner.diag() > 0.6) & (inner.diag() < 1.3)).all()
    assert (inner - inner.diag().diag()).abs().max() < 1e-3


def test_weak_directions_of_a_gradient_move_as_far_as_strong_ones() -> None:
    weight = torch.zeros(4, 4, 3, 3, requires_grad=True)
    strong, weak = torch.zeros(2, 4, 4, 3, 3)
    strong[0, 0, 0, 0], weak[1, 1, 2, 2] = 1.0, 0.05
    weight.grad = strong + weak
    Muon([{"params": [weight]}], lr=0.1).step()
    moved = -weight.detach()
    assert 0.06 < moved[0, 0, 0, 0] < 0.13
    assert 0.06 < moved[1, 1, 2, 2] < 0.13
    assert moved.count_nonzero() == 2


def test_it_follows_the_slope_to_the_ground() -> None:
    torch.manual_seed(0)
    weight, wanted = torch.zeros(6, 8, requires_grad=True), 0.1 * torch.randn(6, 8)
    optimizer = Muon([{"params": [weight]}], lr=0.02)
    for step in range(100):
        optimizer.param_groups[0]["lr"] = 0.02 * (1 - step / 100)
        optimizer.zero_grad()
        (weight - wanted).square().sum().backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    assert (weight.detach() - wanted).abs().max() < 0.01
