from dataclasses import replace

import pytest
import torch

from ganstyle.config import EvaluateConfig
from ganstyle.errors import ConfigError, DataError
from ganstyle.features.efficientnet import load_efficientnet
from ganstyle.images.resize import enlarged
from ganstyle.metrics.crops import Example, Judge, Scores, grid_crops, style_progress
from tests.conftest import picture

SMALL = EvaluateConfig(size=64, crop=32, grid=2)


def test_progress_is_0_at_the_photos_and_1_at_the_floor() -> None:
    for kid, progress in ((100.0, 0.0), (20.0, 1.0), (60.0, 0.5)):
        scores = Scores(kid=kid, kid_photos=100, kid_floor=20, content=1, pictures=1)
        assert scores.style_progress == pytest.approx(progress)
        assert scores.as_dict()["style_progress"] == scores.style_progress
        assert scores.merit == pytest.approx(progress)


def test_merit_is_nothing_for_the_photo_and_for_what_lost_it() -> None:
    assert Scores(kid=100, kid_photos=100, kid_floor=20, content=1, pictures=1).merit == 0
    assert Scores(kid=20, kid_photos=100, kid_floor=20, content=-0.1, pictures=1).merit == 0
    assert Scores(kid=120, kid_photos=100, kid_floor=20, content=1, pictures=1).merit == 0


def test_untouched_photos_score_as_photos_and_style_pictures_near_the_floor() -> None:
    eyes = load_efficientnet()
    photos = [picture(96, 64, seed=s) for s in range(4)]
    styles = [picture(96, 64, seed=s).convert("L").convert("RGB") for s in range(8)]
    judge = Judge(eyes, styles, SMALL)
    untouched = judge.score(Example(p, p) for p in photos)
    assert untouched.kid == untouched.kid_photos
    assert untouched.content == pytest.approx(1)
    assert untouched.pictures == 4
    perfect = judge.score(map(Example, photos, styles[:4]))
    assert perfect.style_progress > 0.7 > untouched.style_progress
    assert perfect.content < 1


def test_crops_cover_the_corners_at_equal_scale() -> None:
    image = picture(200, 100)
    crops = grid_crops(image, SMALL)
    assert crops.shape == (4, 3, 32, 32)
    half = grid_crops(image.resize((100, 50)), SMALL)
    assert torch.allclose(crops, half, atol=0.1)


def test_style_pictures_are_compared_at_the_scale_of_training() -> None:
    """Results with strokes as broad as asked for are near to enlarged style pictures only."""
    styles = [picture(96, 64, seed=s) for s in range(8)]
    results = [enlarged(style, 2) for style in styles]
    zoomed = replace(SMALL, style_zoom=2)
    broad = [result.crop((0, 0, 96, 64)) for result in results]
    eyes = load_efficientnet()
    near = Judge(eyes, styles, zoomed).score(Example(p, p) for p in broad)
    far = Judge(eyes, styles, SMALL).score(Example(p, p) for p in broad)
    assert near.kid < far.kid
    assert grid_crops(styles[0], SMALL, 2).shape == (4, 3, 32, 32)
    with pytest.raises(ConfigError, match="style_zoom is 9"):
        EvaluateConfig(style_zoom=9)


def test_too_little_to_score_is_an_error() -> None:
    with pytest.raises(DataError, match="1 style pictures could be read"):
        Judge(load_efficientnet(), [picture(64, 64)], SMALL)
    with pytest.raises(DataError, match="No photo"):
        Judge(load_efficientnet(), [picture(64, 64)] * 2, SMALL).score([])
    with pytest.raises(ConfigError, match="size is 16"):
        EvaluateConfig(size=16)


def test_progress_is_0_at_the_photos_1_at_the_floor_and_0_without_a_way() -> None:
    assert style_progress(100, 100, 20) == 0
    assert style_progress(20, 100, 20) == 1
    assert style_progress(60, 100, 20) == 0.5
    assert style_progress(60, 20, 20) == 0
