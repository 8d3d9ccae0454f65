from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from PIL import Image

from ganstyle.data.crops import CropSet, load_crops
from ganstyle.data.pyramids import image_loader
from ganstyle.files import find_images

COUNT = 12
LOAD80 = image_loader(short_side=80, crop=64)


def _larger_than_memory(folder: Path, broken: Sequence[int] = ()) -> CropSet:
    """Twelve pictures, each of its own gray, of which four fit.

    broken: places, in the order in which they come, of those that cannot be read.
    """
    for index in range(COUNT):
        Image.new("RGB", (96, 80), (20 * index,) * 3).save(folder / f"{index:02d}.png")
    crops = _open_again(folder)
    assert crops.stream
    for index in broken:
        crops.stream.paths[index].write_text("broken")
    return _open_again(folder, len(broken)) if broken else crops


def _open_again(folder: Path, broken: int = 0) -> CropSet:
    paths = find_images(folder)
    # Memory is parted by the mean of the folder, to which broken pictures add nothing.
    each = 96 * 80 * 3 * sum(scale**2 for scale in (1, 0.8)) * (COUNT - broken) / COUNT
    return load_crops(paths, LOAD80, 64, 4.5 * each / 2**30)


def _grays(crops: CropSet) -> list[int]:
    return [int(levels[0][0, 0, 0]) for levels in crops.pyramids]


def test_a_folder_larger_than_the_memory_is_seen_in_turns(tmp_path: Path) -> None:
    crops = _larger_than_memory(tmp_path)
    assert len(crops.pyramids) == 4
    assert "4 at a time are in memory" in crops.problems[0]
    rng = torch.Generator().manual_seed(0)
    seen = set(_grays(crops))
    for _ in range(COUNT - 4):
        crops.sample(1, rng)
        assert len(set(_grays(crops))) == 4  # never the same picture twice
        seen |= set(_grays(crops))
    assert seen == {20 * index for index in range(COUNT)}


@pytest.mark.parametrize("samples", [0, 2, 5, 31])
def test_a_resumed_run_has_the_same_pictures_in_memory(tmp_path: Path, samples: int) -> None:
    straight = _larger_than_memory(tmp_path)
    rng = torch.Generator().manual_seed(0)
    for _ in range(samples):
        straight.sample(1, rng)
    resumed = _open_again(tmp_path)
    resumed.go_to(samples)
    assert _grays(resumed) == _grays(straight)
    for crops in (straight, resumed):
        crops.sample(1, rng)
    assert _grays(resumed) == _grays(straight)


@pytest.mark.parametrize("samples", [0, 2, 5, 9, 31])
@pytest.mark.parametrize("broken", [(), (1,), (5,), (5, 9), (0, 4, 8)])
def test_a_run_that_goes_back_has_the_same_pictures_in_memory_as_a_resumed_one(
    tmp_path: Path, samples: int, broken: tuple[int, ...]
) -> None:
    """Whatever is there by then, and though a slot had nothing but broken files."""
    straight = _larger_than_memory(tmp_path, broken)
    gone_back, resumed = (_open_again(tmp_path, len(broken)) for _ in range(2))
    rng = torch.Generator().manual_seed(0)
    for crops, count in ((straight, samples), (gone_back, 17)):
        for _ in range(count):
            crops.sample(1, rng)
    gone_back.go_to(samples)
    resumed.go_to(samples)
    assert len(straight.pyramids) == 4
    assert _grays(gone_back) == _grays(resumed) == _grays(straight)
    for crops in (straight, gone_back, resumed):
        crops.sample(1, rng)
    assert _grays(gone_back) == _grays(resumed) == _grays(straight)


def test_a_broken_picture_in_the_stream_is_named_once_and_passed_over(tmp_path: Path) -> None:
    crops = _larger_than_memory(tmp_path)
    assert crops.stream
    broken = crops.stream.paths[5]
    broken.write_text("broken")
    rng = torch.Generator().manual_seed(0)
    for _ in range(2 * COUNT):
        crops.sample(1, rng)
    assert len(_grays(crops)) == 4
    assert 20 * int(broken.stem) not in _grays(crops)
    assert sum(broken.name in problem for problem in crops.problems) == 1
