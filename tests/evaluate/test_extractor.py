from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ganstyle.config import EvaluateConfig
from ganstyle.errors import ConfigError
from ganstyle.evaluate.extractor import Eyes, chosen_places
from ganstyle.features.efficientnet import POOLED, efficientnet_file
from ganstyle.features.torchscript import file_hash
from ganstyle.metrics.crops import grid_crops
from ganstyle.runtime import pick_runtime
from tests.conftest import picture
from tests.features.test_torchscript import Means, scripted

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
    traits = look.traits
    assert look.crops.shape == (12, 3, 32, 32)
    assert traits.features.shape == (3, 4, POOLED)
    assert traits.patches.shape[:2] == (12, 3)
    alone = eyes.network.pooled(grid_crops(images[1], SMALL))
    assert torch.allclose(traits.features[1], alone, atol=1e-4)
    assert {name: rows.shape for name, rows in traits.depths.items()} == {
        "stride 4": (12, 24),
        "stride 8": (12, 40),
        "stride 16": (12, 112),
        "stride 32": (12, 320),
    }


@pytest.mark.parametrize(("crop", "levels"), [(32, 3), (49, 4), (48, 3), (192, 4)])
def test_the_pyramid_is_as_deep_as_crops_allow(crop: int, levels: int) -> None:
    eyes = Eyes(CPU, EvaluateConfig(size=192, crop=crop, grid=1))
    look = eyes.look([eyes.view(picture(200, 200), Path("x.png"), 1)])
    assert eyes.levels == levels
    assert look.traits.patches.shape[1] == levels


def test_patches_are_drawn_by_name_from_the_same_places_in_any_batch() -> None:
    eyes, images = Eyes(CPU, SMALL), [picture(96, 70, seed=seed) for seed in range(3)]
    views = [eyes.view(image, Path(f"{i}.png"), 2) for i, image in enumerate(images)]
    together, alone = eyes.look(views).traits.patches, eyes.look(views[1:2]).traits.patches
    assert torch.equal(together[2:4], alone)
    again = eyes.look([eyes.view(images[1], Path("elsewhere/1.jpg"), 2)]).traits.patches
    other = eyes.look([eyes.view(images[1], Path("7.png"), 2)]).traits.patches
    assert torch.equal(alone, again)
    assert not torch.equal(alone, other)


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
    traits = eyes.look([eyes.view(image, Path("x.png"), 4) for image in images]).traits
    assert traits.features.shape == (2, 1, 3)
    assert list(traits.depths) == ["Means"]
    means = np.stack([np.asarray(image).mean((0, 1)) for image in images])
    assert np.allclose(traits.depths["Means"], means, atol=1)
    facts = eyes.facts()
    assert facts["extractor"] == "Means.pt"
    assert facts["sha256"] == file_hash(path)
    assert "299x299" in str(facts["resize"])
    with pytest.raises(ConfigError, match="leave one out"):
        Eyes(CPU, replace(SMALL, style_zoom=2), path)


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
