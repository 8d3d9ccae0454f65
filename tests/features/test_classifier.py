from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from ganstyle.features.classifier import Classifier, load_classifier
from ganstyle.images.tensors import resized_pixels, scaled, to_pixels
from ganstyle.runtime import int8_is_native

EXAMPLES = Path(__file__).parents[2] / "examples"

needs_int8 = pytest.mark.skipif(not int8_is_native(), reason="needs fast 8-bit products")


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return load_classifier()


def _photo(name: str, size: tuple[int, int]) -> torch.Tensor:
    return scaled(resized_pixels(to_pixels([Image.open(EXAMPLES / name)]), size))


@pytest.mark.parametrize(
    ("name", "kinds"), [("kitten.jpg", range(281, 294)), ("lighthouse.jpg", range(437, 438))]
)
def test_photos_are_told_by_what_they_show(classifier: Classifier, name: str, kinds: range) -> None:
    """281 to 293 are ImageNet's cats, wild ones included, and 437 is a beacon."""
    with torch.inference_mode():
        assert int(classifier.answer(_photo(name, (300, 200)))[0].argmax()) in kinds


def test_the_answer_is_the_mean_of_the_map(classifier: Classifier) -> None:
    photo = _photo("kitten.jpg", (161, 97))
    with torch.inference_mode():
        maps, answer = classifier(photo), classifier.answer(photo)
    assert maps.shape == (1, 1000, 4, 6)
    assert torch.allclose(maps.mean((2, 3)), answer, atol=1e-3)


@needs_int8
@pytest.mark.parametrize("size", [(240, 160), (161, 97), (64, 192), (32, 32)])
@pytest.mark.parametrize("name", ["kitten.jpg", "kingfisher.jpg", "city.jpg"])
def test_8_bits_give_nearly_the_same(
    classifier: Classifier, name: str, size: tuple[int, int]
) -> None:
    fast, photo = load_classifier().in_8_bits(), _photo(name, size)
    with torch.inference_mode():
        wanted, found = classifier(photo), fast(photo)
        answers = classifier.answer(photo), fast.answer(photo)
    assert found.shape == wanted.shape
    assert (found - wanted).square().mean().sqrt() < 0.25 * wanted.std()
    assert F.cosine_similarity(*answers) > 0.98
