import pytest
import torch
import torch.nn.functional as F

from ganstyle.errors import ConfigError
from ganstyle.sources.abstraction import Abstraction, abstract, kuwahara


def test_a_step_stays_as_sharp_as_it_was() -> None:
    step = torch.full((1, 3, 20, 24), 0.2)
    step[..., 11:] = 0.8
    assert torch.allclose(kuwahara(step, 4), step, atol=1e-5)


def test_detail_finer_than_the_radius_goes() -> None:
    torch.manual_seed(0)
    noise = torch.rand(1, 3, 64, 64) * 0.4
    line = torch.zeros(1, 3, 64, 64)
    line[..., 32, :] = 1
    assert kuwahara(noise, 4).std() < noise.std() / 3
    assert kuwahara(line, 4).max() < 0.25  # of one row in five


def test_neither_batch_nor_what_lies_beyond_the_radius_counts() -> None:
    torch.manual_seed(0)
    pictures = torch.rand(2, 3, 16, 20)
    both = kuwahara(pictures, 3)
    assert torch.allclose(kuwahara(pictures[:1], 3), both[:1], atol=1e-6)
    assert torch.allclose(kuwahara(pictures[..., :12], 3)[..., :9], both[..., :9], atol=1e-6)


def test_a_radius_of_zero_leaves_an_image_as_it_is() -> None:
    image = torch.rand(1, 3, 5, 7)
    assert torch.equal(kuwahara(image, 0), image)
    assert torch.equal(abstract(image, Abstraction(factor=1, radius=0)), image)


def test_an_abstraction_keeps_size_range_and_large_forms() -> None:
    torch.manual_seed(0)
    forms = F.interpolate(torch.rand(2, 3, 4, 6), size=(64, 97), mode="nearest")
    image = (forms + 0.3 * torch.randn(2, 3, 64, 97)).clamp(0, 1)
    calm = abstract(image, Abstraction(factor=4, radius=2))
    assert calm.shape == image.shape
    assert 0 <= calm.min() <= calm.max() <= 1
    assert (calm - forms).square().mean() < (image - forms).square().mean() / 2


def test_a_larger_factor_leaves_out_more() -> None:
    torch.manual_seed(0)
    image = torch.rand(1, 3, 64, 64)
    kept = [float(abstract(image, Abstraction(factor=f)).std()) for f in (1.5, 3, 6)]
    assert kept == sorted(kept, reverse=True)


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (3, 2)])
def test_the_smallest_images_have_an_abstraction(size: tuple[int, int]) -> None:
    assert abstract(torch.rand(1, 3, *size), Abstraction()).shape == (1, 3, *size)


@pytest.mark.parametrize("values", [{"factor": 0.5}, {"factor": 17.0}, {"radius": -1}])
def test_values_out_of_range_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=f"{next(iter(values))} is .*must be from"):
        Abstraction(**values)  # type: ignore[arg-type]
