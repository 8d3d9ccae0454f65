from dataclasses import replace
from pathlib import Path

import pytest
import torch

from ganstyle.metrics.bootstrap import Difference, Interval, KernelBlocks
from ganstyle.metrics.comparison import Axes, Rivalry, Standing, Yardstick, ranking
from ganstyle.metrics.kid import kernel_distance
from ganstyle.metrics.sample import Sample, Traits
from ganstyle.metrics.sliced_wasserstein import sample_patches


def sample(pictures: int, shift: float = 0, seed: int = 0) -> Sample:
    """Pictures of a crop each; the shift moves features and brightness."""
    chance = torch.Generator().manual_seed(seed)
    features = torch.randn(pictures, 6, generator=chance) + shift
    crops = torch.rand(pictures, 3, 32, 32, generator=chance)
    patches = sample_patches(crops, [chance] * pictures, levels=3, count=32)
    found = Sample(levels=3)
    found.add(Traits(features[:, None], {"Deep 1": features}, patches))
    return found


def measured(yardstick: Yardstick, found: Sample) -> tuple[Axes, KernelBlocks]:
    blocks = yardstick.blocks(found)
    ones = torch.ones(found.pictures, dtype=torch.float64)
    return yardstick.measure(found, blocks, ones / 2, ones), blocks


def test_pictures_of_the_style_are_at_zero_and_cannot_be_told_and_others_can() -> None:
    yardstick = Yardstick(sample(80))
    own, _ = measured(yardstick, sample(80, seed=1))
    far, _ = measured(yardstick, sample(80, shift=2, seed=2))
    assert own.kid.low < 0 < own.kid.high
    assert far.kid.low > own.kid.high
    assert own.frechet["Deep 1"] < 1
    assert far.frechet["Deep 1"] == pytest.approx(6 * 2**2, rel=0.15)
    assert 0.35 < own.fooled < 0.65
    assert 0.35 < own.accuracy < 0.65
    assert far.fooled < 0.1
    assert far.accuracy > 0.9
    assert own.content.value == 0.5


def test_kid_is_that_of_the_definition() -> None:
    styles, results = sample(12), sample(9, shift=0.5, seed=1)
    axes, _ = measured(Yardstick(styles), results)
    expected = kernel_distance(torch.cat(results.features), torch.cat(styles.features))
    assert axes.kid.value == pytest.approx(expected)


def test_few_pictures_have_values_without_intervals() -> None:
    axes, _ = measured(Yardstick(sample(3)), sample(4, seed=1))
    flat = axes.flat()
    assert flat["kid_low"] is flat["kid_high"] is flat["content_low"] is None
    assert flat["kid"] == axes.kid.value
    enough = measured(Yardstick(sample(6)), sample(6, seed=1))[0].flat()
    assert all(value is not None for value in enough.values())
    assert enough["frechet"] == enough["frechet_deep_1"]
    assert enough["swd"] == pytest.approx(
        sum(enough[f"swd_{level}"] or 0 for level in (1, 2, 3)) / 3
    )


def standing(name: str, axes: Axes) -> Standing:
    return Standing(
        name=name,
        axes=axes,
        style_progress=0.5,
        photos=tuple(Path(f"{index}.png") for index in range(30)),
        content_by_picture=(0.5,) * 30,
        style_by_picture=(0.0,) * 30,
    )


def test_the_nearest_comes_first_and_differences_are_those_of_kid() -> None:
    yardstick = Yardstick(sample(40))
    sets = {"far": 1.0, "near": 0.2, "middle": 0.5}
    measures = {n: measured(yardstick, sample(30, shift=s, seed=3)) for n, s in sets.items()}
    ranked, rivalries = ranking([(standing(n, axes), b) for n, (axes, b) in measures.items()])
    assert [entry.name for entry in ranked] == ["near", "middle", "far"]
    assert [(r.better, r.worse) for r in rivalries] == [
        ("near", "middle"),
        ("near", "far"),
        ("middle", "far"),
    ]
    for rivalry in rivalries:
        gap = measures[rivalry.better][0].kid.value - measures[rivalry.worse][0].kid.value
        assert rivalry.difference.value == pytest.approx(gap)
        assert rivalry.difference.high < 0
        assert f"{rivalry.better} is nearer to the style than {rivalry.worse}" in str(rivalry)


def test_a_difference_that_may_be_chance_is_called_so() -> None:
    rivalry = Rivalry("a", "b", Difference(-1.0, -3.0, 1.0, opposite=0.2))
    assert str(rivalry) == (
        "a and b cannot be told apart: KID differs by 1.0 (-1.0 to 3.0) on the same photos."
    )


def test_too_few_photos_give_a_ranking_without_differences() -> None:
    yardstick = Yardstick(sample(3))
    pairs = [
        (standing(name, axes), blocks)
        for name, (axes, blocks) in (
            ("a", measured(yardstick, sample(3, seed=1))),
            ("b", measured(yardstick, sample(3, shift=1, seed=1))),
        )
    ]
    ranked, rivalries = ranking(pairs)
    assert len(ranked) == 2
    assert rivalries == ()


def test_merit_is_nothing_for_the_photo_and_for_what_lost_it() -> None:
    axes, _ = measured(Yardstick(sample(6)), sample(6, seed=1))
    assert standing("a", axes).merit == pytest.approx(0.25)
    assert replace(standing("a", axes), style_progress=-0.1).merit == 0
    lost = replace(axes, content=Interval(-0.1, -0.2, 0.0))
    assert standing("a", lost).merit == 0


def test_what_was_kept_are_the_first_of_every_n() -> None:
    axes, _ = measured(Yardstick(sample(6)), sample(6, seed=1))
    kept = replace(standing("a", axes), every=7).kept
    assert [path.stem for path in kept] == ["0", "7", "14", "21", "28"]


def test_nearness_is_higher_for_pictures_of_the_style() -> None:
    yardstick, photos = Yardstick(sample(20, shift=1)), sample(20, shift=-1, seed=1)
    own = yardstick.nearness(sample(5, shift=1, seed=2), photos)
    theirs = yardstick.nearness(sample(5, shift=-1, seed=2), photos)
    assert len(own) == 5
    assert min(own) > max(theirs)
