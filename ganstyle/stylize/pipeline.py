"""Redrawing pictures in a style: one from Python, or many with all work overlapped."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from ganstyle import __version__
from ganstyle.config import Dials, OutputConfig
from ganstyle.errors import ImageError
from ganstyle.files import file_signature
from ganstyle.images.metadata import NO_METADATA, with_provenance
from ganstyle.images.read import Frame, Picture, peek_pixels, read_picture
from ganstyle.images.tensors import to_rgb
from ganstyle.images.write import write_picture
from ganstyle.models.generator import Generator
from ganstyle.painting.painter import BATCH_PIXELS, Painter
from ganstyle.runtime import runtime_of
from ganstyle.stylize.jobs import Job
from ganstyle.stylize.manifest import FOREIGN, Manifest, refuse_foreign

WINDOW = 8
"""Pictures decoded ahead of the network, among which those of equal size are batched."""

WINDOW_PIXELS = 2**25
"""Pixels decoded ahead; a picture that has more is decoded alone."""


@dataclass(frozen=True)
class Outcome:
    """What became of a job.

    status: done, skipped or failed. reason: why it was not done. seconds: spent on reading,
    redrawing and writing it. size: of the output, px. notes: what was lost on the way.
    """

    job: Job
    status: str
    reason: str = ""
    size: tuple[int, int] | None = None
    seconds: float = 0.0
    notes: tuple[str, ...] = ()


def stylize_image(
    image: Image.Image, generator: Generator, dials: Dials | None = None
) -> Image.Image:
    """Redraw one picture of any size from 1x1 up; returns a picture of the same size.

    generator: from load_generator, on any device and in any precision. dials: the style in full
    by default. The result is RGB, or RGBA when the picture has transparent parts.
    """
    rgb, alpha = to_rgb(image)
    result = Painter(generator, runtime_of(generator), dials or Dials())([rgb])[0]
    if alpha:
        result.putalpha(alpha)
    return result


@dataclass
class _Loaded:
    """A picture on its way: read, with what the network gets and gives."""

    job: Job
    stamp: list[int] | None
    picture: Picture
    inputs: list[Image.Image]
    seconds: float
    results: dict[int, Image.Image] = field(default_factory=dict)
    failed: bool = False

    @property
    def pixels(self) -> int:
        return sum(frame.image.width * frame.image.height for frame in self.picture.frames)


class Pipeline:
    """Reads, redraws and writes pictures, overlapped, in bounded memory.

    style: its name, for the metadata. manifest: where what is done is looked up and noted;
    overwrite: do it all the same.
    """

    def __init__(
        self,
        painter: Painter,
        output: OutputConfig,
        style: str,
        manifest: Manifest | None = None,
        *,
        overwrite: bool = False,
    ) -> None:
        self.painter = painter
        self.output = output
        self.software = f"ganstyle {__version__}, style {style}"
        self.manifest = manifest
        self.overwrite = overwrite

    def run(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """Do the jobs; yields as each is done, in another order than that of the jobs.

        A picture that fails does not stop the rest.
        """
        with ThreadPoolExecutor(2) as readers, ThreadPoolExecutor(2) as writers:
            writing: deque[tuple[_Loaded, Future[Outcome]]] = deque()
            waiting: deque[list[Future[_Loaded | Outcome]]] = deque()
            try:
                for window in self._windows(jobs):
                    waiting.append([readers.submit(self._read, job) for job in window])
                    if len(waiting) > 1:
                        yield from self._paint(waiting.popleft(), writers, writing)
                while waiting:
                    yield from self._paint(waiting.popleft(), writers, writing)
                while writing:
                    yield writing.popleft()[1].result()
            finally:
                readers.shutdown(wait=False, cancel_futures=True)

    def run_one(self, data: bytes | Path, target: BinaryIO | Path, kind: str) -> tuple[str, ...]:
        """Redraw one picture from bytes or a file into a stream; returns notes for the user."""
        picture = read_picture(data, longer_side=self.output.max_size)
        results = [self.painter([frame.image])[0] for frame in picture.frames]
        self._save(picture, results, target, kind)
        return picture.notes

    def _windows(self, jobs: Iterable[Job]) -> Iterator[list[Job]]:
        """Jobs to be decoded together, WINDOW pictures and WINDOW_PIXELS at most."""
        window: list[Job] = []
        total = 0
        for job in jobs:
            pixels = round(peek_pixels(job.source) * max(1.0, self.painter.dials.scale**2))
            if window and (len(window) == WINDOW or total + pixels > WINDOW_PIXELS):
                yield window
                window, total = [], 0
            window.append(job)
            total += pixels
        if window:
            yield window

    def _read(self, job: Job) -> "_Loaded | Outcome":
        started = time.monotonic()
        if not job.kind:
            reason = f"{job.source}: {job.target.suffix or 'no ending'} is no format to write"
            return Outcome(job, "failed", f"{reason}; ask for one with --format.")
        if self.manifest and not self.overwrite:
            if self.manifest.is_done(job):
                return Outcome(job, "skipped", "done before")
            if self.manifest.is_foreign(job):
                return Outcome(job, "failed", f"{job.target}: {FOREIGN}.")
        try:
            if not self.manifest and job.source != job.target:
                refuse_foreign(job.target, overwrite=self.overwrite)
            before = file_signature(job.source)
            picture = read_picture(job.source, longer_side=self.output.max_size)
            inputs = [self.painter.downscale(frame.image) for frame in picture.frames]
            return _Loaded(job, before, picture, inputs, time.monotonic() - started)
        except Exception as error:  # one file must not end the run
            return Outcome(job, "failed", _told(job, error))

    def _paint(
        self,
        window: Sequence["Future[_Loaded | Outcome]"],
        writers: ThreadPoolExecutor,
        writing: deque[tuple[_Loaded, Future[Outcome]]],
    ) -> Iterator[Outcome]:
        """Take a window through the network and hand it to the writers."""
        loaded: list[_Loaded] = []
        for future in window:
            read = future.result()
            if isinstance(read, Outcome):
                yield read
            else:
                loaded.append(read)
        device = self.painter.runtime.device.type
        for batch in _batches(loaded, BATCH_PIXELS[device]):
            yield from self._run_batch(batch)
            for one in {id(one): one for one, _ in batch}.values():
                if len(one.results) == len(one.inputs):
                    one.inputs.clear()
                    writing.append((one, writers.submit(self._write, one)))
            while len(writing) > WINDOW or sum(one.pixels for one, _ in writing) > WINDOW_PIXELS:
                yield writing.popleft()[1].result()

    def _run_batch(self, batch: Sequence[tuple[_Loaded, int]]) -> Iterator[Outcome]:
        started = time.monotonic()
        try:
            results = self.painter.run([one.inputs[index] for one, index in batch])
        except (RuntimeError, MemoryError) as error:
            if len(batch) > 1:
                for pair in batch:
                    yield from self._run_batch([pair])
                return
            one, index = batch[0]
            if one.failed:  # another frame has told
                return
            one.failed = True
            size = "{}x{}".format(*one.inputs[index].size)
            reason = (str(error).splitlines() or ["out of memory"])[0]
            yield Outcome(one.job, "failed", f"{one.job.source}: {size} px failed ({reason}).")
            return
        seconds = (time.monotonic() - started) / len(batch)
        for (one, index), result in zip(batch, results, strict=True):
            one.results[index] = result
            one.seconds += seconds

    def _write(self, one: _Loaded) -> Outcome:
        started = time.monotonic()
        try:
            results = [
                self.painter.restore(frame.image, one.results[index])
                for index, frame in enumerate(one.picture.frames)
            ]
            self._save(
                one.picture,
                results,
                one.job.target,
                one.job.kind,
                lambda temporary: self._record(one, temporary),
            )
        except Exception as error:  # one file must not end the run
            return Outcome(one.job, "failed", _told(one.job, error))
        seconds = one.seconds + time.monotonic() - started
        return Outcome(one.job, "done", "", one.picture.size, seconds, one.picture.notes)

    def _save(
        self,
        picture: Picture,
        results: Sequence[Image.Image],
        target: Path | BinaryIO,
        kind: str,
        on_whole: Callable[[Path], None] = lambda _: None,
    ) -> None:
        metadata = NO_METADATA if self.output.strip else picture.metadata
        if self.output.provenance:
            metadata = with_provenance(metadata, self.software)
        frames = tuple(
            Frame(result, frame.alpha, frame.duration)
            for frame, result in zip(picture.frames, results, strict=True)
        )
        redrawn = Picture(frames, metadata, picture.loop)
        write_picture(redrawn, target, kind, quality=self.output.quality, on_whole=on_whole)

    def _record(self, one: _Loaded, temporary: Path) -> None:
        if self.manifest:
            self.manifest.record(one.job, one.stamp, file_signature(temporary))


def _told(job: Job, error: Exception) -> str:
    """What went wrong with a picture, naming it."""
    if isinstance(error, ImageError):
        return str(error)
    reason = "does not fit into memory" if isinstance(error, MemoryError) else repr(error)
    return f"{job.source}: {reason}."


def _batches(loaded: Sequence[_Loaded], pixels: int) -> Iterator[list[tuple[_Loaded, int]]]:
    """Group frames of equal size, at most `pixels` in a group of several."""
    by_size: dict[tuple[int, int], list[tuple[_Loaded, int]]] = {}
    for one in loaded:
        for index, image in enumerate(one.inputs):
            by_size.setdefault(image.size, []).append((one, index))
    for (width, height), group in by_size.items():
        count = max(1, pixels // (width * height))
        for start in range(0, len(group), count):
            yield group[start : start + count]
