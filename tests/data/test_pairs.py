from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image

from ganstyle.data.pairs import common_suffix, match_pairs, pair_loader, read_pair
from ganstyle.errors import DataError, ImageError
from tests.conftest import picture

ROOTS = Path("a"), Path("b")


def test_files_of_one_name_are_pairs_whatever_their_extensions() -> None:
    sources = [Path("a/1.png"), Path("a/2.png"), Path("a/4.png")]
    targets = [Path("b/2.jpg"), Path("b/1.jpg"), Path("b/3.jpg")]
    pairs, alone = match_pairs(sources, targets, roots=ROOTS)
    assert pairs == {sources[0]: targets[1], sources[1]: targets[0]}
    assert alone == [f"{n}: has no partner of the same name; left out." for n in ("4.png", "3.jpg")]


def test_a_suffix_that_a_tool_adds_is_found() -> None:
    sources = [Path("a/1.png"), Path("a/2.png"), Path("a/2_x.png")]
    targets = [Path("b/1_out.jpg"), Path("b/2_out.jpg"), Path("b/2_x_out.jpg"), Path("b/9.jpg")]
    assert common_suffix(sources, targets) == "_out"
    pairs, alone = match_pairs(sources, targets, roots=ROOTS, suffix="_out")
    assert pairs == dict(zip(sources, targets, strict=False))
    assert len(alone) == 1
    assert common_suffix(sources, [Path("b/1.jpg"), Path("b/2.jpg")]) == ""
    assert common_suffix(sources, [Path("b/7.jpg")]) == ""


def test_files_of_one_name_in_several_subfolders_are_told_apart_by_their_paths() -> None:
    sources = [Path("a/1.png"), Path("a/x/1.png"), Path("a/y/1.png"), Path("a/z/1.png")]
    targets = [Path("b/1.jpg"), Path("b/x/1.jpg"), Path("b/y/1.jpg"), Path("b/w/1.jpg")]
    pairs, alone = match_pairs(sources, targets, roots=ROOTS)
    assert pairs == dict(zip(sources[:3], targets[:3], strict=True))
    told = (str(Path(name)) for name in ("z/1.png", "w/1.jpg"))
    assert alone == [f"{name}: has no partner of the same name; left out." for name in told]


def test_a_name_that_there_is_once_is_enough_whatever_the_subfolder() -> None:
    source, target = Path("a/x/1.png"), Path("b/y/1_out.png")
    pairs, alone = match_pairs([source], [target], roots=ROOTS, suffix="_out")
    assert pairs == {source: target}
    assert not alone


def test_one_result_for_two_files_of_its_name_is_refused() -> None:
    with pytest.raises(DataError, match="Rename one"):
        match_pairs([Path("a/x/1.png"), Path("a/y/1.png")], [Path("b/1.png")], roots=ROOTS)


def test_two_files_of_one_name_on_a_side_are_refused() -> None:
    with pytest.raises(DataError, match="Rename one"):
        match_pairs([Path("a/1.png"), Path("a/1.jpg")], [Path("b/1.png")], roots=ROOTS)


def test_a_pair_comes_at_one_size_if_it_has_one_shape(tmp_path: Path) -> None:
    for name, size in (("source", (200, 150)), ("target", (400, 300)), ("tall", (150, 200))):
        picture(*size).save(tmp_path / f"{name}.png")
    source, target = read_pair(tmp_path / "source.png", tmp_path / "target.png", 100)
    assert source.size == target.size == (133, 100)
    with pytest.raises(ImageError, match=r"source.png: 133x100, but its partner .*tall.png"):
        read_pair(tmp_path / "source.png", tmp_path / "tall.png", 100)


def test_a_pair_is_a_picture_of_six_channels_at_every_scale(
    tmp_path: Path, make_folder: Callable[..., Path]
) -> None:
    source = make_folder("source", 1, (120, 110)) / "00.png"
    with Image.open(source) as image:
        image.convert("L").save(tmp_path / "target.png")
    load = pair_loader({source: tmp_path / "target.png"}, short_side=110, crop=64)
    levels = load(source)
    assert [level.shape for level in levels] == [(110, 120, 6), (88, 96, 6), (69, 76, 6)]
    for level in levels:
        assert torch.equal(level[..., 3], level[..., 5])  # the target is gray
        assert not torch.equal(level[..., 0], level[..., 2])
