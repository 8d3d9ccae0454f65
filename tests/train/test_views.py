import pytest
import torch

from ganstyle.train.views import (
    JITTER,
    concat_features,
    concat_images,
    facts,
    jitter,
    random_view,
    resize,
)


def test_all_are_cut_at_the_same_place() -> None:
    image = torch.rand(2, 3, 64, 64)
    cuts = jitter(image, image + 1, image + 2)
    assert cuts[0].shape == (2, 3, 64 - JITTER, 64 - JITTER)
    assert torch.equal(cuts[0] + 1, cuts[1])
    places = {float(jitter(image, image, image)[0][0, 0, 0, 0]) for _ in range(50)}
    assert len(places) > 10


def test_views_are_of_many_sizes() -> None:
    sides = {random_view(100) for _ in range(300)}
    assert min(sides) >= 75
    assert max(sides) <= 100
    assert len(sides) > 15
    assert resize(torch.rand(1, 3, 100, 100), 80).shape == (1, 3, 80, 80)


def test_a_source_stands_beside_its_picture() -> None:
    image, source = torch.zeros(1, 3, 4, 4), torch.ones(1, 3, 4, 4)
    assert concat_images(image, None) is image
    assert concat_images(image, source).mean((0, 2, 3)).tolist() == [0, 0, 0, 1, 1, 1]
    maps = {8: torch.zeros(1, 2, 1, 1)}
    assert concat_features(maps, None) is maps
    assert concat_features(maps, {8: torch.ones(1, 2, 1, 1)})[8].flatten().tolist() == [0, 0, 1, 1]


def test_facts_tell_change_and_contrast() -> None:
    photo = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    same = facts(photo, photo)
    assert float(same["picture/change"]) == 0
    assert float(same["picture/contrast"]) == pytest.approx(1)
    faint = facts(0.5 + (photo - 0.5) / 4, photo)
    assert float(faint["picture/contrast"]) == pytest.approx(0.25, rel=1e-3)
    assert float(facts(photo + 0.1, photo)["picture/change"]) == pytest.approx(0.1, rel=1e-3)
