"""A run of `ganstyle stylize` over files and folders: planned and checked, then worked through."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ganstyle.config import Dials, OutputConfig
from ganstyle.files import make_folder, remove_leftovers
from ganstyle.styles import CheckpointFile
from ganstyle.stylize.jobs import Destination, Job, Outcome, Plan, plan_jobs
from ganstyle.stylize.manifest import Manifest, recipe
from ganstyle.stylize.variations import Variation, captioned_results, plan_variations
from ganstyle.stylize.watch import watch

if TYPE_CHECKING:
    from ganstyle.distributed import Ranks
    from ganstyle.painting.painter import Painter


@dataclass(frozen=True)
class Pass:
    """One result of every image, or the sheets of all: how they are made, and which exist."""

    variation: Variation
    manifest: Manifest
    plan: Plan


class StylizeRun:
    """A run over inputs, planned and checked before the first pixel is painted.

    destination: None to replace the inputs. listed: the inputs come from a list. count: results of
    each image. precision: as it was asked for. overwrite: replace results, whatever made them.
    watching: the folders are planned again and again, as images appear.
    Raises DataError, ImageError and ConfigError as plan_jobs() and plan_variations() do, and
    DataError when results of another recipe would be replaced, unless overwrite.
    """

    def __init__(
        self,
        inputs: Sequence[Path],
        destination: Destination | None,
        checkpoint: CheckpointFile,
        dials: Dials,
        output: OutputConfig,
        precision: str,
        *,
        listed: bool = False,
        count: int = 1,
        overwrite: bool = False,
        watching: bool = False,
    ) -> None:
        self.inputs, self.style, self.overwrite = inputs, checkpoint.info.style, overwrite
        self.passes: list[Pass] = []
        for variation in plan_variations(count, dials, output, destination):
            made_by = recipe(
                self.style, checkpoint.digest, variation.dials, variation.output, precision
            )
            manifest = Manifest(made_by)
            plan = Plan()
            if not watching:
                plan = plan_jobs(inputs, variation.destination, variation.output, listed=listed)
            if not (overwrite or variation.is_sheet):  # a sheet is drawn anew for other results
                manifest.check(plan.jobs)
            self.passes.append(Pass(variation, manifest, plan))

    @property
    def passed_over(self) -> Sequence[tuple[Path, str]]:
        """Files in the folders that are not read, with the kind of each."""
        return self.passes[0].plan.passed_over

    @property
    def written(self) -> int:
        """Results that this process has written so far."""
        return sum(each.manifest.written for each in self.passes)

    def prepare(self) -> None:
        """Create the output folder, and remove leftovers of killed runs. Raises DataError."""
        for each in self.passes:
            if each.variation.destination and each.variation.destination.is_folder:
                make_folder(each.variation.destination.path)
            for folder in {job.target.parent for job in each.plan.jobs}:
                remove_leftovers(folder)

    def outcomes(self, painter: "Painter", ranks: "Ranks") -> Iterator[Outcome]:
        """Do this rank's share of the jobs; yields as each is done.

        An image that fails does not stop the rest; its other variations are left out.
        """
        failed: set[Path] = set()
        for each in self.passes:
            left = [job for job in ranks.share(each.plan.jobs) if job.source not in failed]
            for outcome in self._work(each, painter)(left):
                if outcome.status == "failed":
                    failed.add(outcome.job.source)
                yield outcome

    def watched_outcomes(
        self, painter: "Painter", on_message: Callable[[str], None]
    ) -> Iterator[Outcome]:
        """Stylize the images in the folders, and those that appear there; does not end."""
        [each] = self.passes
        variation = each.variation

        def plan() -> Sequence[Job]:
            return plan_jobs(self.inputs, variation.destination, variation.output).jobs

        work = self._work(each, painter)
        for jobs in watch(plan, on_message):
            yield from work(jobs)

    def _work(self, each: Pass, painter: "Painter") -> Callable[[Sequence[Job]], Iterator[Outcome]]:
        """Function that does jobs of a pass."""
        # Imported here, as planning needs no torch.
        from ganstyle.stylize.pipeline import Pipeline
        from ganstyle.stylize.variation_sheets import Sheets

        variation, manifest = each.variation, each.manifest
        if variation.is_sheet:
            results = captioned_results([(one.variation, one.plan.jobs) for one in self.passes])
            return Sheets(results, variation.output, manifest, overwrite=self.overwrite).run
        varied = painter.with_dials(variation.dials)
        pipeline = Pipeline(
            varied, variation.output, self.style, manifest, overwrite=self.overwrite
        )
        return pipeline.run
