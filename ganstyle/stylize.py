"""Redrawing pictures in a style: one from Python, or a folder with all work overlapped."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import torch
from PIL import Image

from ganstyle.data.imageio import read_image, to_batch, to_images, write_image
from ganstyle.errors import DataError, ImageError
from ganstyle.files import find_images
from ganstyle.models.generator import Generator
from ganstyle.runtime import Runtime

WINDOW = 8
"""Pictures decoded ahead of the network, among which those of equal size are batched."""

BATCH_PIXELS = {"cpu": 2**19, "cuda": 2**23}
"""Pixels of a batch by device. A CPU gains nothing from a batch that falls out of its cache."""


@dataclass(frozen=True)
class Job:
    """A picture to redraw."""

    source: Path
    target: Path


@dataclass(frozen=True)
class Outcome:
    """What became of a job: written when error is empty, else why it was not."""

    job: Job
    error: str = ""


def stylize_image(image: Image.Image, generator: Generator) -> Image.Image:
    """Redraw one picture of any size from 1x1 up; returns an RGB picture of the same size.

    generator: from load_generator, on any device and in any precision.
    """
    return _redraw([image.convert("RGB")], generator)[0]


def plan_jobs(source: Path, target: Path) -> list[Job]:
    """Pair every input with its output.

    A folder's tree is mirrored below target, names and formats kept. One picture goes to target,
    or into it when it is a folder. Raises DataError when there is nothing to do, when an output
    would fall on its input, or when a folder should go to a file.
    """
    if source.is_dir():
        if target.is_file():
            raise DataError(f"{target}: a file; the output of a folder must be a folder.")
        inputs = find_images(source, leave_out=target if target != source else None)
        jobs = [Job(path, target / path.relative_to(source)) for path in inputs]
    elif source.is_file():
        jobs = [Job(source, target / source.name if target.is_dir() else target)]
    else:
        raise DataError(f"{source}: no such file or folder.")
    for job in jobs:
        if job.target.exists() and job.target.samefile(job.source):
            raise DataError(f"{job.source}: would be overwritten; name another output.")
    return jobs


def stylize_files(jobs: Sequence[Job], generator: Generator, runtime: Runtime) -> Iterator[Outcome]:
    """Read, redraw and write pictures, overlapped, in bounded memory; yields as each is done.

    Outcomes come in another order than the jobs. A picture that fails does not stop the rest.
    """
    generator = generator.to(runtime.device, runtime.dtype)
    with ThreadPoolExecutor(2) as readers, ThreadPoolExecutor(2) as writers:
        writing: deque[Future[Outcome]] = deque()
        try:
            reads = _read_ahead(jobs, readers)
            while window := list(islice(reads, WINDOW)):
                yield from (read for read in window if isinstance(read, Outcome))
                loaded = [read for read in window if not isinstance(read, Outcome)]
                for batch in _batches(loaded, BATCH_PIXELS[runtime.device.type]):
                    yield from _run(batch, generator, writers, writing)
                    while len(writing) > WINDOW:
                        yield writing.popleft().result()
            while writing:
                yield writing.popleft().result()
        finally:
            readers.shutdown(wait=False, cancel_futures=True)


_Loaded = tuple[Job, Image.Image]


def _read_ahead(jobs: Iterable[Job], readers: ThreadPoolExecutor) -> Iterator[_Loaded | Outcome]:
    """Decode up to 2 * WINDOW pictures ahead, in order."""
    remaining = iter(jobs)
    reading = deque(readers.submit(_read, job) for job in islice(remaining, 2 * WINDOW))
    while reading:
        yield reading.popleft().result()
        reading.extend(readers.submit(_read, job) for job in islice(remaining, 1))


def _read(job: Job) -> _Loaded | Outcome:
    try:
        return job, read_image(job.source)
    except ImageError as error:
        return Outcome(job, str(error))


def _batches(loaded: Sequence[_Loaded], pixels: int) -> Iterator[list[_Loaded]]:
    """Group pictures of equal size, at most `pixels` in a group of several."""
    by_size: dict[tuple[int, int], list[_Loaded]] = {}
    for job, image in loaded:
        by_size.setdefault(image.size, []).append((job, image))
    for (width, height), group in by_size.items():
        count = max(1, pixels // (width * height))
        for start in range(0, len(group), count):
            yield group[start : start + count]


def _run(
    batch: Sequence[_Loaded],
    generator: Generator,
    writers: ThreadPoolExecutor,
    writing: deque[Future[Outcome]],
) -> Iterator[Outcome]:
    """Redraw a batch and hand it to the writers; yields the pictures that failed."""
    try:
        results = _redraw([image for _, image in batch], generator)
    except RuntimeError as error:  # torch's only word for memory that is not there
        if len(batch) > 1:
            for one in batch:
                yield from _run([one], generator, writers, writing)
            return
        job, image = batch[0]
        reason = str(error).splitlines()[0]
        yield Outcome(job, f"{job.source}: {image.width}x{image.height} px failed ({reason}).")
        return
    for (job, _), result in zip(batch, results, strict=True):
        writing.append(writers.submit(_write, result, job))


@torch.inference_mode()
def _redraw(images: Sequence[Image.Image], generator: Generator) -> list[Image.Image]:
    device = next(generator.parameters()).device
    return to_images(generator(to_batch(images, device)))


def _write(image: Image.Image, job: Job) -> Outcome:
    try:
        write_image(image, job.target)
    except ImageError as error:
        return Outcome(job, str(error))
    return Outcome(job)
