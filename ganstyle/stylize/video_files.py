"""Videos in a style: from a file to a file, part by part, in bounded memory."""

import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import chain, count, islice

from PIL import Image

from ganstyle import __version__
from ganstyle.config import OutputConfig
from ganstyle.errors import MissingReaderError
from ganstyle.files import atomic_path, file_signature
from ganstyle.images.resize import Limit, Size
from ganstyle.painting.painter import Painter
from ganstyle.stylize.jobs import Job, OnFrame, Outcome, failure_message
from ganstyle.stylize.manifest import Manifest
from ganstyle.stylize.video_frames import painted_frames
from ganstyle.stylize.video_parts import PART_FRAMES, VideoParts
from ganstyle.videos.join import join_parts
from ganstyle.videos.motion import MOTION_REMEDY, motion_measurable
from ganstyle.videos.read import VideoFile
from ganstyle.videos.write import Encoding, encoded_size, part_writer

_OF_THE_FILE = {"major_brand", "minor_version", "compatible_brands", "encoder", "duration"}
"""Metadata, in lower case, that speak of a file and not of what it shows."""


class VideoPipeline:
    """Stylizes videos, one after the other.

    style: its name, for the metadata. steady: how firmly still parts stay, 0 to 1. manifest:
    records of what is done. overwrite: do every job. on_frame: told of every frame.
    """

    def __init__(
        self,
        painter: Painter,
        output: OutputConfig,
        style: str,
        manifest: Manifest,
        steady: float,
        *,
        overwrite: bool = False,
        on_frame: OnFrame = lambda *_: None,
    ) -> None:
        self.painter, self.output, self.style = painter, output, style
        self.manifest, self.overwrite = manifest, overwrite
        self.steady, self.on_frame = steady, on_frame

    def run(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """Do the jobs in turn; yields each outcome. A video that fails does not stop the rest.

        What has been painted of one that was interrupted is not painted again.
        """
        for job in jobs:
            settled = None if self.overwrite else self.manifest.settled(job)
            try:
                yield settled or self._stylized(job)
            except MissingReaderError as error:
                yield Outcome(job, "failed", str(error), remedy=error.remedy)
            except OSError as error:  # a full disk; what is wrong with the source has its own name
                reason = f"{job.target}: cannot be written ({error.strerror or error})."
                yield Outcome(job, "failed", reason)
            except Exception as error:  # one file must not end the run
                yield Outcome(job, "failed", failure_message(job, error))

    def _stylized(self, job: Job) -> Outcome:
        started = time.monotonic()
        signature = file_signature(job.source)
        video = VideoFile(job.source)
        wanted = Limit(longer=self.output.max_size).size(video.size)
        encoding = _encoding(job.kind, video, wanted, self.output.quality)
        made_from = [str(job.source), signature, self.manifest.recipe.digest, motion_measurable()]
        parts = VideoParts(job.target, made_from)
        if not parts.done:
            video.check()
        parts.prepare()
        frames = self._paint(job, video, encoding, parts)
        with atomic_path(job.target) as temporary:
            lost = join_parts(
                parts.paths(frames),
                job.source,
                temporary,
                encoding,
                self._metadata(video),
                job.target,
            )
            self.manifest.record(job, signature, file_signature(temporary))
        parts.remove()
        notes = (*_notes(video, wanted, encoding.size), *lost)
        if self.steady and not motion_measurable():
            notes += (
                f"strokes change where things move; to have them carried along: {MOTION_REMEDY}",
            )
        seconds = time.monotonic() - started
        return Outcome(job, "done", "", encoding.size, seconds, notes, frames=frames)

    def _paint(self, job: Job, video: VideoFile, encoding: Encoding, parts: VideoParts) -> int:
        """Paint the frames that no part holds yet; returns how many there are in all."""
        done = parts.done
        painted = painted_frames(
            self.painter, video, encoding.size, self.steady, begun=done, last=parts.last()
        )
        with closing(painted):
            for start in count(done, PART_FRAMES):
                first = next(painted, None)
                if first is None:
                    break
                image: Image.Image
                with parts.adding(start) as path:
                    with part_writer(path, job.target, encoding) as writer:
                        for pts, image in chain([first], islice(painted, PART_FRAMES - 1)):
                            writer.add(image, pts)
                            done += 1
                            self.on_frame(job, done, video.count)
                    parts.keep(start, image)
        return done

    def _metadata(self, video: VideoFile) -> dict[str, str]:
        """Title, date and the like of a video, and which style and version have made it."""
        kept = {} if self.output.strip else video.metadata
        kept = {key: text for key, text in kept.items() if key.lower() not in _OF_THE_FILE}
        if self.output.provenance:
            made = f"ganstyle {__version__}, style {self.style}"
            comment = next((kept.pop(key) for key in list(kept) if key.lower() == "comment"), "")
            kept["comment"] = f"{comment}; {made}" if comment else made
        return kept


def _encoding(container: str, video: VideoFile, wanted: Size, quality: int) -> Encoding:
    return Encoding(
        container,
        encoded_size(wanted, container),
        quality,
        video.color,
        video.time_base,
        video.rate,
        video.pixel_aspect,
    )


def _notes(video: VideoFile, wanted: Size, size: Size) -> Iterator[str]:
    """What of a video's pictures could not be kept."""
    if video.color.is_hdr:
        yield "HDR was brought to the range of an ordinary screen (BT.709)"
    elif (bits := video.first.format.components[0].bits) > 8:
        yield f"{bits}-bit colour was read as 8-bit"
    if size != wanted:
        yield "{}x{} px became {}x{}, as H.264 needs even sides".format(*wanted, *size)
