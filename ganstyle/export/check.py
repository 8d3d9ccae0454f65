"""An exported model held against the painter."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

from ganstyle.errors import GanstyleError
from ganstyle.export.model import BRUSH, DRAFT, INPUT, SEED
from ganstyle.images.resize import Size
from ganstyle.painting.painter import Painter
from ganstyle.sources.looks import brush_of

TOLERANCE = 2
"""Levels of 255 by which nearly all values may differ."""

_MOST = {"photo": (0.1, 1.0), "draft": (0.005, 0.1)}
"""Share of values that may differ by more, and mean difference in levels, by kind.

A photo's draft is rounded to bytes before it is painted. Where two programs add in another order,
one value in a hundred is rounded otherwise, and each level paints on from there.
"""

_SHARES = ((0.6, 0.45), (1.3, 1.0), (2.1, 1.7))
"""Sides of the pictures of the check, times the shorter side of the first level: one that is
enlarged, one of a level, and one of two."""

_SIDE = 64
"""The same for a style without levels, px."""


@dataclass(frozen=True)
class Difference:
    """Difference between model and painter on one picture.

    kind: photo or draft. mean, most: in levels of 255. beyond: share of values that differ by more
    than TOLERANCE.
    """

    kind: str
    size: Size
    mean: float
    most: int
    beyond: float

    def __str__(self) -> str:
        width, height = self.size
        return (
            f"{self.kind} of {width}x{height} px: {100 * (1 - self.beyond):.2f} % of values within "
            f"{TOLERANCE}/255, mean difference {self.mean:.4f}/255, largest {self.most}/255"
        )


def check_model(path: Path, painter: Painter) -> list[Difference]:
    """Differences on photos and drafts of three sizes.

    painter: of the same style and dials, in float32, without faces. Raises GanstyleError when they
    are too large.
    """
    session = open_model(path)
    easel = painter.generator.config.easel
    side = easel.side / brush_of(painter.dials) if easel else _SIDE
    found = []
    for number, shares in enumerate(_SHARES):
        picture = _picture((round(shares[0] * side), round(shares[1] * side)), number)
        for kind in ("photo", "draft") if easel else ("photo",):
            [wanted] = painter.with_dials(replace(painter.dials, treat_as=kind)).paint([picture])
            feeds = {INPUT: np.asarray(picture)[None], SEED: np.array(painter.dials.seed)}
            if easel:
                feeds |= {
                    BRUSH: np.array(brush_of(painter.dials), np.float32),
                    DRAFT: np.array(kind == "draft"),
                }
            [painted] = session.run(None, feeds)
            found.append(_difference(kind, np.asarray(wanted), painted[0]))
    for each in found:
        beyond, mean = _MOST[each.kind]
        if each.beyond > beyond or each.mean > mean:
            raise GanstyleError(
                f"the model does not paint as ganstyle does, so it was not kept: {each}. "
                "Report it with the versions of onnx, onnxruntime and torch."
            )
    return found


def open_model(path: Path) -> onnxruntime.InferenceSession:
    """A model, ready to run on the CPU."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # it warns that dials with defaults are no constants
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _difference(kind: str, wanted: np.ndarray, found: np.ndarray) -> Difference:
    height, width = wanted.shape[:2]
    if wanted.shape != found.shape:
        raise GanstyleError(f"the model made {found.shape} of {width}x{height} px.")
    apart = np.abs(wanted.astype(int) - found)
    beyond = float((apart > TOLERANCE).mean())
    return Difference(kind, (width, height), float(apart.mean()), int(apart.max()), beyond)


def _picture(size: Size, seed: int) -> Image.Image:
    """Blobs, smaller ones on large ones, down to grain: a photo's range of sizes."""
    rng = np.random.default_rng(seed)
    total = np.full((size[1], size[0], 3), 128.0)
    for cells, contrast in ((4, 100), (16, 40), (64, 20)):
        grid = Image.fromarray(rng.integers(0, 256, (cells, cells, 3), np.uint8))
        blobs = grid.resize(size, Image.Resampling.BICUBIC)
        total += (np.asarray(blobs) / 127.5 - 1) * contrast
    total += rng.normal(0, 3, total.shape)
    return Image.fromarray(total.clip(0, 255).astype(np.uint8))
