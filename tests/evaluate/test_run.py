import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from ganstyle.config import EvaluateConfig
from ganstyle.errors import ConfigError, DataError
from ganstyle.evaluate.candidates import (
    Candidate,
    CheckpointCandidate,
    FolderCandidate,
    checkpoint_candidate,
    folder_candidate,
)
from ganstyle.evaluate.run import Evaluation, evaluate
from ganstyle.features.extractor import FeatureExtractor
from ganstyle.features.torchscript import file_hash
from ganstyle.files import find_images
from ganstyle.models.generator import Generator
from ganstyle.models.pretrained import save_generator
from ganstyle.painting.painter import Painter
from ganstyle.runtime import pick_runtime
from tests.conftest import HEIC_HEAD, heic, info_for, picture
from tests.features.test_torchscript import Means, scripted

CPU = pick_runtime("cpu", "float32")
SMALL = EvaluateConfig(size=64, crop=32, grid=2)
MakeFolder = Callable[..., Path]


def ours(generator: Generator) -> CheckpointCandidate:
    return CheckpointCandidate("ours", Painter(generator, runtime=CPU))


def folder_of(folder: Path, photos: Path) -> FolderCandidate:
    return folder_candidate(folder, folder.name, photos, find_images(photos), lambda _: None)


def make_sets(folder: Path) -> tuple[Path, Path]:
    """Photos, and style pictures that are gray blobs."""
    for name, count, first in (("photos", 6, 0), ("prints", 8, 50)):
        (folder / name).mkdir()
        for index in range(count):
            image = picture(96, 80, seed=first + index)
            gray = image.convert("L").convert("RGB") if name == "prints" else image
            gray.save(folder / name / f"{index:02d}.png")
    return folder / "photos", folder / "prints"


def make_gray(photos: Path) -> Path:
    """Results of a perfect tool: the photos in gray."""
    gray = photos.parent / "gray"
    gray.mkdir()
    for path in find_images(photos):
        Image.open(path).convert("L").save(gray / f"{path.stem}.jpg")
    return gray


@pytest.fixture
def sets(tmp_path: Path) -> tuple[Path, Path]:
    return make_sets(tmp_path)


@pytest.fixture
def gray(sets: tuple[Path, Path]) -> Path:
    return make_gray(sets[0])


def test_the_photos_themselves_score_as_the_photos_and_the_style_as_the_floor(
    sets: tuple[Path, Path], gray: Path
) -> None:
    photos, prints = sets
    candidates = [folder_of(photos, photos), folder_of(gray, photos)]
    found = evaluate(photos, prints, candidates, FeatureExtractor(CPU.device), SMALL)
    best, untouched = found.candidates
    assert (best.name, untouched.name) == ("gray", "photos")
    assert untouched.metrics == found.photos
    assert untouched.style_progress == 0
    assert untouched.metrics.content.value == pytest.approx(1, abs=1e-5)
    assert best.style_progress > 0.7
    assert 0.3 < best.metrics.content.value < 1
    assert best.metrics.edges.value > 0.7
    assert found.floor
    assert found.floor.edges.value < 0.5
    [comparison] = found.comparisons
    assert (comparison.better, comparison.worse) == ("gray", "photos")
    assert comparison.difference.high < 0


def test_broken_files_are_named_and_the_rest_is_scored(
    sets: tuple[Path, Path], lively: Generator
) -> None:
    photos, prints = sets
    (photos / "broken.jpg").write_text("broken")
    (prints / "bad.png").write_text("broken")
    messages: list[str] = []
    pictures: list[None] = []
    found = evaluate(
        photos,
        prints,
        [ours(lively)],
        FeatureExtractor(CPU.device),
        SMALL,
        on_message=messages.append,
        on_picture=lambda: pictures.append(None),
    )
    assert [path.stem for path in found.candidates[0].photos] == [f"{i:02d}" for i in range(6)]
    assert len(pictures) == 14
    assert len(messages) == 2
    assert "bad.png" in messages[0]
    assert "broken.jpg" in messages[1]
    assert found.candidates[0].metrics.kid.value != found.photos.kid.value
    assert found.candidates[0].metrics.content.value < 1


def test_only_named_style_pictures_count(sets: tuple[Path, Path], lively: Generator) -> None:
    photos, prints = sets
    extractor = FeatureExtractor(CPU.device)
    some = evaluate(photos, prints, [ours(lively)], extractor, SMALL, only=("01", "03", "05", "06"))
    for name in ("00", "02", "04", "07"):
        (prints / f"{name}.png").unlink()
    rest = evaluate(photos, prints, [ours(lively)], extractor, SMALL)
    assert rest.candidates[0].flat() == pytest.approx(some.candidates[0].flat())
    for only in (("elsewhere",), ()):
        with pytest.raises(DataError, match="0 pictures held out from training"):
            evaluate(photos, prints, [ours(lively)], extractor, SMALL, only=only)


def test_a_style_that_was_trained_on_the_pictures_is_named(
    sets: tuple[Path, Path], lively: Generator, tmp_path: Path
) -> None:
    photos, prints = sets
    known = tuple(file_hash(path) for path in find_images(prints)[:5])
    checkpoint = tmp_path / "own.safetensors"
    save_generator(checkpoint, lively, info_for(lively, trained_on=known))
    extractor = FeatureExtractor(CPU.device)
    own, other = checkpoint_candidate("own", checkpoint, CPU), ours(lively)
    found = evaluate(photos, prints, [own, other], extractor, SMALL)
    [warning] = [line for line in found.warnings if "used to train" in line]
    assert warning.startswith("5 of the 8 style pictures were used to train own")
    found = evaluate(photos, prints, [own], extractor, SMALL, only=("05", "06", "07"))
    assert not any("used to train" in line for line in found.warnings)


