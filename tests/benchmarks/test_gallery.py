"""A strip has a row of inputs and one of results; a grid has pictures of any shape."""

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganstyle.images.tensors import read_image
from tests.conftest import picture

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))  # scripts, not a package

from gallery import in_cells, main

GAP = 4


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """Two that lie and one that stands, 3 to 2."""
    paths = [tmp_path / f"{index}.png" for index in range(3)]
    for path, size in zip(paths, ((60, 40), (60, 40), (40, 60)), strict=True):
        picture(*size).save(path)
    return paths


def test_a_strip_has_inputs_above_results(
    tmp_path: Path, pictures: list[Path], checkpoint: Path
) -> None:
    out = tmp_path / "out.png"
    main(out, pictures[:2], [str(checkpoint)], height=40)
    strip = read_image(out)
    assert strip.size == (2 * 60 + GAP, 2 * 40 + GAP)
    assert strip.crop((0, 0, 60, 40)).tobytes() == read_image(pictures[0]).tobytes()
    main(out, pictures[:2], [str(checkpoint)], results_only=True, height=40)
    assert read_image(out).tobytes() == strip.crop((0, 40 + GAP, *strip.size)).tobytes()


def test_a_grid_has_equal_cells(tmp_path: Path, pictures: list[Path], checkpoint: Path) -> None:
    out = tmp_path / "out.png"
    main(out, pictures, [str(checkpoint)], results_only=True, columns=2, height=40)
    assert read_image(out).size == (2 * 60 + GAP, 2 * 40 + GAP)
    main(out, pictures, [str(checkpoint)], columns=3, height=40, detail=20)
    assert read_image(out).size == (3 * 40 + 2 * GAP, 2 * 40 + GAP)


def test_pictures_of_other_shapes_are_whole_in_their_cells() -> None:
    black = [Image.new("RGB", size) for size in ((60, 40), (60, 40), (40, 60))]
    cells = in_cells(black, 20)
    assert {cell.size for cell in cells} == {(30, 20)}
    assert np.asarray(cells[0]).max() == 0
    columns = np.asarray(cells[2]).max((0, 2))
    assert list(columns) == [255] * 8 + [0] * 13 + [255] * 9
