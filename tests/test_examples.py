"""The pictures that `make demo` stylizes, and drafts."""

from pathlib import Path

from ganstyle.files import find_images, list_folder
from ganstyle.images.tensors import read_image

EXAMPLES = Path(__file__).parent.parent / "examples"
DRAFTS = EXAMPLES / "drafts"


def test_examples_are_few_small_and_credited() -> None:
    pictures = list_folder(EXAMPLES, leave_out=DRAFTS).images
    credited = (EXAMPLES / "ATTRIBUTION.md").read_text()
    assert 6 <= len(pictures) <= 8
    assert sum(path.stat().st_size for path in pictures) < 2_000_000
    for path in pictures:
        assert path.name in credited
        assert max(read_image(path).size) >= 512


def test_drafts_are_ten_of_a_few_kilobytes_and_credited() -> None:
    drafts = find_images(DRAFTS)
    credited = (EXAMPLES / "ATTRIBUTION.md").read_text()
    assert len(drafts) == 10
    for path in drafts:
        assert path.name in credited
        assert path.stat().st_size < 10_000
        assert min(read_image(path).size) >= 400
