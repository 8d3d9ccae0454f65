from dataclasses import replace

import pytest
import torch

from ganstyle.models.generator import Generator
from ganstyle.models.ranges import measured_convs
from tests.conftest import TINY, lively_generator


def test_each_channel_has_the_range_that_hardly_any_value_exceeds() -> None:
    generator = lively_generator(TINY)
    measured = Generator(replace(TINY, int8=True))
    assert measured.ranges is not None
    seen: list[torch.Tensor] = []
    generator.decoder.exit.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    measured.ranges.measure(generator, lambda: generator(torch.rand(1, 3, 64, 64)))
    ranges = measured.ranges.of("decoder.exit")
    [features] = seen
    beyond = features[0].flatten(1).abs() > ranges[:, None]
    assert ranges.shape == (TINY.widths[0],)
    assert 0 < beyond.float().mean() < 0.002


def test_what_a_block_norms_itself_has_no_range() -> None:
    names = [name for name, _ in measured_convs(Generator(TINY))]
    assert "decoder.exit" in names
    assert "encoder.down.0" in names
    assert "decoder.levels.0.0.conv2" in names
    assert not any(name.endswith(("conv1", "entrance", "up.0")) for name in names)


def test_only_a_generator_that_was_measured_has_ranges() -> None:
    assert Generator(TINY).ranges is None
    with pytest.raises(AttributeError):
        Generator(replace(TINY, int8=True)).ranges.of("encoder.entrance")  # type: ignore[union-attr]
