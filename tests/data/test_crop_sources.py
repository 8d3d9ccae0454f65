import torch

from ganstyle.config import MARGIN
from ganstyle.data.crop_sources import PairedCrops, SketchedCrops, UnpairedCrops
from ganstyle.data.crops import CropSet

WIDE = 64 + 2 * MARGIN


def _set(channels: int, crop: int, value: int = 100) -> CropSet:
    pixels = torch.randint(value, (110, 120, channels), generator=_rng(), dtype=torch.uint8)
    return CropSet([(pixels,)], crop)


def _rng() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_unpaired_crops_come_from_sets_of_their_own() -> None:
    crops = UnpairedCrops(_set(3, WIDE), _set(3, 64, value=1))
    content, style = crops.sample(2, _rng())
    assert content.shape == (2, 3, WIDE, WIDE)
    assert style.shape == (2, 3, 64, 64)
    assert content.max() > 0
    assert style.max() == 0
    assert crops.sets() == (crops.content, crops.style)


def test_a_pair_is_cut_at_one_place() -> None:
    single = _set(3, WIDE)
    [[pixels]] = single.pyramids
    pairs = CropSet([(torch.cat([pixels, pixels], -1),)], WIDE)
    source, target = PairedCrops(pairs).sample(2, _rng())
    assert torch.equal(source[..., MARGIN:-MARGIN, MARGIN:-MARGIN], target)


def test_a_photo_is_the_target_of_its_sketch() -> None:
    photos = _set(3, WIDE)
    sketch, photo = SketchedCrops(photos).sample(2, _rng())
    assert sketch.shape == (2, 3, WIDE, WIDE)
    assert torch.equal(sketch[:, 0], sketch[:, 2])  # gray
    expected = photos.sample(2, _rng())[..., MARGIN:-MARGIN, MARGIN:-MARGIN]
    assert torch.equal(photo, expected)
