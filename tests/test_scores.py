import pytest
import torch

from ganstyle.config import EvaluateConfig
from ganstyle.errors import ConfigError, DataError
from ganstyle.features.efficientnet import load_efficientnet
from ganstyle.metrics.scores import Scores, grid_crops, score
from tests.conftest import picture

SMALL = EvaluateConfig(size=64, crop=32, grid=2)


def test_progress_is_0_at_the_photos_and_1_at_the_floor() -> None:
    for kid, progress in ((100.0, 0.0), (20.0, 1.0), (60.0, 0.5)):
        scores = Scores(kid=kid, kid_photos=100, kid_floor=20, content=1, pictures=1)
        assert scores.style_progress == pytest.approx(progress)
        assert scores.as_dict()["style_progress"] == scores.style_progress


def test_untouched_photos_score_as_photos_and_style_pictures_near_the_floor() -> None:
    eyes = load_efficientnet()
    photos = [picture(96, 64, seed=s) for s in range(4)]
    styles = [picture(96, 64, seed=s).convert("L").convert("RGB") for s in range(8)]
    untouched = score(eyes, ((p, p) for p in photos), styles, SMALL)
    assert untouched.kid == untouched.kid_photos
    assert untouched.content == pytest.approx(1)
    assert untouched.pictures == 4
    perfect = score(eyes, zip(photos, styles[:4], strict=True), styles, SMALL)
    assert perfect.style_progress > 0.7 > untouched.style_progress
    assert perfect.content < 1


def test_crops_cover_the_corners_at_equal_scale() -> None:
    image = picture(200, 100)
    crops = grid_crops(image, SMALL)
    assert crops.shape == (4, 3, 32, 32)
    half = grid_crops(image.resize((100, 50)), SMALL)
    assert torch.allclose(crops, half, atol=0.1)


def test_too_little_to_score_is_an_error() -> None:
    with pytest.raises(DataError, match="0 photos and 1 style pictures"):
        score(load_efficientnet(), [], [picture(64, 64)], SMALL)
    with pytest.raises(ConfigError, match="size is 16"):
        EvaluateConfig(size=16)
