"""The same strokes correlate whatever the size of the painting, and others do not."""

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from tests.conftest import picture

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))  # scripts, not a package

import same_painting
from same_painting import SEEN, compare_sizes, stroke_correlation, strokes


def _painted(photo: Image.Image, seed: int) -> Image.Image:
    """The photo with grains of some pixels laid on at random."""
    size = (photo.width // 3, photo.height // 3)
    grains = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    return Image.blend(photo, Image.fromarray(grains).resize(photo.size), 0.3)


@pytest.fixture(params=[(768, 512), (512, 768)], ids=["lying", "upright"])
def photo(request: pytest.FixtureRequest) -> Image.Image:
    return picture(*request.param)


def test_a_painting_correlates_with_itself(photo: Image.Image) -> None:
    painting = _painted(photo, 0)
    assert stroke_correlation(photo, painting, painting) == pytest.approx(1)
    larger = painting.resize((painting.width * 2, painting.height * 2), Image.Resampling.LANCZOS)
    assert stroke_correlation(photo, painting, larger) > 0.95


def test_strokes_laid_otherwise_do_not_correlate(photo: Image.Image) -> None:
    found = stroke_correlation(photo, _painted(photo, 0), _painted(photo, 1))
    assert found == pytest.approx(0, abs=0.02)


def test_strokes_the_other_way_round_are_opposite(photo: Image.Image) -> None:
    painting = _painted(photo, 0)
    doubled = 2 * np.asarray(photo, dtype=np.int16) - np.asarray(painting)
    opposite = Image.fromarray(np.clip(doubled, 0, 255).astype(np.uint8))
    assert stroke_correlation(photo, painting, opposite) < -0.9


def test_a_change_of_tone_is_no_stroke(photo: Image.Image) -> None:
    lighter = Image.blend(photo, Image.new("RGB", photo.size, "white"), 0.3)
    added = strokes(photo, lighter)
    assert added.shape == ((*SEEN, 3) if photo.height > photo.width else (*SEEN[::-1], 3))
    assert np.abs(added).mean() < 0.5
    assert np.abs(strokes(photo, _painted(photo, 0))).mean() > 10


def test_the_blur_is_that_of_a_gaussian() -> None:
    photo = Image.new("RGB", SEEN)
    dot = photo.copy()
    dot.putpixel((100, 100), (255, 255, 255))
    kept = 1 - strokes(photo, dot)[100, 100, 0] / 255
    assert kept == pytest.approx(1 / (2 * np.pi * same_painting.BROAD**2), rel=1e-3)


def test_the_command_line_paints_every_size(
    tmp_path: Path, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(same_painting, "MEGAPIXELS", (0.005, 0.01))
    picture(90, 60).filter(ImageFilter.FIND_EDGES).save(tmp_path / "photo.png")
    found = compare_sizes(tmp_path / "photo.png", str(checkpoint))
    assert len(found) == 1
    assert -1 <= found[0] <= 1
