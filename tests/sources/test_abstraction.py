from dataclasses import replace

import torch

from ganstyle.models.generator import BRIGHTEST, Generator, GeneratorConfig
from ganstyle.sources.abstraction import simplify
from tests.conftest import TINY, lively_generator


def test_a_step_stays_as_sharp_as_it_was() -> None:
    step = torch.full((1, 3, 20, 24), -0.6)
    step[..., 11:] = 0.6
    assert torch.allclose(simplify(step, 4), step, atol=1e-5)


def test_detail_finer_than_the_radius_goes() -> None:
    torch.manual_seed(0)
    noise = torch.rand(1, 3, 64, 64) * 0.4
    line = torch.zeros(1, 3, 64, 64)
    line[..., 32, :] = 1
    assert simplify(noise, 4).std() < noise.std() / 3
    assert simplify(line, 4).max() < 0.25  # of one row in five


def test_neither_batch_nor_what_lies_beyond_the_radius_counts() -> None:
    torch.manual_seed(0)
    pictures = torch.rand(2, 3, 16, 20)
    both = simplify(pictures, 3)
    assert torch.allclose(simplify(pictures[:1], 3), both[:1], atol=1e-6)
    assert torch.allclose(simplify(pictures[..., :12], 3)[..., :9], both[..., :9], atol=1e-6)


def test_strength_runs_from_the_photo_to_what_is_left_of_it() -> None:
    torch.manual_seed(0)
    photo = torch.rand(1, 3, 16, 24)
    generator = Generator(replace(TINY, simplify=2))
    calm = simplify(photo * 2 - 1, 2)
    assert torch.allclose(generator.redraw(photo, strength=0), photo, atol=1e-6)
    whole = generator.redraw(photo, strength=1) * 2 - 1
    assert torch.allclose(whole, calm.clamp(-BRIGHTEST, BRIGHTEST), atol=1e-5)
    half = generator.redraw(photo, strength=0.5) * 2 - 1
    assert not torch.allclose(half, whole, atol=0.05)
    assert (half - photo * 2 + 1).square().mean() < (whole - photo * 2 + 1).square().mean()


def test_a_margin_is_simplified_with_its_surroundings() -> None:
    config = GeneratorConfig(widths=(4,), encoder_blocks=(0,), decoder_blocks=(0,), simplify=6)
    generator = lively_generator(config)
    photo = torch.rand(1, 3, 40, 44)
    inner = generator(photo)[..., 8:-8, 8:-8]
    assert torch.allclose(generator.redraw(photo, margin=8), inner, atol=1e-6)
