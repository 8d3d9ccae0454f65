from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from ganstyle.data.crops import Crops, CropSet, load_crops, split_held_out
from ganstyle.data.pyramids import image_loader
from ganstyle.errors import DataError
from ganstyle.files import find_images

LOAD80 = image_loader(short_side=80, crop=64)


def test_crops_are_repeatable_and_in_range(make_folder: Callable[..., Path]) -> None:
    crops = load_crops(find_images(make_folder("a", 3)), LOAD80, 64, 1)
    first, again = (crops.sample(4, torch.Generator().manual_seed(7)) for _ in range(2))
    assert first.images.shape == (4, 3, 64, 64)
    assert torch.equal(first.images, again.images)
    assert torch.equal(first.edges, again.edges)
    assert 0 <= first.images.min() <= first.images.max() <= 1


def test_a_crop_knows_its_edges_in_the_whole_image() -> None:
    """Every pixel of these images tells its row, its column and the height of its image."""
    heights = 64, 90, 200
    images = [
        torch.stack(torch.meshgrid(torch.arange(H), torch.arange(120), indexing="ij"), 2)
        for H in heights
    ]
    told = [F.pad(image, (0, 1), value=len(image)).to(torch.uint8) for image in images]
    crops = CropSet([tuple(told[:2]), (told[2],)], 64).sample(40, torch.Generator().manual_seed(0))
    assert crops.edges.shape == (40, 2)
    pixels = (crops.images * 255).round()
    rows, columns, height = pixels[:, 0], pixels[:, 1], pixels[:, 2, 0, 0]
    expected = torch.stack([2 * rows[:, 0, 0] / height, 2 * (rows[:, -1, 0] + 1) / height], 1) - 1
    assert torch.allclose(crops.edges, expected, atol=1e-6)
    assert set(height.tolist()) == set(heights)
    assert crops.edges[height == 64].tolist() == [[-1, 1]] * int((height == 64).sum())
    mirrored = columns[:, 0, 0] > columns[:, 0, 1]
    assert 8 < int(mirrored.sum()) < 32
    assert len(set(rows[:, 0, 0].tolist())) > 10


def test_what_is_done_to_the_rows_of_crops_is_done_to_their_edges() -> None:
    crops = Crops(torch.rand(4, 3, 8, 8), torch.rand(4, 2))
    part = crops.map(lambda rows: rows[1:3])
    assert torch.equal(part.images, crops.images[1:3])
    assert torch.equal(part.edges, crops.edges[1:3])


def test_broken_pictures_are_named_and_left_out(make_folder: Callable[..., Path]) -> None:
    folder = make_folder("a", 12)
    (folder / "03.png").write_text("broken")
    crops = load_crops(find_images(folder), LOAD80, 64, 1)
    assert len(crops.pyramids) == 11
    assert len(crops.problems) == 1
    assert "03.png" in crops.problems[0]


def test_nothing_to_train_on_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("broken")
    for paths, message in (
        ([], "no pictures"),
        ([tmp_path / "a.png"], "1 picture, none of which"),
    ):
        with pytest.raises(DataError, match=message):
            load_crops(paths, LOAD80, 64, 1)


def test_held_out_pictures_are_spread_evenly_and_at_most_a_fifth() -> None:
    paths = [Path(f"{i:02d}.png") for i in range(20)]
    training, held_out = split_held_out(paths, 4)
    assert [int(path.stem) for path in held_out] == [2, 7, 12, 17]
    assert sorted(training + held_out) == paths
    assert len(split_held_out(paths, 100)[1]) == 4
    assert split_held_out(paths[:4], 8) == (paths[:4], [])
