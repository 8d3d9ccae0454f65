from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from ganstyle.config import EvaluateConfig
from ganstyle.eyes import Eyes, chosen_places
from ganstyle.features.efficientnet import POOLED, efficientnet_file
from ganstyle.features.scripted import file_hash
from ganstyle.metrics.scores import grid_crops
from ganstyle.runtime import pick_runtime
from tests.conftest import picture
from tests.test_scripted import Means, scripted

SMALL = EvaluateConfig(size=64, crop=32, grid=2)
CPU = pick_runtime("cpu", "float32")


@pytest.mark.parametrize(("crops", "grid"), [(1, 4), (3, 4), (16, 4), (2, 3)])
def test_places_are_as_many_as_wanted_and_all_come_up_equally(crops: int, grid: int) -> None:
    found = [chosen_places(f"photo {index}", crops, grid) for index in range(900)]
    assert all(len(set(places)) == crops for places in found)
    counts = Counter(place for places in found for place in places)
    expected = 900 * crops / grid**2
    assert set(counts) == set(range(grid**2))
    assert all(abs(count - expected) < 0.35 * expected for count in counts.values())
    assert chosen_places("photo 7", crops, grid) == found[7]


def test_a_look_sees_what_the_network_sees() -> None:
    eyes = Eyes(CPU, SMALL)
    images = [picture(96, 70, seed=seed) for seed in range(3)]
    look = eyes.look([eyes.view(image, Path("x.png"), 4) for image in images])
    assert look.crops.shape == (12, 3, 32, 32)
    assert [features.shape for features in look.features] == [(4, POOLED)] * 3
    alone = eyes.network.pooled(grid_crops(images[1], SMALL))
    assert torch.allclose(look.features[1], alone, atol=1e-4)
    assert {name: rows.shape for name, rows in look.depths.items()} == {
        "stride 4": (12, 24),
        "stride 8": (12, 40),
        "stride 16": (12, 112),
        "stride 32": (12, 320),
    }


def test_a_result_of_another_size_is_brought_to_its_photo() -> None:
    eyes, photo = Eyes(CPU, SMALL), picture(160, 90)
    same = eyes.view(photo.resize((80, 45)), Path("x.png"), 4, like=photo)
    other = eyes.view(photo.resize((90, 90)), Path("x.png"), 4, like=photo)
    plain = eyes.view(photo, Path("x.png"), 4)
    assert same.fact.size == (80, 45)
    assert (same.fact.other_shape, other.fact.other_shape) == (False, True)
    for view in (same, other):
        assert (view.crops.float() - plain.crops.float()).abs().max() < 25


def test_an_extractor_of_the_users_sees_whole_pictures(tmp_path: Path) -> None:
    path = scripted(tmp_path, Means())
    eyes = Eyes(CPU, SMALL, path)
    images = [picture(96, 70, seed=seed) for seed in range(2)]
    look = eyes.look([eyes.view(image, Path("x.png"), 4) for image in images])
    assert [features.shape for features in look.features] == [(1, 3)] * 2
    assert list(look.depths) == ["Means"]
    means = np.stack([np.asarray(image).mean((0, 1)) for image in images])
    assert np.allclose(look.depths["Means"], means, atol=1)
    facts = eyes.facts()
    assert facts["extractor"] == "Means.pt"
    assert facts["sha256"] == file_hash(path)
    assert "299x299" in str(facts["resize"])


def test_facts_name_the_network_its_hash_and_what_it_sees() -> None:
    facts = Eyes(CPU, SMALL).facts()
    assert facts["extractor"] == "EfficientNet-lite0"
    assert facts["sha256"] == file_hash(efficientnet_file())
    assert "64 px" in str(facts["resize"])
    assert "32x32 px from 2x2" in str(facts["crop"])


def test_small_sets_give_all_their_crops_and_large_ones_fewer() -> None:
    usual = EvaluateConfig()
    assert [usual.crops_of(count) for count in (1, 100, 400, 1600, 50_000)] == [16, 16, 4, 1, 1]
    assert EvaluateConfig(crops=3).crops_of(50_000) == 3
    assert EvaluateConfig(grid=1, crops=3).crops_of(10) == 1
