"""The pictures that `make demo` stylizes."""

from pathlib import Path

from ganstyle.files import find_images
from ganstyle.images.tensors import read_image

EXAMPLES = Path(__file__).parent.parent / "examples"


def test_examples_are_few_small_and_credited() -> None:
    pictures = find_images(EXAMPLES)
    credited = (EXAMPLES / "ATTRIBUTION.md").read_text()
    assert 6 <= len(pictures) <= 8
    assert sum(path.stat().st_size for path in pictures) < 2_000_000
    for path in pictures:
        assert path.name in credited
        assert max(read_image(path).size) >= 512
