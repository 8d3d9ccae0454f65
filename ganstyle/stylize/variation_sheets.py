"""Sheets of the variations of an image, to choose from."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from ganstyle.config import OutputConfig
from ganstyle.files import file_signature
from ganstyle.images.contact_sheet import SIDE, captioned_sheet
from ganstyle.images.metadata import NO_METADATA, with_provenance
from ganstyle.images.picture import Frame, Picture
from ganstyle.images.read import read_picture
from ganstyle.images.write import write_picture
from ganstyle.stylize.jobs import Job, Outcome, failure_message
from ganstyle.stylize.manifest import Manifest


class Sheets:
    """Draws a sheet of the variations of each image, once they are written.

    results: by input, with their captions. manifest: records of what is done; overwrite: draw
    sheets that are done, too.
    """

    def __init__(
        self,
        results: Mapping[Path, Sequence[tuple[Path, str]]],
        output: OutputConfig,
        manifest: Manifest,
        *,
        overwrite: bool,
    ) -> None:
        self.results = results
        self.output = output
        self.manifest = manifest
        self.overwrite = overwrite

    def run(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """Draw a sheet per job; yields each outcome. A failure does not stop the rest."""
        for job in jobs:
            try:
                yield self._outcome(job)
            except Exception as error:  # one file must not end the run
                yield Outcome(job, "failed", failure_message(job, error))

    def _outcome(self, job: Job) -> Outcome:
        results = self.results[job.source]
        signature = [part for path, _ in results for part in file_signature(path) or ()]
        if not self.overwrite and (settled := self.manifest.settled(job, signature)):
            return settled
        sheet = captioned_sheet(
            [
                (read_picture(path, longer_side=SIDE, first_only=True).frames[0].image, caption)
                for path, caption in results
            ]
        )

        def record(temporary: Path) -> None:
            self.manifest.record(job, signature, file_signature(temporary))

        metadata = with_provenance(NO_METADATA) if self.output.provenance else NO_METADATA
        picture = Picture((Frame(sheet),), metadata)
        quality = self.output.quality
        write_picture(picture, job.target, job.kind, quality=quality, on_whole=record)
        return Outcome(job, "done", "", sheet.size)
