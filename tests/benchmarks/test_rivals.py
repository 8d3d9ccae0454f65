"""The rivals are trained and redraw what they are given."""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ganstyle.images.tensors import read_image

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))  # scripts, not a package

from rivals import METHODS, main


@pytest.mark.parametrize("method", METHODS)
def test_a_rival_is_trained_and_redraws_the_photos(
    method: str,
    tmp_path: Path,
    make_folder: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    photos, prints = make_folder("photos", 6), make_folder("prints", 6)
    redrawn = make_folder("redrawn", 2)
    main(method, photos, prints, redrawn, tmp_path / "out", 1e-6, crop=64)
    assert f"{method}: 1 steps" in capsys.readouterr().err
    results = sorted((tmp_path / "out").iterdir())
    assert [path.name for path in results] == [f"0{number}.png" for number in range(2)]
    first = read_image(results[0])
    assert first.size == read_image(redrawn / "00.png").size
    assert np.asarray(first).std() > 1
