"""Decoded images through the generator, frames of equal size together, of whatever file."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from PIL import Image

from ganstyle.images.read import Picture
from ganstyle.painting.levels import ContentPyramid
from ganstyle.painting.painter import BATCH_PIXELS, Painter
from ganstyle.stylize.jobs import Job, Outcome


@dataclass(frozen=True, eq=False)
class DecodedImage:
    """A content image before it is painted.

    signature: the file's, from before it was read. inputs: each frame as the painter needs it.
    """

    job: Job
    signature: list[int] | None
    content: Picture
    inputs: tuple[ContentPyramid, ...]
    seconds: float


@dataclass(frozen=True)
class PaintedImage:
    """A content image with the canvas of each frame, before it is encoded."""

    job: Job
    signature: list[int] | None
    content: Picture
    outputs: tuple[Image.Image, ...]
    seconds: float


@dataclass(frozen=True)
class _PaintedFrame:
    image: Image.Image
    seconds: float


def paint_window(
    painter: Painter, images: Sequence[DecodedImage]
) -> Iterator[PaintedImage | Outcome]:
    """Paint images; yields each as soon as all its frames are painted, or its outcome if one fails.

    A batch that fails, for want of memory or by a single frame, is painted frame by frame.
    """
    results: dict[DecodedImage, dict[int, _PaintedFrame]] = {image: {} for image in images}
    for batch in _batches(images, BATCH_PIXELS[painter.runtime.device.type]):
        frames = _paint_batch(painter, [image.inputs[index] for image, index in batch])
        for (image, index), frame in zip(batch, frames, strict=True):
            if image not in results:
                continue  # another of its frames has failed
            if isinstance(frame, str):
                del results[image]
                size = "{}x{}".format(*image.inputs[index].size)
                reason = f"{image.job.source}: {size} px failed ({frame})."
                yield Outcome(image.job, "failed", reason)
                continue
            results[image][index] = frame
            if len(results[image]) == len(image.inputs):
                yield _painted(image, results.pop(image))


def _batches(
    images: Iterable[DecodedImage], pixels: int
) -> Iterator[list[tuple[DecodedImage, int]]]:
    """Group frames, each an image and an index, by size: at most `pixels` in a group of several."""
    by_size: dict[tuple[int, int], list[tuple[DecodedImage, int]]] = {}
    for image in images:
        for index, frame in enumerate(image.inputs):
            by_size.setdefault(frame.size, []).append((image, index))
    for (width, height), group in by_size.items():
        count = max(1, pixels // (width * height))
        for start in range(0, len(group), count):
            yield group[start : start + count]


def _paint_batch(
    painter: Painter, inputs: Sequence[ContentPyramid]
) -> Sequence[_PaintedFrame | str]:
    """Frames of equal size, painted; in the place of one that fails alone the reason."""
    started = time.monotonic()
    try:
        outputs = painter.paint_levels(inputs)
    except (RuntimeError, MemoryError) as error:
        reason = (str(error).splitlines() or ["out of memory"])[0]
    else:
        seconds = (time.monotonic() - started) / len(inputs)
        return [_PaintedFrame(output, seconds) for output in outputs]
    # Not within the except block: its error would hold on to the memory of the batch.
    if len(inputs) == 1:
        return [reason]
    return [_paint_batch(painter, [frame])[0] for frame in inputs]


def _painted(image: DecodedImage, frames: dict[int, _PaintedFrame]) -> PaintedImage:
    outputs = tuple(frames[index].image for index in range(len(frames)))
    seconds = image.seconds + sum(frame.seconds for frame in frames.values())
    return PaintedImage(image.job, image.signature, image.content, outputs, seconds)
