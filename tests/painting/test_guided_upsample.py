import numpy as np
from PIL import Image

from ganstyle.painting.guided_upsample import guided_upsample


def _edge(width: int, height: int, at: float) -> Image.Image:
    """Dark on the left, light on the right, and a soft slope between of one pixel."""
    row = np.clip((np.arange(width) - at) * 255 + 30, 30, 220).astype(np.uint8)
    return Image.fromarray(np.repeat(np.tile(row, (height, 1))[..., None], 3, axis=2))


def test_edges_are_as_sharp_as_the_photos() -> None:
    photo = _edge(600, 520, 301)  # more rows than are worked on at once
    small = photo.resize((75, 65), Image.Resampling.BOX)
    guided = np.asarray(guided_upsample(small, photo), dtype=int)[..., 0]
    plain = np.asarray(small.resize(photo.size, Image.Resampling.BICUBIC), dtype=int)[..., 0]
    truth = np.asarray(photo, dtype=int)[..., 0]
    assert np.abs(guided - truth).mean() < np.abs(plain - truth).mean() / 3


def test_lines_that_only_the_result_has_stay() -> None:
    photo = Image.new("RGB", (160, 160), "gray")
    small = Image.new("RGB", (40, 40), "white")
    small.paste("black", (20, 0, 21, 40))
    enlarged = guided_upsample(small, photo)
    bicubic = small.resize(photo.size, Image.Resampling.BICUBIC)
    assert np.abs(np.asarray(enlarged, int) - np.asarray(bicubic, int)).max() <= 1


def test_strips_leave_no_seams() -> None:
    ramp = np.linspace(0, 255, 700, dtype=np.uint8)[:, None, None]
    photo = Image.fromarray(np.ascontiguousarray(np.broadcast_to(ramp, (700, 16, 3))))
    enlarged = guided_upsample(photo.resize((4, 175), Image.Resampling.BOX), photo)
    rows = np.asarray(enlarged, dtype=int)[:, 8, 0]
    assert np.abs(np.diff(rows)).max() <= 2
