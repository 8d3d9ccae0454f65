from pathlib import Path

import numpy as np
import pytest

from ganstyle.evaluate.data_warnings import FEW, data_warnings
from ganstyle.metrics.sample import ImageInfo


def infos(folder: str, count: int = FEW, ending: str = "jpg", side: int = 600) -> list[ImageInfo]:
    """Pictures that nobody has anything against, no two alike."""
    chance = np.random.default_rng(abs(sum(folder.encode())))
    return [
        ImageInfo(Path(folder, f"{i}.{ending}"), (side, side + i), chance.random(64) < 0.5)
        for i in range(count)
    ]


def found(
    photos: list[ImageInfo] | None = None,
    styles: list[ImageInfo] | None = None,
    results: list[ImageInfo] | None = None,
    samples: int = 900,
) -> list[str]:
    return data_warnings(
        photos or infos("photos"),
        styles or infos("prints"),
        {"theirs": results} if results else {},
        size=480,
        samples=samples,
        width=320,
    )


def test_good_sets_raise_no_warning() -> None:
    assert found(results=infos("theirs")) == []


@pytest.mark.parametrize(
    ("warnings", "words"),
    [
        (found(photos=infos("photos", 4)), "4 photos are too few for confidence"),
        (found(styles=infos("prints", 30)), "Only 30 style pictures"),
        (found(samples=320), "Fréchet distance has 320 samples"),
        (found(results=infos("theirs", side=300)), "50 of 50 results of theirs are smaller"),
        (found(results=infos("theirs", ending="png")), "style pictures are JPEG files and"),
        (found(infos("photos", 49) + infos("x", 1, side=1400)), "Sizes of photos are mixed"),
    ],
)
def test_one_reason_gives_one_warning(warnings: list[str], words: str) -> None:
    assert len(warnings) == 1, warnings
    assert words in warnings[0]


def test_jpeg_results_against_other_style_pictures_are_named_the_right_way_round() -> None:
    [warning] = found(styles=infos("prints", ending="png"), results=infos("theirs"))
    assert warning.startswith("The results of theirs are JPEG files and the style pictures")


def test_mixed_formats_on_both_sides_are_no_reason() -> None:
    mixed = infos("prints", 25) + infos("others", 25, ending="png")
    assert found(styles=mixed, results=infos("theirs")) == []


def test_duplicates_between_the_sets_and_within_the_style_are_named() -> None:
    photos, prints = infos("photos"), infos("prints")
    copy = ImageInfo(Path("photos/copy.jpg"), (600, 600), prints[7].bits)
    [warning] = found(photos=[*photos, copy])
    assert (
        "1 of 51 photos is also among the style pictures (photos/copy.jpg and prints/7.jpg)"
        in warning
    )
    twin = ImageInfo(Path("prints/twin.jpg"), (600, 600), prints[3].bits)
    [warning] = found(styles=[*prints, twin])
    assert "1 near-duplicate among the style pictures (prints/3.jpg and prints/twin.jpg)" in warning


def test_the_very_same_files_on_both_sides_are_named() -> None:
    prints = infos("prints")
    [warning] = found(results=prints[:50], styles=prints)
    assert "50 of 50 results of theirs are also among the style pictures" in warning


def test_results_of_another_shape_are_named() -> None:
    results = infos("theirs")
    results[3] = ImageInfo(results[3].path, (600, 900), results[3].bits, other_shape=True)
    [warning] = found(results=results)
    assert "The shape of 1 of 50 results of theirs is not that of the photo" in warning
