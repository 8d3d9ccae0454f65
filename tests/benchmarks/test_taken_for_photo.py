"""The classifier passes as many style pictures as it says, and its shares are right."""

import sys
from collections.abc import Callable
from pathlib import Path
from statistics import NormalDist

import pytest
import torch
import typer
from torch import Tensor

from ganstyle.errors import DataError
from tests.conftest import picture

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))  # scripts, not a package

import taken_for_photo
from taken_for_photo import (
    CROP,
    CROPS,
    FOLDS,
    PASSING,
    crops,
    main,
    remembered,
    spread,
    train,
    wilson,
)


def _features(count: int, seed: int, *, length: int = 8, at: float = 0) -> Tensor:
    """Gaussian features of pictures, those of photos further along the first axis."""
    features = torch.randn(count, length, generator=torch.Generator().manual_seed(seed))
    return features + at * torch.eye(length)[0]


def test_kinds_that_are_far_apart_are_told() -> None:
    classifiers = train(_features(100, 0), _features(60, 1, at=20), rounds=1)
    assert classifiers.share(_features(50, 2, at=20)) == 1
    assert classifiers.share(_features(50, 3, at=-20)) == 0


@pytest.mark.parametrize("at", [0.0, 1.0])
def test_as_many_unseen_style_pictures_pass_as_the_threshold_says(at: float) -> None:
    classifiers = train(_features(4000, 0), _features(1000, 1, at=at), rounds=1)
    assert classifiers.share(_features(4000, 2)) == pytest.approx(PASSING, abs=0.015)


def test_photos_pass_as_often_as_the_best_boundary_lets_them() -> None:
    classifiers = train(_features(4000, 0), _features(2000, 1, at=2), rounds=1)
    normal = NormalDist()
    best = 1 - normal.cdf(normal.inv_cdf(1 - PASSING) - 2)
    assert classifiers.share(_features(4000, 2, at=2)) == pytest.approx(best, abs=0.03)


def test_few_pictures_of_many_features_are_judged_by_classifiers_that_have_not_seen_them() -> None:
    """What a classifier knows by heart would all lie on its own side, the threshold with it."""
    style, photos = _features(200, 0, length=300), _features(100, 1, length=300)
    share = train(style, photos, rounds=1).share(_features(2000, 2, length=300))
    assert share == pytest.approx(PASSING, abs=0.05)


def test_scale_and_offset_of_features_do_not_matter() -> None:
    gain = torch.tensor([1e3, 1e-2, 1, 7, 1, 1, 1, 1])
    kinds = (_features(100, 0), _features(60, 1, at=2), _features(200, 2, at=1))
    plain, moved = (
        train(style, photos, rounds=1).share(judged)
        for style, photos, judged in (kinds, tuple(kind * gain + 5 for kind in kinds))
    )
    assert moved == pytest.approx(plain, abs=1e-3)


def test_too_few_pictures_are_refused() -> None:
    with pytest.raises(DataError, match=f"needs {FOLDS} pictures a kind; got 9 and 4"):
        train(_features(9, 0), _features(4, 1))


def test_intervals_have_published_values() -> None:
    """Newcombe 1998, table I, method 3."""
    assert wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(15 / 148, 148) == pytest.approx((0.0624, 0.1605), abs=1e-4)
    assert wilson(0, 20) == pytest.approx((0, 0.1611), abs=1e-4)
    assert wilson(1 / 29, 29) == pytest.approx((0.0061, 0.1718), abs=1e-4)


def test_photos_are_spread_over_the_folders() -> None:
    folders = [[Path(f"{name}{index}") for index in range(n)] for name, n in (("a", 100), ("b", 3))]
    chosen = spread(folders, 13)
    assert chosen[:3] == folders[1]
    assert chosen[3:] == folders[0][::10]
    assert sorted(spread(folders, 500)) == sorted([*folders[0], *folders[1]])


def test_crops_reach_from_corner_to_corner() -> None:
    image = picture(CROP + 100, CROP + 20)
    found = crops(image)
    assert len(found) == CROPS
    assert {crop.size for crop in found} == {(CROP, CROP)}
    assert found[0].getpixel((0, 0)) == image.getpixel((0, 0))
    assert found[-1].getpixel((CROP - 1, CROP - 1)) == image.getpixel((CROP + 99, CROP + 19))
    assert {crop.size for crop in crops(picture(300, 40))} == {(40, 40)}


def test_what_is_known_is_not_computed_again(
    tmp_path: Path, make_folder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = sorted(make_folder("photos", 3).iterdir())
    looked: list[object] = []

    def look(network: object, image: object) -> Tensor:
        looked.append(image)
        return torch.full((2, 5), float(len(looked)))

    monkeypatch.setattr(taken_for_photo, "look", look)
    network, cache = torch.nn.Identity(), tmp_path / "cache"
    first = remembered(network, paths[:2], cache)  # type: ignore[arg-type]
    again = remembered(network, paths[1:], cache)  # type: ignore[arg-type]
    assert len(looked) == 3
    assert torch.equal(again[0], first[1])
    remembered(network, paths, None)  # type: ignore[arg-type]
    assert len(looked) == 6


def test_photos_are_judged_untouched_and_in_each_style(
    checkpoint: Path,
    make_folder: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(taken_for_photo, "load_efficientnet", lambda _: None)
    monkeypatch.setattr(taken_for_photo, "tune_cpu", lambda: None)
    monkeypatch.setattr(
        taken_for_photo,
        "look",
        lambda _, image: torch.tensor(image.resize((1, 1)).getpixel((0, 0))).expand(2, 3),
    )
    monkeypatch.setattr(taken_for_photo, "shipped_styles", lambda: {str(checkpoint): checkpoint})
    photos, style, paint = (make_folder(name, FOLDS) for name in ("photos", "style", "paint"))
    main([photos], [style], paint=paint)
    rows = capsys.readouterr().out.splitlines()[4:6]
    assert [row.split(" | ")[0] for row in rows] == ["| untouched photos", f"| `{checkpoint}`"]
    with pytest.raises(typer.BadParameter, match="paint"):
        main([photos], [style])
