import torch

from ganstyle.data.crop_sources import PairedCrops, SketchedCrops, StyleCrops, UnpairedCrops
from ganstyle.data.crops import CropSet


def _set(channels: int, value: int = 100) -> CropSet:
    pixels = torch.randint(value, (110, 120, channels), generator=_rng(), dtype=torch.uint8)
    return CropSet([(pixels,)], 64)


def _rng() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_style_crops_come_alone() -> None:
    crops = StyleCrops(_set(3))
    content, style = crops.sample(2, _rng())
    assert content is None
    assert torch.equal(style, crops.style.sample(2, _rng()))
    assert crops.sets() == (crops.style,)


def test_unpaired_crops_come_from_sets_of_their_own() -> None:
    crops = UnpairedCrops(_set(3), _set(3, value=1))
    content, style = crops.sample(2, _rng())
    assert content.shape == style.shape == (2, 3, 64, 64)
    assert content.max() > 0
    assert style.max() == 0
    assert crops.sets() == (crops.content, crops.style)


def test_a_pair_is_cut_at_one_place() -> None:
    [[pixels]] = _set(3).pyramids
    pairs = CropSet([(torch.cat([pixels, 100 - pixels], -1),)], 64)
    source, target = PairedCrops(pairs).sample(2, _rng())
    assert torch.allclose(source + target, torch.tensor(100 / 255))


def test_a_photo_is_the_target_of_its_sketch() -> None:
    photos = _set(3)
    sketch, photo = SketchedCrops(photos).sample(2, _rng())
    assert sketch.shape == (2, 3, 64, 64)
    assert torch.equal(sketch[:, 0], sketch[:, 2])  # gray
    assert torch.equal(photo, photos.sample(2, _rng()))
