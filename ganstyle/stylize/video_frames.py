"""Frames of a video, painted in order: several at a time, and no more of them in memory."""

from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from math import ceil

import torch
from PIL import Image

from ganstyle.errors import ImageError
from ganstyle.images.resize import Size
from ganstyle.painting.finish import finished
from ganstyle.painting.painter import Painter
from ganstyle.painting.tiled_generator import BATCH_PIXELS
from ganstyle.prefetch import prefetch
from ganstyle.runtime import kept_threads
from ganstyle.stylize.batches import paint_batch
from ganstyle.stylize.pipeline import WINDOW, WINDOW_PIXELS
from ganstyle.stylize.steady import Change, Steadiness, carried, painted_over, small_size
from ganstyle.stylize.video_parts import PART_FRAMES
from ganstyle.videos.read import TimedFrame, VideoFile


@dataclass(frozen=True)
class _Task:
    """A frame, and what becomes of the last painting in it; None: nothing of that stays."""

    timed: TimedFrame
    change: Change | None

    @property
    def needs_paint(self) -> bool:
        """Whether any of it is painted."""
        return self.change is None or self.change.needs_paint


@dataclass(frozen=True)
class _Sharing:
    """How the work is shared: frames of a batch, batches at a time, torch's threads for each."""

    frames: int
    workers: int
    threads: int


def painted_frames(
    painter: Painter,
    video: VideoFile,
    size: Size,
    steady: float,
    *,
    begun: int = 0,
    last: Image.Image | None = None,
) -> Generator[tuple[int, Image.Image], None, None]:
    """Yield the time, in units of the video's time base, and the painting of each frame.

    size: of the paintings, px. steady: how firmly still parts stay, 0 to 1. begun: frames that are
    left out, of which last is the last painting. The first frame decides for all whether they are
    photos or drafts, or the video would flicker. Raises ImageError.
    """
    first = video.image(video.first, size)
    kind = "draft" if painter.takes_for_draft(first) else "photo"
    painter = painter.with_dials(replace(painter.dials, treat_as=kind))
    sharing = _share_work(painter, size, painter.prepare(first).canvas_size)

    def paint(tasks: Sequence[_Task]) -> list[tuple[_Task, Image.Image | None]]:
        torch.set_num_threads(sharing.threads)  # of this thread
        images = iter(_painted(painter, video, size, [t for t in tasks if t.needs_paint]))
        return [(task, next(images) if task.needs_paint else None) for task in tasks]

    batches = _batches(video, size, steady, begun, sharing.frames)
    # See batches.paint_windows() for the initializer.
    pooled = ThreadPoolExecutor(sharing.workers, initializer=torch.get_num_threads)
    with kept_threads(), pooled as pool:
        for done in prefetch(pool, paint, batches, ahead=sharing.workers):
            for task, image in done:
                last = _laid(last, image, task)
                yield task.timed.pts, last


def _laid(last: Image.Image | None, new: Image.Image | None, task: _Task) -> Image.Image:
    """A frame's painting: the last one, moved along, and what is new over it."""
    if task.change is None or last is None:
        assert new
        return new
    moved = carried(last, task.change)
    return painted_over(moved, new, task.change.mask) if new else moved


def _share_work(painter: Painter, size: Size, canvas: Size) -> _Sharing:
    """A CPU paints several batches at a time, a thread or more each; a GPU one after the other."""
    device, threads = painter.runtime.device.type, torch.get_num_threads()
    at_once = min(WINDOW, max(1, WINDOW_PIXELS // (size[0] * size[1])))
    fitting = max(1, BATCH_PIXELS[device] // (canvas[0] * canvas[1]))
    if device != "cpu":
        return _Sharing(min(at_once, fitting), 2, threads)  # one prepares while the other paints
    frames = min(fitting, ceil(at_once / threads))
    workers = min(threads, ceil(at_once / frames))
    return _Sharing(frames, workers, threads // workers)


def _batches(
    video: VideoFile, size: Size, steady: float, begun: int, frames: int
) -> Iterator[list[_Task]]:
    """Tasks in order, with so many frames to paint in each batch at most.

    A batch ends where a part does: numbers may be rounded otherwise in another batch, and a video
    that is resumed shall come out the same.
    """
    steadiness, small = Steadiness(steady), small_size(size)
    batch: list[_Task] = []
    for timed in video.frames():
        # Of frames that are painted already, too: what is compared next depends on them.
        change = steadiness.change(video.image(timed.frame, small)) if steady else None
        if timed.index < begun:
            continue
        batch.append(_Task(timed, change))
        ends_part = (timed.index + 1) % PART_FRAMES == 0
        if ends_part or sum(task.needs_paint for task in batch) == frames:
            yield batch
            batch = []
    if batch:
        yield batch


def _painted(
    painter: Painter, video: VideoFile, size: Size, tasks: Sequence[_Task]
) -> Iterator[Image.Image]:
    """Stylized images of tasks."""
    if not tasks:
        return
    draft, reduced = painter.dials.treat_as == "draft", painter.enough(size)
    contents = [
        painter.prepare(video.image(task.timed.frame, reduced), size, draft=draft) for task in tasks
    ]
    for task, content, frame in zip(tasks, contents, paint_batch(painter, contents), strict=True):
        if isinstance(frame, str):
            raise ImageError(f"{video.path}: frame {task.timed.index + 1} failed ({frame}).")
        yield finished(content, frame.painting, painter.dials)
