import math

import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from ganstyle.errors import ConfigError
from ganstyle.images.tensors import resized_pixels, scaled, to_batch, to_pixels
from ganstyle.sources.abstraction import Abstraction, abstract, abstract_pixels, kuwahara
from tests.conftest import picture


@pytest.mark.parametrize("radius", [1, 3, 8])
def test_what_is_flat_stays_flat(radius: int) -> None:
    flat = torch.tensor([0.0, 0.37, 1.0]).view(1, 3, 1, 1).expand(2, 3, 9, 12)
    assert torch.allclose(kuwahara(flat, radius), flat, atol=1e-6)


def test_a_step_stays_as_sharp_as_it_was() -> None:
    step = torch.full((1, 3, 20, 24), 0.2)
    step[..., 11:] = 0.8
    assert torch.allclose(kuwahara(step, 4), step, atol=0.005)


def _edge(degrees: int) -> tuple[Tensor, Tensor]:
    """A straight edge at an angle, a pixel wide, and the distance of each pixel from it."""
    at = torch.arange(48) - 23.7
    y, x = torch.meshgrid(at, at, indexing="ij")
    angle = math.radians(degrees)
    distance = x * math.cos(angle) + y * math.sin(angle)
    edge = 0.2 + 0.6 * (distance + 0.5).clamp(0, 1)
    return edge.expand(1, 3, -1, -1), distance


@pytest.mark.parametrize("degrees", range(0, 180, 15))
def test_an_edge_stays_sharp_at_any_angle(degrees: int) -> None:
    edge, distance = _edge(degrees)
    filtered = kuwahara(edge, 3)
    away = distance.abs() > 1
    assert torch.allclose(filtered[..., away], edge[..., away], atol=0.005)

    def between(image: Tensor) -> int:
        return int(((image > 0.3) & (image < 0.7)).sum())

    assert between(filtered) <= between(edge)


def test_a_picture_that_is_turned_gets_what_is_turned() -> None:
    """Its sectors have no favourite direction: turns and mirrors change nothing but rounding."""
    image = torch.rand(2, 3, 20, 24, generator=torch.Generator().manual_seed(0))
    filtered = kuwahara(image, 3)
    for turns in (1, 2, 3):
        turned = image.rot90(turns, (2, 3))
        assert torch.allclose(kuwahara(turned, 3), filtered.rot90(turns, (2, 3)), atol=1e-5)
    assert torch.allclose(kuwahara(image.flip(3), 3), filtered.flip(3), atol=1e-5)


def test_detail_finer_than_the_radius_goes() -> None:
    torch.manual_seed(0)
    noise = torch.rand(1, 3, 64, 64) * 0.4
    line = torch.zeros(1, 3, 64, 64)
    line[..., 32, :] = 1
    assert kuwahara(noise, 4).std() < noise.std() / 3
    assert kuwahara(line, 4).max() < 0.25


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


@pytest.mark.parametrize(("factor", "radius"), [(2, 2), (3.1, 2), (5, 3)])
def test_paintings_are_refined_on_what_training_refines_on(factor: float, radius: int) -> None:
    """abstract_pixels() never holds a canvas at the next one's size, but gives its abstraction."""
    canvas, abstraction = picture(64, 48), Abstraction(factor=factor, radius=radius)
    pixels = to_pixels([canvas])
    expected = abstract(scaled(resized_pixels(pixels, (128, 96))), abstraction)
    apart = (scaled(abstract_pixels(pixels, (128, 96), abstraction)) - expected).abs() * 255
    assert apart.mean() < 0.8  # rounded twice
    assert apart.max() < 6


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (3, 2)])
def test_the_smallest_images_have_an_abstraction(size: tuple[int, int]) -> None:
    assert abstract(torch.rand(1, 3, *size), Abstraction()).shape == (1, 3, *size)


@pytest.mark.parametrize("values", [{"factor": 0.5}, {"factor": 17.0}, {"radius": -1}])
def test_values_out_of_range_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=f"{next(iter(values))} is .*must be from"):
        Abstraction(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [(96, 64), (61, 83), (7, 200)])
def test_the_abstraction_of_pixels_is_that_of_the_image(size: tuple[int, int]) -> None:
    canvas, abstraction = picture(*size), Abstraction(factor=2, radius=1)
    source = abstract_pixels(to_pixels([canvas]), size, abstraction)
    expected = abstract(to_batch([canvas]), abstraction)
    assert source.shape == (1, size[1], size[0], 3)
    apart = (scaled(source) - expected).abs() * 255  # rounded twice
    assert apart.mean() < 1
    assert apart.max() < 6


def test_a_canvas_is_enlarged_to_the_size_of_the_next_and_keeps_its_colours() -> None:
    canvas = to_pixels([Image.new("RGB", (30, 20), (200, 30, 90))])
    source = abstract_pixels(canvas, (60, 40), Abstraction(factor=3, radius=2))
    assert source.shape == (1, 40, 60, 3)
    assert (source == torch.tensor([200, 30, 90], dtype=torch.uint8)).all()


@pytest.mark.parametrize("radius", [0, 1, 3])
def test_bands_equal_the_whole_to_the_last_bit(
    radius: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    abstraction = Abstraction(factor=1, radius=radius)
    canvases = to_pixels([picture(61, 83, seed=seed) for seed in range(2)])
    whole = abstract_pixels(canvases, (61, 83), abstraction)
    monkeypatch.setattr("ganstyle.images.tensors._BAND_PIXELS", 1)
    monkeypatch.setattr("ganstyle.images.tensors._LEAST_ROWS", 6)
    assert torch.equal(abstract_pixels(canvases, (61, 83), abstraction), whole)
