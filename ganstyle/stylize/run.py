"""A run of `ganstyle stylize` over files and folders: planned and checked, then worked through."""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ganstyle.config import Dials, OutputConfig
from ganstyle.files import make_folder, remove_leftovers
from ganstyle.painting.style_mix import StyleMix
from ganstyle.stylize.config import USUAL_VIDEO, VideoConfig
from ganstyle.stylize.jobs import Destination, Job, OnFrame, Outcome
from ganstyle.stylize.manifest import Manifest, recipe
from ganstyle.stylize.plan import Plan, plan_jobs
from ganstyle.stylize.variations import Variation, captioned_results, plan_variations
from ganstyle.stylize.watch import watch

if TYPE_CHECKING:
    from ganstyle.distributed import Ranks
    from ganstyle.painting.painter import Painter


@dataclass(frozen=True)
class Pass:
    """One result of every image, or the sheets of all: how they are made, and which exist.

    videos: the manifest of those, whose recipes have more to them.
    """

    variation: Variation
    manifest: Manifest
    videos: Manifest
    plan: Plan

    def check(self) -> None:
        """Raise DataError if results of other recipes would be replaced."""
        self.manifest.check([job for job in self.plan.jobs if not job.is_video])
        self.videos.check([job for job in self.plan.jobs if job.is_video])


class StylizeRun:
    """A run over inputs, planned and checked before the first pixel is painted.

    destination: None to replace the inputs. listed: the inputs come from a list. count: results of
    each image. precision: as it was asked for. video: how videos are painted. overwrite: replace
    results, whatever made them. watching: the folders are planned again and again, as images
    appear.
    Raises DataError, ImageError and ConfigError as plan_jobs() and plan_variations() do, and
    DataError when results of another recipe would be replaced, unless overwrite.
    """

    def __init__(
        self,
        inputs: Sequence[Path],
        destination: Destination | None,
        style: StyleMix,
        dials: Dials,
        output: OutputConfig,
        precision: str,
        *,
        video: VideoConfig = USUAL_VIDEO,
        listed: bool = False,
        count: int = 1,
        overwrite: bool = False,
        watching: bool = False,
    ) -> None:
        self.inputs, self.style, self.overwrite = inputs, style.name, overwrite
        self.video = video
        self.pictures_only = "--variations" if count > 1 else ""
        self.passes: list[Pass] = []
        for variation in plan_variations(count, dials, output, destination):
            parts = style.digest, variation.dials, variation.output, precision
            plan = Plan() if watching else self._plan(variation, listed=listed)
            each = Pass(
                variation,
                Manifest(recipe(self.style, *parts)),
                Manifest(recipe(self.style, *parts, video)),
                plan,
            )
            if not (overwrite or variation.is_sheet):  # a sheet is drawn anew for other results
                each.check()
            self.passes.append(each)

    @property
    def passed_over(self) -> Sequence[tuple[Path, str]]:
        """Files in the folders that are not read, with the kind of each."""
        return self.passes[0].plan.passed_over

    @property
    def hints(self) -> Sequence[str]:
        """Lines for the user on how what was passed over could be stylized."""
        return self.passes[0].plan.hints

    @property
    def written(self) -> int:
        """Results that this process has written so far."""
        return sum(each.manifest.written + each.videos.written for each in self.passes)

    def prepare(self) -> None:
        """Create the output folder, and remove leftovers of killed runs. Raises DataError."""
        for each in self.passes:
            if each.variation.destination and each.variation.destination.is_folder:
                make_folder(each.variation.destination.path)
            for folder in {job.target.parent for job in each.plan.jobs}:
                remove_leftovers(folder)

    def outcomes(
        self, painter: "Painter", ranks: "Ranks", on_frame: OnFrame = lambda *_: None
    ) -> Generator[Outcome, None, None]:
        """Do this rank's share of the jobs; yields as each is done.

        on_frame: told of every frame of a video. An image that fails does not stop the rest; its
        other variations are left out.
        """
        failed: set[Path] = set()
        for each in self.passes:
            left = [job for job in ranks.share(each.plan.jobs) if job.source not in failed]
            for outcome in self._work(each, painter, on_frame)(left):
                if outcome.status == "failed":
                    failed.add(outcome.job.source)
                yield outcome

    def watched_outcomes(
        self, painter: "Painter", on_message: Callable[[str], None]
    ) -> Generator[Outcome, None, None]:
        """Stylize the images in the folders, and those that appear there; does not end."""
        [each] = self.passes

        def plan() -> Sequence[Job]:
            return self._plan(each.variation).jobs

        work = self._work(each, painter)
        for jobs in watch(plan, on_message):
            yield from work(jobs)

    def _plan(self, variation: Variation, *, listed: bool = False) -> Plan:
        return plan_jobs(
            self.inputs,
            variation.destination,
            variation.output,
            listed=listed,
            pictures_only=self.pictures_only,
        )

    def _work(
        self, each: Pass, painter: "Painter", on_frame: OnFrame = lambda *_: None
    ) -> Callable[[Sequence[Job]], Iterator[Outcome]]:
        """Function that does jobs of a pass, the videos last: they take long."""
        # Imported here, as planning needs no torch.
        from ganstyle.stylize.pipeline import Pipeline
        from ganstyle.stylize.variation_sheets import Sheets

        variation, manifest = each.variation, each.manifest
        if variation.is_sheet:
            results = captioned_results([(one.variation, one.plan.jobs) for one in self.passes])
            return Sheets(results, variation.output, manifest, overwrite=self.overwrite).run
        varied = painter.with_dials(variation.dials)
        pictures = Pipeline(
            varied, variation.output, self.style, manifest, overwrite=self.overwrite
        )

        def work(jobs: Sequence[Job]) -> Iterator[Outcome]:
            yield from pictures.run(job for job in jobs if not job.is_video)
            if videos := [job for job in jobs if job.is_video]:
                yield from self._work_on_videos(each, varied, on_frame, videos)

        return work

    def _work_on_videos(
        self, each: Pass, painter: "Painter", on_frame: OnFrame, jobs: Sequence[Job]
    ) -> Iterator[Outcome]:
        from ganstyle.stylize.video_files import VideoPipeline

        pipeline = VideoPipeline(
            painter,
            each.variation.output,
            self.style,
            each.videos,
            self.video.steady,
            overwrite=self.overwrite,
            on_frame=on_frame,
        )
        yield from pipeline.run(jobs)
