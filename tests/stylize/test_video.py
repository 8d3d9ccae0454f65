from io import BytesIO

import pytest

from ganstyle.errors import ImageError
from ganstyle.models.generator import Generator
from ganstyle.painting.painter import Painter
from ganstyle.painting.tiled_generator import BATCH_PIXELS
from ganstyle.runtime import pick_runtime
from ganstyle.stylize.video import stylize_frames
from tests.conftest import picture

SIZE = (32, 24)


@pytest.fixture
def painter(lively: Generator) -> Painter:
    return Painter(lively, runtime=pick_runtime("cpu", "float32"))


def test_frames_come_out_in_order(painter: Painter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BATCH_PIXELS, "cpu", 2 * SIZE[0] * SIZE[1])
    frames = [picture(*SIZE, seed=seed) for seed in range(5)]
    source, target = BytesIO(b"".join(f.tobytes() for f in frames)), BytesIO()
    assert list(stylize_frames(source, target, SIZE, painter)) == [2, 4, 5]
    expected = b"".join(painter.paint([frame])[0].tobytes() for frame in frames)
    assert target.getvalue() == expected


def test_an_end_within_a_frame_is_named_and_whole_frames_written(painter: Painter) -> None:
    frame = picture(*SIZE)
    source, target = BytesIO(frame.tobytes() * 2 + b"rest"), BytesIO()
    with pytest.raises(ImageError, match="ends within frame 3; frames of 32x24 have 2304 bytes"):
        list(stylize_frames(source, target, SIZE, painter))
    assert len(target.getvalue()) == 2 * len(frame.tobytes())


def test_no_frame_is_no_error(painter: Painter) -> None:
    assert list(stylize_frames(BytesIO(), BytesIO(), SIZE, painter)) == []
