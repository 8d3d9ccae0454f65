from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ganstyle.metrics.bootstrap import Difference, Interval
from ganstyle.metrics.comparison import PairedComparison, StyleReference, ranking
from ganstyle.metrics.content import ContentScores
from ganstyle.metrics.kid import KernelBlocks
from ganstyle.metrics.sample import BatchFeatures, ImageInfo, SetStatistics
from ganstyle.metrics.scores import CandidateScores, Metrics, Scores, style_progress
from ganstyle.metrics.sliced_wasserstein import sample_patches
from ganstyle.metrics.taken_for_photos import PASSING
from tests.metrics.test_kid import squared_discrepancy

INFO = ImageInfo(Path("x.png"), (32, 32), np.zeros(64, dtype=bool))


def sample(pictures: int, shift: float = 0, seed: int = 0) -> SetStatistics:
    """Pictures of a crop each; the shift moves features and brightness."""
    rng = torch.Generator().manual_seed(seed)
    style = torch.randn(pictures, 6, generator=rng) + shift
    crops = torch.rand(pictures, 3, 32, 32, generator=rng)
    patches = sample_patches(crops, [rng] * pictures, levels=3, count=32)
    ones = torch.ones(pictures, dtype=torch.float64)
    found = SetStatistics(levels=3)
    found.add(
        BatchFeatures(
            [INFO] * pictures,
            style[:, None],
            {"Deep 1": style},
            patches,
            ContentScores(ones / 2, ones, ones / 4),
            style[:, None] + 0.1,
        )
    )
    return found


def measured(reference: StyleReference, found: SetStatistics) -> tuple[Metrics, KernelBlocks]:
    blocks = reference.blocks(found)
    return reference.measure(found, blocks), blocks


def test_pictures_of_the_style_are_at_zero_and_cannot_be_told_and_others_can() -> None:
    reference = StyleReference(sample(80))
    own, _ = measured(reference, sample(80, seed=1))
    far, _ = measured(reference, sample(80, shift=2, seed=2))
    assert own.kid.low < 0 < own.kid.high
    assert far.kid.low > own.kid.high
    assert own.frechet["Deep 1"] < 1
    assert far.frechet["Deep 1"] == pytest.approx(6 * 2**2, rel=0.15)
    assert 0.35 < own.fooled < 0.65
    assert 0.35 < own.accuracy < 0.65
    assert far.fooled < 0.1
    assert far.accuracy > 0.9
    assert own.content.value == 0.5
    assert own.content_far.value == 0.25
    assert own.kid_far.low < 0 < own.kid_far.high < far.kid_far.low
    assert own.taken_for_photos.value == PASSING  # without judges: of the style itself


def test_kid_is_that_of_the_definition() -> None:
    styles, results = sample(12), sample(9, shift=0.5, seed=1)
    metrics, _ = measured(StyleReference(styles), results)
    expected = squared_discrepancy(torch.cat(results.style), torch.cat(styles.style))
    assert metrics.kid.value == pytest.approx(expected)


def test_few_pictures_have_values_without_intervals() -> None:
    metrics, _ = measured(StyleReference(sample(3)), sample(4, seed=1))
    flat = metrics.flat()
    assert flat["kid_low"] is flat["kid_high"] is flat["content_low"] is None
    assert flat["kid"] == metrics.kid.value
    enough = measured(StyleReference(sample(6)), sample(6, seed=1))[0].flat()
    unknown = {name for name, value in enough.items() if value is None}
    shares = {f"taken_for_photos{view}_{end}" for view in ("", "_close") for end in ("low", "high")}
    assert unknown == {"kept_faces", "pattern"} | shares
    assert enough["frechet"] == enough["frechet_deep_1"]
    assert enough["swd"] == pytest.approx(
        sum(enough[f"swd_{level}"] or 0 for level in (1, 2, 3)) / 3
    )


def scores(name: str, metrics: Metrics) -> CandidateScores:
    return CandidateScores(
        name=name,
        metrics=metrics,
        style_progress=0.5,
        photos=tuple(Path(f"{index}.png") for index in range(30)),
        content_by_picture=(0.5,) * 30,
        style_by_picture=(0.0,) * 30,
    )


