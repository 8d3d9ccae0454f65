"""Validation of the averaged generator of a run: scores on held-out images, previews, report."""

from dataclasses import asdict

import torch
from PIL import Image
from torch import Tensor

from ganstyle.config import EvaluateConfig
from ganstyle.features.extractor import FeatureExtractor
from ganstyle.images.contact_sheet import contact_sheet
from ganstyle.images.tensors import read_image, write_image
from ganstyle.metrics.content import content_scores
from ganstyle.metrics.crops import crop_batch
from ganstyle.metrics.kid import kernel_blocks
from ganstyle.metrics.scores import Scores
from ganstyle.painting.painter import Painter
from ganstyle.train.dataset import Folders
from ganstyle.train.gan import Gan
from ganstyle.train.report import write_report
from ganstyle.train.run_folder import METRICS, SCORES, RunFolder

PREVIEW_PHOTOS = 4


class Validator:
    """Scores and previews of the averaged generator's results for held-out images."""

    def __init__(self, gan: Gan, folders: Folders) -> None:
        self.gan = gan
        self.folders = folders
        self.extractor = FeatureExtractor(gan.runtime.device)
        self.styles: dict[EvaluateConfig, list[Tensor]] = {}
        """Features of the held-out style images, (n, D) each, as each config sees them."""

    def score(self, config: EvaluateConfig) -> Scores | None:
        """Scores of the generator; None with fewer than two held-out images on a side.

        Measured as `ganstyle evaluate` does.
        """
        held_out = self.folders.held_out
        if min(len(held_out.inputs), len(held_out.styles)) < 2:
            return None
        if config not in self.styles:
            self.styles[config] = self._style_features(config)
        styles, photos, results, contents = self.styles[config], [], [], []
        count = config.crops_of(len(held_out.inputs))
        for path, (photo, kept) in zip(held_out.inputs, self.folders.examples(), strict=True):
            shown = (photo, self._stylized(photo), *(() if kept is photo else (kept,)))
            source, result, *target = (
                self.extractor([crop_batch(image, path.stem, config, count)]) for image in shown
            )
            photos.append(source.style[0])
            results.append(result.style[0])
            contents.append(content_scores(result, target[0] if target else source)[0])
        return Scores(
            kid=kernel_blocks(results, styles).kid,
            kid_photos=kernel_blocks(photos, styles).kid,
            kid_floor=kernel_blocks(styles[::2], styles[1::2]).kid if len(styles) >= 4 else 0.0,
            content=float(torch.cat(contents).mean()),
            pictures=len(results),
        )

    def _style_features(self, config: EvaluateConfig) -> list[Tensor]:
        paths = self.folders.held_out.styles
        count, zoom = config.crops_of(len(paths)), config.style_zoom
        return [
            self.extractor([crop_batch(read_image(p), p.stem, config, count, zoom=zoom)]).style[0]
            for p in paths
        ]

    def show(
        self,
        run: RunFolder,
        name: str,
        images_seen: int,
        best_images_seen: int,
        final: Scores | None = None,
    ) -> None:
        """Write a sheet of previews and the report into a run's folder.

        final: scores of the last generator, at the end of the run.
        """
        examples = list(self.folders.examples(PREVIEW_PHOTOS))
        photos = [photo for photo, _ in examples]
        results = [self._stylized(photo) for photo in photos]
        if examples:
            kept = [[kept for _, kept in examples]] if self.folders.inputs_are != "photos" else []
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
            shown_are=self.folders.shown_are,
            final=str(final) if final else "",
        )

    def _stylized(self, photo: Image.Image) -> Image.Image:
        """Result of the averaged generator as it is now, painted as for users."""
        return Painter(self.gan.ema, runtime=self.gan.runtime).paint([photo])[0]
