from pathlib import Path

import pytest

from ganstyle.errors import DataError, ImageError
from ganstyle.evaluate.sequence import evaluate_sequence
from tests.videos.clips import clip, moving

pytest.importorskip("cv2")

FRAMES = moving(12, (48, 32))


def _folder(path: Path, count: int) -> Path:
    path.mkdir()
    for index, frame in enumerate(FRAMES[:count]):
        frame.save(path / f"frame {index}.png")  # 10 comes after 9
    return path


def test_videos_and_folders_of_frames_are_compared(tmp_path: Path) -> None:
    video, folder = clip(tmp_path / "a.mkv", FRAMES, codec="ffv1"), _folder(tmp_path / "b", 12)
    seen: list[None] = []
    found = evaluate_sequence(video, [folder], lambda: seen.append(None))
    assert list(found) == [str(video), str(folder)]
    own, same = found.values()
    assert same.overall == pytest.approx(own.overall, abs=1)
    assert own.overall < 3
    assert len(seen) == 12


def test_what_cannot_be_compared_is_named(tmp_path: Path) -> None:
    video = clip(tmp_path / "a.mp4", FRAMES)
    with pytest.raises(DataError, match=r"b: 5 frames, but .*a.mp4 has 12"):
        evaluate_sequence(video, [_folder(tmp_path / "b", 5)])
    with pytest.raises(DataError, match=r"c: 1 frame; flicker takes two"):
        evaluate_sequence(_folder(tmp_path / "c", 1), [video])
    with pytest.raises(ImageError, match=r"0.png: cannot be read as a video"):
        evaluate_sequence(video, [tmp_path / "b" / "frame 0.png"])
    with pytest.raises(DataError, match=r"missing: no such"):
        evaluate_sequence(video, [tmp_path / "missing"])
