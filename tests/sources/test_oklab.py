import pytest
import torch

from ganstyle.sources.oklab import from_lab, to_lab


@pytest.mark.parametrize(
    ("color", "lab"),
    [
        ((1.0, 0.0, 0.0), (0.6280, 0.2249, 0.1258)),
        ((0.0, 0.0, 1.0), (0.4520, -0.0325, -0.3115)),
        ((1.0, 1.0, 1.0), (1.0, 0.0, 0.0)),
        ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0)),
    ],
)
def test_pure_colours_have_their_known_place(
    color: tuple[float, ...], lab: tuple[float, ...]
) -> None:
    """Red and blue as CSS Color 4 has them."""
    image = torch.tensor(color).view(1, 3, 1, 1)
    assert to_lab(image).flatten().tolist() == pytest.approx(lab, abs=2e-4)


def test_colours_come_there_and_back() -> None:
    image = torch.rand(2, 3, 30, 40, generator=torch.Generator().manual_seed(0))
    image[:, :, 0] = torch.tensor([0.0, 1.0])[:, None, None]
    assert torch.allclose(from_lab(to_lab(image)), image, atol=1e-4)
