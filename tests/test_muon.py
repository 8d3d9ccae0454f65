import pytest
import torch

from ganstyle.muon import Muon, orthogonal


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


def test_a_regression_with_uneven_inputs_is_learnt_faster_than_by_adamw() -> None:
    """Inputs whose directions differ a hundredfold in size: what momentum alone is slow at."""
    torch.manual_seed(0)
    inputs = torch.randn(256, 16) @ torch.logspace(0, -2, 16).diag()
    inputs = inputs @ torch.linalg.qr(torch.randn(16, 16)).Q
    wanted = inputs @ torch.randn(16, 16)

    def loss_after(optimizer: torch.optim.Optimizer, weight: torch.Tensor) -> float:
        for step in range(150):
            for group in optimizer.param_groups:
                group["lr"] = 0.05 * (1 - step / 150)
            optimizer.zero_grad()
            loss = (inputs @ weight.T - wanted).square().mean()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        return float(loss.detach())

    muon, adamw = torch.zeros(16, 16, requires_grad=True), torch.zeros(16, 16, requires_grad=True)
    by_muon = loss_after(Muon([{"params": [muon]}], lr=0.05), muon)
    assert by_muon < 0.5 * loss_after(torch.optim.AdamW([adamw], lr=0.05, weight_decay=0), adamw)