def test_batches_change_nothing(
    sets: tuple[Path, Path], gray: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos, prints = sets

    def scores() -> dict[str, float]:
        found = evaluate(
            photos, prints, [folder_of(gray, photos)], FeatureExtractor(CPU.device), SMALL
        )
        return {name: v for name, v in found.candidates[0].flat().items() if v is not None}

    usual = scores()
    for crops in (1, 12):
        monkeypatch.setattr("ganstyle.evaluate.collect._BATCH_CROPS", crops)
        assert scores() == pytest.approx(usual, rel=1e-4, abs=1e-4)


def test_a_single_candidate_has_its_scores_at_the_top(
    sets: tuple[Path, Path], gray: Path, lively: Generator
) -> None:
    photos, prints = sets
    candidate = folder_of(gray, photos)

    def record(*candidates: Candidate) -> dict[str, object]:
        found = evaluate(photos, prints, candidates, FeatureExtractor(CPU.device), SMALL)
        text = json.dumps(found.as_dict(), allow_nan=False)
        loaded: dict[str, object] = json.loads(text)
        return loaded

    alone = record(candidate)
    expected = {"kid", "kid_photos", "kid_floor", "style_progress", "content", "pictures"}
    assert alone.keys() >= expected
    assert alone["pictures"] == 6
    assert isinstance(alone["candidates"], list)
    [entry] = alone["candidates"]
    assert entry["kid"] == alone["kid"]
    assert len(entry["by_picture"]) == 6
    both = record(candidate, ours(lively))
    assert "kid" not in both
    assert len(both["candidates"]) == 2  # type: ignore[arg-type]
    assert len(both["differences"]) == 1  # type: ignore[arg-type]


def test_heic_photos_and_style_pictures_are_scored(sets: tuple[Path, Path], gray: Path) -> None:
    photos, prints = sets
    for folder in sets:
        first = folder / "00.png"
        with Image.open(first) as image:
            (folder / "00.heic").write_bytes(heic(image))
        first.unlink()
    found = evaluate(photos, prints, [folder_of(gray, photos)], FeatureExtractor(CPU.device), SMALL)
    assert found.measured["photos"] == "6, by 4 views each"
    assert found.measured["style pictures"] == "8, by 4 views each"


@pytest.mark.usefixtures("no_pillow_heif")
def test_photos_that_no_package_reads_are_left_out_and_told_in_a_line(
    sets: tuple[Path, Path], gray: Path
) -> None:
    photos, prints = sets
    for name in ("00", "01"):
        (photos / f"{name}.png").rename(photos / f"{name}.heic").write_bytes(HEIC_HEAD)
    said: list[str] = []
    results = [folder_of(gray, photos)]
    extractor = FeatureExtractor(CPU.device)
    found = evaluate(photos, prints, results, extractor, SMALL, on_message=said.append)
    assert found.measured["photos"] == "4, by 4 views each"
    assert said == [
        f"{photos}: 2 pictures cannot be read for want of a package: pip install pillow-heif"
    ]


def test_three_style_pictures_have_no_halves(sets: tuple[Path, Path], gray: Path) -> None:
    photos, prints = sets
    for path in find_images(prints)[3:]:
        path.unlink()
    found = evaluate(photos, prints, [folder_of(gray, photos)], FeatureExtractor(CPU.device), SMALL)
    assert found.floor is None
    metrics = found.candidates[0].metrics
    assert math.isnan(metrics.kid.low)
    expected = 1 - metrics.kid.value / found.photos.kid.value
    assert found.candidates[0].style_progress == pytest.approx(expected)
    assert found.as_dict()["kid_floor"] == 0
    assert any("3 style pictures are too few" in warning for warning in found.warnings)


def test_an_extractor_of_the_users_replaces_the_network_for_the_style(
    sets: tuple[Path, Path], gray: Path, tmp_path: Path
) -> None:
    photos, prints = sets
    results = [folder_of(gray, photos)]

    def scores(features: Path | None) -> Evaluation:
        return evaluate(photos, prints, results, FeatureExtractor(CPU.device, features), SMALL)

    plain, other = scores(None), scores(scripted(tmp_path, Means()))
    assert list(other.photos.frechet) == ["Means"]
    assert other.measured["extractor"] == "Means.pt"
    assert other.measured["photos"] == "6, by 1 view each"
    first, second = plain.candidates[0].metrics, other.candidates[0].metrics
    assert first.content == second.content
    assert first.swd == second.swd
    assert first.kid.value != pytest.approx(second.kid.value)


def test_whole_pictures_cannot_be_enlarged(
    sets: tuple[Path, Path], gray: Path, tmp_path: Path
) -> None:
    extractor = FeatureExtractor(CPU.device, scripted(tmp_path, Means()))
    with pytest.raises(ConfigError, match="leave one out"):
        evaluate(*sets, [folder_of(gray, sets[0])], extractor, replace(SMALL, style_zoom=2))


@pytest.mark.parametrize(("photos", "prints", "named"), [(0, 4, "a"), (1, 4, "a"), (4, 1, "b")])
def test_too_little_to_score_is_named(
    make_folder: MakeFolder, lively: Generator, photos: int, prints: int, named: str
) -> None:
    folders = make_folder("a", photos), make_folder("b", prints)
    with pytest.raises(DataError, match=f"{named}: "):
        evaluate(*folders, [ours(lively)], FeatureExtractor(CPU.device), SMALL)
