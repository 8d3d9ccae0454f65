"""Stylizing many images: decode, paint, encode, each while the others are at work."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Semaphore
from typing import BinaryIO

import torch
from PIL import Image

from ganstyle.config import OutputConfig
from ganstyle.errors import MissingReaderError
from ganstyle.files import file_signature
from ganstyle.images.metadata import NO_METADATA, with_provenance
from ganstyle.images.picture import PictureDetails
from ganstyle.images.read import peek_pixels, read_picture
from ganstyle.images.write import write_picture
from ganstyle.painting.content import Content
from ganstyle.painting.finish import Painting, finished
from ganstyle.painting.painter import Painter
from ganstyle.prefetch import prefetch
from ganstyle.runtime import kept_threads
from ganstyle.stylize.batches import DecodedImage, PaintedImage, paint_windows
from ganstyle.stylize.jobs import Job, Outcome, failure_message
from ganstyle.stylize.manifest import Manifest

WINDOW = 8
"""Images decoded ahead of the network, among which frames of equal size are batched."""

WINDOW_PIXELS = 2**25
"""Pixels decoded ahead; an image that has more is decoded alone."""


class Pipeline:
    """Stylizes files, decoding, painting and encoding at the same time, in bounded memory.

    style: its name, for the metadata. manifest: records of what is done; without it, or to
    overwrite, every job is done.
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
        self.style = style
        self.manifest = manifest
        self.overwrite = overwrite

    def run(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """Do the jobs; yields each outcome as it is known, not in the order of the jobs.

        An image that fails does not stop the rest.
        """
        with (
            kept_threads() as threads,
            ThreadPoolExecutor(1) as ahead,
            ThreadPoolExecutor(2, initializer=_compute_alone) as decoders,
            ThreadPoolExecutor(2, initializer=_compute_alone) as encoders,
        ):
            # Threads take turns at the cores: more at once push each other's data out of the cache.
            cores = Semaphore(threads)

            def decode(window: Sequence[Job | Outcome]) -> list[DecodedImage | Outcome]:
                return list(decoders.map(decode_one, window))

            def decode_one(job: Job | Outcome) -> DecodedImage | Outcome:
                with cores:
                    return self._decode(job)

            def encode(image: PaintedImage | Outcome) -> Outcome:
                with cores:
                    return self._encode(image)

            try:
                decoded = prefetch(ahead, decode, self._windows(self._pending(jobs)), ahead=1)
                painted = paint_windows(self.painter, decoded, cores)
                yield from prefetch(encoders, encode, painted, ahead=1, cost=_waiting_cost)
            finally:
                decoders.shutdown(wait=False, cancel_futures=True)

    def run_one(
        self,
        data: bytes | Path,
        target: BinaryIO | Path,
        kind: str,
        on_whole: Callable[[Path], None] = lambda _: None,
    ) -> tuple[str, ...]:
        """Stylize one image from bytes or a file into a stream or a file; returns notes for the
        user. on_whole gets the temporary file before it takes the target's place."""
        details, contents = self._read(data)
        paintings = [self.painter.paint_contents([content])[0] for content in contents]
        return self._save(details, self._finished(contents, paintings), target, kind, on_whole)

    def _pending(self, jobs: Iterable[Job]) -> Iterator[Job | Outcome]:
        """Jobs that remain, and the outcomes of the others; no image is opened for that."""
        for job in jobs:
            if not job.kind:
                extension = job.target.suffix or "no extension"
                in_place = job.source == job.target
                hint = "leave --in-place out" if in_place else "choose one with --format"
                reason = f"{job.source}: {extension} is not a format that can be written; {hint}."
                yield Outcome(job, "failed", reason)
            elif self.overwrite or not self.manifest:
                yield job
            else:
                yield self.manifest.settled(job) or job

    def _windows(self, items: Iterable[Job | Outcome]) -> Iterator[list[Job | Outcome]]:
        """Items to be decoded together, WINDOW of them and WINDOW_PIXELS at most."""
        window: list[Job | Outcome] = []
        total = 0
        for item in items:
            pixels = peek_pixels(item.source) if isinstance(item, Job) else 0
            if window and (len(window) == WINDOW or total + pixels > WINDOW_PIXELS):
                yield window
                window, total = [], 0
            window.append(item)
            total += pixels
        if window:
            yield window

    def _decode(self, job: Job | Outcome) -> DecodedImage | Outcome:
        if isinstance(job, Outcome):
            return job
        started = time.monotonic()
        try:
            signature = file_signature(job.source)
            details, contents = self._read(job.source)
            return DecodedImage(job, signature, details, contents, time.monotonic() - started)
        except MissingReaderError as error:
            return Outcome(job, "failed", str(error), remedy=error.remedy)
        except Exception as error:  # one file must not end the run
            return Outcome(job, "failed", failure_message(job, error))

    def _read(self, source: Path | bytes) -> tuple[PictureDetails, tuple[Content, ...]]:
        """A file's details, and each frame prepared for painting, which takes far less memory than
        a large image. Drawings are put on paper."""
        picture = read_picture(source, longer_side=self.output.max_size, enough=self.painter.enough)
        if picture.is_transparent and self.painter.needs_paper(picture.on_paper().frames[0].image):
            picture = picture.on_paper()
        # The first frame speaks for all, or an animation would flicker.
        draft = self.painter.takes_for_draft(picture.frames[0].image)
        return picture.details, tuple(
            self.painter.prepare(frame.image, frame.size, draft=draft) for frame in picture.frames
        )

    def _finished(
        self, contents: Sequence[Content], paintings: Sequence[Painting]
    ) -> list[Image.Image]:
        dials = self.painter.dials
        return [finished(*pair, dials) for pair in zip(contents, paintings, strict=True)]

    def _encode(self, painted: PaintedImage | Outcome) -> Outcome:
        if isinstance(painted, Outcome):
            return painted
        job, details = painted.job, painted.details
        started = time.monotonic()

        def record(temporary: Path) -> None:
            if self.manifest:
                self.manifest.record(job, painted.signature, file_signature(temporary))

        try:
            stylized = self._finished(painted.contents, painted.paintings)
            notes = self._save(details, stylized, job.target, job.kind, record)
        except Exception as error:  # one file must not end the run
            return Outcome(job, "failed", failure_message(job, error))
        seconds = painted.seconds + time.monotonic() - started
        return Outcome(job, "done", "", details.sizes[0], seconds, notes)

    def _save(
        self,
        details: PictureDetails,
        stylized: Sequence[Image.Image],
        target: Path | BinaryIO,
        kind: str,
        on_whole: Callable[[Path], None] = lambda _: None,
    ) -> tuple[str, ...]:
        """Write stylized frames; returns notes on what was lost in reading and in writing."""
        metadata = NO_METADATA if self.output.strip else details.metadata
        if self.output.provenance:
            metadata = with_provenance(metadata, self.style)
        picture = replace(details, metadata=metadata).with_images(stylized)
        quality = self.output.quality
        lost = write_picture(picture, target, kind, quality=quality, on_whole=on_whole)
        return details.notes + lost


def _compute_alone() -> None:
    """Keep this thread's work to itself: small layers on several cores wait for each other."""
    torch.get_num_threads()  # a thread that asks first has its number by itself
    torch.set_num_threads(1)


def _waiting_cost(item: PaintedImage | Outcome) -> float:
    """Share that an item takes of the queue of the encoders: WINDOW items, or WINDOW_PIXELS."""
    if isinstance(item, Outcome):
        return 1 / WINDOW
    return max(1 / WINDOW, item.details.pixels / WINDOW_PIXELS)
