"""Flicker is what changes in a painting beside what moves."""

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganstyle.metrics.flicker import flicker
from ganstyle.painting.painter import Painter
from ganstyle.videos.read import VideoFile
from tests.conftest import PAINTING, lively_generator, picture
from tests.videos.clips import clip

pytest.importorskip("cv2")
sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))  # scripts, not a package

from flicker import compare, panned, save_strips


@pytest.fixture(scope="module")
def painter() -> Painter:
    return Painter(lively_generator(PAINTING), device="cpu", precision="float32")


def test_a_still_clip_flickers_only_without_steadiness(tmp_path: Path, painter: Painter) -> None:
    rng = np.random.default_rng(0)
    scene = np.asarray(picture(80, 60), int)
    frames = [(scene + rng.normal(0, 2, scene.shape)).clip(0, 255) for _ in range(5)]
    path = clip(tmp_path / "a.mp4", [Image.fromarray(frame.astype(np.uint8)) for frame in frames])
    rows, results = compare(path, painter, 4, 80)
    assert [row[1] for row in rows] == [
        *("the clip's own", "`--steady 0`", "`--steady 0.5`", "`--steady 1`")
    ]
    without, with_it = float(rows[1][3]), float(rows[2][3])
    assert with_it < 0.2 < without
    save_strips([results], tmp_path / "strips.jpg")
    with Image.open(tmp_path / "strips.jpg") as strips:
        assert strips.width > strips.height


def test_a_panning_clip_flickers_half_as_much_at_most(tmp_path: Path, painter: Painter) -> None:
    picture(400, 300).save(tmp_path / "photo.png")
    path = tmp_path / "panned.mkv"
    motions = panned(tmp_path / "photo.png", path, 5, (128, 96))
    video = VideoFile(path)
    frames = [video.image(timed.frame, video.size) for timed in video.frames()]
    assert flicker(frames, [], motions)[0].overall < 1  # the motion is the clip's own
    rows, _ = compare(path, painter, 5, 128, motions)
    without, with_it = float(rows[1][2]), float(rows[2][2])
    assert with_it < without / 2
