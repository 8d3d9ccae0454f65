"""Decoded images through the generator, frames of equal size together, of whatever file.

On a CPU several batches are painted at a time, each by few threads: one thread that paints a small
image does not wait for others after each layer, and much of the work, resizing say, has but one.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import torch

from ganstyle.images.picture import PictureDetails
from ganstyle.painting.content import Content
from ganstyle.painting.finish import Painting
from ganstyle.painting.painter import Painter
from ganstyle.painting.tiled_generator import BATCH_PIXELS
from ganstyle.prefetch import prefetch
from ganstyle.stylize.jobs import Job, Outcome


@dataclass(frozen=True, eq=False)
class DecodedImage:
    """A content image before it is painted.

    signature: the file's, from before it was read. details: all that is not painted. contents: each
    frame as the painter needs it.
    """

    job: Job
    signature: list[int] | None
    details: PictureDetails
    contents: tuple[Content, ...]
    seconds: float


@dataclass(frozen=True)
class PaintedImage:
    """A content image with the painting of each frame, before it is encoded."""

    job: Job
    signature: list[int] | None
    details: PictureDetails
    contents: tuple[Content, ...]
    paintings: tuple[Painting, ...]
    seconds: float


@dataclass(frozen=True)
class PaintedFrame:
    """The painting of a frame, and what it took, s."""

    painting: Painting
    seconds: float


@dataclass(frozen=True)
class _Batch:
    """Alike frames, each an image and an index, and the threads that paint them."""

    frames: Sequence[tuple[DecodedImage, int]]
    threads: int


def paint_windows(
    painter: Painter,
    windows: Iterable[Sequence[DecodedImage | Outcome]],
    cores: AbstractContextManager[object],
) -> Iterator[PaintedImage | Outcome]:
    """Paint images; yields each as soon as all its frames are painted, or its outcome if one fails.

    The batches of a window share the threads that torch has: many small images are painted side by
    side, a large one, which is a window by itself, by all threads. A batch that fails, for want of
    memory or by a single frame, is painted frame by frame. Outcomes pass through. cores: entered
    while a CPU paints a batch.
    """
    device, threads = painter.runtime.device.type, torch.get_num_threads()

    def batches() -> Iterator[_Batch | Outcome]:
        for window in windows:
            yield from (item for item in window if isinstance(item, Outcome))
            images = [item for item in window if isinstance(item, DecodedImage)]
            groups = list(_groups(images, BATCH_PIXELS[device]))
            for group in groups:
                yield _Batch(group, max(1, threads // len(groups)) if device == "cpu" else threads)

    def paint(batch: _Batch | Outcome) -> tuple[_Batch, Sequence[PaintedFrame | str]] | Outcome:
        if isinstance(batch, Outcome):
            return batch
        torch.set_num_threads(batch.threads)  # of this thread
        contents = [image.contents[index] for image, index in batch.frames]
        with cores if device == "cpu" else nullcontext():
            return batch, paint_batch(painter, contents, batch.threads / threads)

    def cost(batch: _Batch | Outcome) -> int:
        if isinstance(batch, Outcome):
            return 0
        # One more waits for the first thread that is done; but not beside one that takes all.
        return batch.threads + (batch.threads == threads)

    # A thread that asks for its number first has it by itself; else its first layer would take over
    # what another thread has set last.
    with ThreadPoolExecutor(threads, initializer=torch.get_num_threads) as pool:
        yield from _assembled(prefetch(pool, paint, batches(), ahead=threads, cost=cost))


def _assembled(
    painted: Iterable[tuple[_Batch, Sequence[PaintedFrame | str]] | Outcome],
) -> Iterator[PaintedImage | Outcome]:
    """Images out of their frames; with the reason of a frame that failed."""
    results: dict[DecodedImage, dict[int, PaintedFrame]] = {}
    failed: set[Job] = set()
    for item in painted:
        if isinstance(item, Outcome):
            yield item
            continue
        batch, frames = item
        for (image, index), frame in zip(batch.frames, frames, strict=True):
            if image.job in failed:
                continue  # another of its frames has failed
            results.setdefault(image, {})
            if isinstance(frame, str):
                del results[image]
                failed.add(image.job)
                size = "{}x{}".format(*image.contents[index].canvas_size)
                reason = f"{image.job.source}: {size} px failed ({frame})."
                yield Outcome(image.job, "failed", reason)
                continue
            results[image][index] = frame
            if len(results[image]) == len(image.contents):
                yield _painted(image, results.pop(image))


def _groups(
    images: Iterable[DecodedImage], pixels: int
) -> Iterator[list[tuple[DecodedImage, int]]]:
    """Group alike frames, each an image and an index: at most `pixels` in a group of several."""
    alike: dict[object, list[tuple[DecodedImage, int]]] = {}
    for image in images:
        for index, content in enumerate(image.contents):
            alike.setdefault(content.alike, []).append((image, index))
    for group in alike.values():
        first, index = group[0]
        width, height = first.contents[index].canvas_size
        count = max(1, pixels // (width * height))
        for start in range(0, len(group), count):
            yield group[start : start + count]


def paint_batch(
    painter: Painter, contents: Sequence[Content], memory: float = 1.0
) -> Sequence[PaintedFrame | str]:
    """Alike frames, painted; in the place of one that fails alone the reason.

    memory: see Painter.paint_contents().
    """
    started = time.monotonic()
    try:
        paintings = painter.paint_contents(contents, memory)
    except Exception as error:  # one image must not end the run
        reason = (str(error).splitlines() or [type(error).__name__])[0]
    else:
        seconds = (time.monotonic() - started) / len(contents)
        return [PaintedFrame(painting, seconds) for painting in paintings]
    # Not within the except block: its error would hold on to the memory of the batch.
    if len(contents) == 1:
        return [reason]
    return [paint_batch(painter, [frame], memory)[0] for frame in contents]


def _painted(image: DecodedImage, frames: dict[int, PaintedFrame]) -> PaintedImage:
    paintings = tuple(frames[index].painting for index in range(len(frames)))
    seconds = image.seconds + sum(frame.seconds for frame in frames.values())
    return PaintedImage(
        image.job, image.signature, image.details, image.contents, paintings, seconds
    )
