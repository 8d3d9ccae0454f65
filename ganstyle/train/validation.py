"""Looking at the averaged generator of a run: scores on held-out pictures, previews, report."""

from dataclasses import asdict, replace

import torch
from PIL import Image

from ganstyle.config import EvaluateConfig
from ganstyle.images.contact_sheet import contact_sheet
from ganstyle.images.tensors import read_image, to_batch, to_images, write_image
from ganstyle.metrics.crops import Example, Judge, Scores
from ganstyle.train.dataset import Folders
from ganstyle.train.gan import Gan
from ganstyle.train.report import write_report
from ganstyle.train.run_folder import METRICS, SCORES, RunFolder

PREVIEW_PHOTOS = 4


class Validator:
    """Looks at what the averaged generator of a game makes of held-out pictures."""

    def __init__(self, gan: Gan, folders: Folders) -> None:
        self.gan = gan
        self.folders = folders
        self.judges: dict[EvaluateConfig, Judge] = {}

    def score(self, config: EvaluateConfig) -> Scores | None:
        """Scores of the generator; None when there are too few held-out pictures.

        Style pictures are enlarged as in training, whatever config says.
        """
        if not self.gan.paired:
            config = replace(config, style_zoom=self.gan.config.style_zoom)
        held_out = self.folders.held_out
        if not held_out.inputs or len(held_out.styles) < 2:
            return None
        if config not in self.judges:
            pictures = (read_image(path) for path in held_out.styles)
            self.judges[config] = Judge(self.gan.feature_extractor, pictures, config)
        return self.judges[config].score(
            Example(photo, self._stylized(photo), kept) for photo, kept in self.folders.examples()
        )

    def show(self, run: RunFolder, name: str, images_seen: int, best_images_seen: int) -> None:
        """Write a sheet of previews and the report into a run's folder."""
        examples = list(self.folders.examples(PREVIEW_PHOTOS))
        photos = [photo for photo, _ in examples]
        results = [self._stylized(photo) for photo in photos]
        if examples:
            kept = [[kept for _, kept in examples]] if self.gan.paired else []
            sheet = contact_sheet([photos, results, *kept])
            write_image(sheet, run / "previews" / f"{images_seen:08d}.jpg")
        write_report(
            run / "report.html",
            name=name,
            config=asdict(self.gan.config),
            data=[*self.folders.report, *self.folders.problems],
            reports=run.records(METRICS),
            scorings=run.records(SCORES),
            best_images_seen=best_images_seen,
            pictures=list(zip(photos, results, strict=True)),
        )

    @torch.inference_mode()
    def _stylized(self, photo: Image.Image) -> Image.Image:
        runtime = self.gan.runtime
        with runtime.autocast():
            return to_images(self.gan.ema(to_batch([photo], runtime.device)))[0]
