from pathlib import Path

import numpy as np
import torch

from ganstyle.config import EvaluateConfig
from ganstyle.features.efficientnet import LITE2, POOLED, efficientnet_file
from ganstyle.features.extractor import FAR_CROPS, FeatureExtractor
from ganstyle.features.torchscript import file_hash
from ganstyle.images.tensors import scaled
from ganstyle.metrics.crops import crop_batch
from tests.conftest import picture
from tests.features.test_torchscript import Means, scripted

SMALL = EvaluateConfig(size=64, crop=32, grid=2)
CPU = torch.device("cpu")


def test_features_are_those_of_the_network() -> None:
    extractor = FeatureExtractor(CPU)
    batches = [crop_batch(picture(96, 70, seed=seed), "x", SMALL, 4) for seed in range(3)]
    features = extractor(batches)
    assert features.images == 3
    assert features.crops.shape == (12, 3, 32, 32)
    assert features.style.shape == (3, 4, POOLED)
    alone = scaled(batches[1].crops)
    maps, pooled = extractor.network.maps_and_pooled(alone)
    assert torch.allclose(features.style[1], pooled, atol=1e-4)
    assert torch.allclose(features.maps[4:8], maps[16], atol=1e-4)
    assert {name: rows.shape for name, rows in features.depths.items()} == {
        f"stride {stride}": (12, channels) for stride, channels in LITE2.channels.items()
    }
    assert features.far is None


def test_from_afar_an_image_is_seen_whole_at_any_size() -> None:
    images = [picture(96, 70), picture(900, 700), picture(3, 40)]
    batches = [crop_batch(image, "x", SMALL, 4, far=True) for image in images]
    far = FeatureExtractor(CPU)(batches).far
    assert far
    assert far.pooled.shape == (3, FAR_CROPS, POOLED)
    assert far.maps.shape[0] == 3 * FAR_CROPS
    assert torch.equal(far.subset(slice(1, 2)).maps, far.maps[FAR_CROPS : 2 * FAR_CROPS])


def test_a_subset_has_the_features_of_some_images() -> None:
    batches = [crop_batch(picture(96, 70, seed=seed), "x", SMALL, 4) for seed in range(3)]
    features = FeatureExtractor(CPU)(batches)
    some = features.subset(slice(0, None, 2))
    assert some.images == 2
    assert torch.equal(some.crops, torch.cat((features.crops[:4], features.crops[8:])))
    assert torch.equal(some.style[1], features.style[2])
    assert torch.equal(some.depths["stride 8"][4:], features.depths["stride 8"][8:])


def test_an_extractor_of_the_users_sees_whole_pictures(tmp_path: Path) -> None:
    path = scripted(tmp_path, Means())
    extractor = FeatureExtractor(CPU, path)
    images = [picture(96, 70, seed=seed) for seed in range(2)]
    features = extractor([crop_batch(image, "x", SMALL, 4, whole=True) for image in images])
    assert features.style.shape == (2, 1, 3)
    assert list(features.depths) == ["Means"]
    means = np.stack([np.asarray(image).mean((0, 1)) for image in images])
    assert np.allclose(features.depths["Means"], means, atol=1)
    words = extractor.description(SMALL)
    assert words["extractor"] == "Means.pt"
    assert words["sha256"] == file_hash(path)
    assert "299x299" in str(words["resize"])


def test_the_description_names_the_network_its_hash_and_what_it_sees() -> None:
    words = FeatureExtractor(CPU).description(SMALL)
    assert words["extractor"] == "EfficientNet-lite2"
    assert words["sha256"] == file_hash(efficientnet_file(LITE2))
    assert "64 px" in str(words["resize"])
    assert "32x32 px from 2x2" in str(words["crop"])