def test_the_nearest_comes_first_and_differences_are_those_of_kid() -> None:
    reference = StyleReference(sample(40))
    sets = {"far": 1.0, "near": 0.2, "middle": 0.5}
    measures = {n: measured(reference, sample(30, shift=s, seed=3)) for n, s in sets.items()}
    ranked, comparisons = ranking([(scores(n, metrics), b) for n, (metrics, b) in measures.items()])
    assert [entry.name for entry in ranked] == ["near", "middle", "far"]
    assert [(r.better, r.worse) for r in comparisons] == [
        ("near", "middle"),
        ("near", "far"),
        ("middle", "far"),
    ]
    for comparison in comparisons:
        gap = measures[comparison.better][0].kid.value - measures[comparison.worse][0].kid.value
        assert comparison.difference.value == pytest.approx(gap)
        assert comparison.difference.high < 0
        words = f"{comparison.better} is nearer to the style than {comparison.worse}"
        assert words in str(comparison)


def test_a_difference_that_may_be_chance_is_called_so() -> None:
    comparison = PairedComparison("a", "b", Difference(-1.0, -3.0, 1.0, opposite=0.2))
    assert str(comparison) == (
        "a and b cannot be told apart: KID differs by 1.0 (-1.0 to 3.0) on the same photos."
    )


def test_too_few_photos_give_a_ranking_without_differences() -> None:
    reference = StyleReference(sample(3))
    pairs = [
        (scores(name, metrics), blocks)
        for name, (metrics, blocks) in (
            ("a", measured(reference, sample(3, seed=1))),
            ("b", measured(reference, sample(3, shift=1, seed=1))),
        )
    ]
    ranked, comparisons = ranking(pairs)
    assert len(ranked) == 2
    assert comparisons == ()


def test_the_selection_score_is_nothing_for_the_photo_and_for_what_lost_it() -> None:
    metrics, _ = measured(StyleReference(sample(6)), sample(6, seed=1))
    assert scores("a", metrics).selection_score == pytest.approx(0.25)
    assert replace(scores("a", metrics), style_progress=-0.1).selection_score == 0
    lost = replace(metrics, content=Interval(-0.1, -0.2, 0.0))
    assert scores("a", lost).selection_score == 0


def test_what_was_kept_are_the_first_of_every_n() -> None:
    metrics, _ = measured(StyleReference(sample(6)), sample(6, seed=1))
    kept = replace(scores("a", metrics), every=7).kept
    assert [path.stem for path in kept] == ["0", "7", "14", "21", "28"]


def test_nearness_is_higher_for_pictures_of_the_style() -> None:
    reference, photos = StyleReference(sample(20, shift=1)), sample(20, shift=-1, seed=1)
    own = reference.nearness(sample(5, shift=1, seed=2), photos)
    theirs = reference.nearness(sample(5, shift=-1, seed=2), photos)
    assert len(own) == 5
    assert min(own) > max(theirs)


def test_progress_is_0_at_the_photos_1_at_the_floor_and_0_without_a_way() -> None:
    assert style_progress(100, 100, 20) == 0
    assert style_progress(20, 100, 20) == 1
    assert style_progress(60, 100, 20) == 0.5
    assert style_progress(60, 20, 20) == 0


def test_scores_of_a_training_have_their_progress() -> None:
    for kid, progress in ((100.0, 0.0), (20.0, 1.0), (60.0, 0.5)):
        found = Scores(kid=kid, kid_photos=100, kid_floor=20, content=1, pictures=1)
        assert found.style_progress == pytest.approx(progress)
        assert found.as_dict()["style_progress"] == found.style_progress
        assert found.selection_score == pytest.approx(progress)


def test_a_training_that_lost_the_photo_or_kept_it_as_it_is_scores_nothing() -> None:
    start = Scores(kid=100, kid_photos=100, kid_floor=20, content=1, pictures=1)
    assert start.selection_score == 0
    assert replace(start, kid=20, content=-0.1).selection_score == 0
    assert replace(start, kid=120).selection_score == 0
