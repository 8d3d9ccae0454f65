"""Drafts of paintings, as people draw them: flat areas, few or many, and some ink.

A draft is cruder than its painting: the generator has to invent strokes, leaves and waves in areas
of one colour. A grid of cells gives the colours. The areas are painted one over the other, large
ones first, as polygons with rounded or straight borders, or as simple shapes.
"""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw
from torch import Tensor

from ganstyle.images.resize import Limit
from ganstyle.images.tensors import to_batch
from ganstyle.sources.abstraction import kuwahara
from ganstyle.sources.few_colors import few_colors
from ganstyle.sources.hand import Hand, random_hand
from ganstyle.sources.outlines import (
    merge_islands,
    outlines_of,
    rounded,
    simple_shape,
    straightened,
)
from ganstyle.sources.sketch import random_sketch

_AROUND = 2
"""Cells by which areas extend beyond the image, so that no border is drawn along its edges."""

_SIMPLE = 0.2
"""Share of the image up to which an area may become a simple shape."""

_DRAWN = 0.9
"""Share of the borders that are drawn in ink."""

_SMALLEST = 16
"""Side in pixels from which contours of the painting can be drawn."""

USUAL = 320
"""Usual shorter side of the sheet, px, for which pens and borders are made."""

_MOST_CHROMA = 0.04
"""Deviation from the common tint, for channels in [0, 1], up to which an image is grey."""

_PAPER = (255, 255, 255)

Points = np.ndarray
"""Corners of a polygon, x and y in pixels of the image: float64 (N, 2)."""


def random_drafts(paintings: Tensor, rngs: Sequence[torch.Generator]) -> Tensor:
    """Draft of each painting, by a random hand.

    paintings: (B, 3, H, W) in [0, 1], to the same. rngs: one for each painting, on the CPU.
    """
    pairs = zip(paintings, rngs, strict=True)
    drafts = [_painted(painting[None], random_hand(rng), rng) for painting, rng in pairs]
    return to_batch(drafts, paintings.device)


def draft_of(painting: Image.Image, seed: int = 0, short_side: int = USUAL) -> Image.Image:
    """Draft of an RGB image, the same for the same seed: for previews and scores.

    short_side: of the sheet, px; the finished draft gets the size of the image.
    """
    rng = torch.Generator().manual_seed(seed)
    small = Limit(shorter=short_side).reduce(painting)
    return _painted(to_batch([small]), random_hand(rng), rng).resize(painting.size)


def _painted(painting: Tensor, hand: Hand, rng: torch.Generator) -> Image.Image:
    """Draft of (1, 3, H, W) by a hand that trembles at random."""
    H, W = painting.shape[-2:]
    numpy_rng = np.random.default_rng(int(torch.randint(2**31, (), generator=rng)))
    size = max(2, round(H / hand.cell)), max(2, round(W / hand.cell))
    cells = F.interpolate(painting, size=size, mode="bilinear", antialias=True)
    labels, colors = few_colors(
        kuwahara(cells, 1)[0].double().cpu().numpy(), hand.colors, numpy_rng
    )
    padded, least = np.pad(labels, _AROUND, mode="edge"), hand.least * labels.size
    areas = outlines_of(merge_islands(padded, least, hand.spared, numpy_rng))
    sheet = _Sheet((W, H), hand, numpy_rng, _tint(colors))
    scale = np.array([W / labels.shape[1], H / labels.shape[0]])
    colors = _off(colors, hand, numpy_rng)
    if hand.overlap:
        sheet.cover(colors[areas.labels[0]])
    for label, outline, area in zip(areas.labels, areas.outlines, areas.sizes, strict=True):
        small = area < _SIMPLE * labels.size
        shape = (_shape(outline, hand, numpy_rng, may_be_simple=small) - _AROUND) * scale
        sheet.paint(shape, colors[label] + numpy_rng.normal(0, 0.02, 3))
    image = sheet.finished()
    if hand.contours and min(H, W) >= _SMALLEST:
        lines = random_sketch(painting, rng)[0, 0].cpu().numpy()  # (H, W), 0 where there is ink
        image = Image.composite(image, Image.new("RGB", (W, H), sheet.pen), _mask(lines))
    return image


def _mask(values: np.ndarray) -> Image.Image:
    return Image.fromarray((values * 255).astype(np.uint8))


def _off(colors: np.ndarray, hand: Hand, rng: np.random.Generator) -> np.ndarray:
    """Colours as a hand picks them: lighter, brighter, and each a little off."""
    light = np.clip(colors, 0, 1) ** hand.gamma
    gray = light.mean(1, keepdims=True)
    bright = gray + (light - gray) * hand.saturation
    off: np.ndarray = np.clip(bright + rng.normal(0, hand.off, bright.shape), 0, 1)
    return off


def _tint(colors: np.ndarray) -> np.ndarray | None:
    """Common tint of the colours, in [0, 1], of ink on paper; None for other images.

    A draft of an engraving is grey: its colours would always be the same guess.
    """
    chroma = colors - colors.mean(1, keepdims=True)
    tint: np.ndarray = chroma.mean(0)
    return tint if np.abs(chroma - tint).max() < _MOST_CHROMA else None


def _shape(outline: Points, hand: Hand, rng: np.random.Generator, *, may_be_simple: bool) -> Points:
    """Polygon for an area, in cells, from its outline along the cells."""
    if may_be_simple and rng.random() < hand.simple:
        return simple_shape(outline, rng)
    if rng.random() < hand.straight:
        return straightened(outline, rng.uniform(0.7, 2.0))
    return rounded(outline, int(rng.integers(3, 8)))


class _Sheet:
    """Sheet of paper with the areas and lines painted so far.

    tint: common to all colours, which then differ in lightness alone; None if they are free.
    """

    def __init__(
        self,
        size: tuple[int, int],
        hand: Hand,
        rng: np.random.Generator,
        tint: np.ndarray | None = None,
    ) -> None:
        self.hand, self.rng, self.tint = hand, rng, tint
        self.size = size
        self.zoom = 2 if hand.smooth else 1
        self.image = Image.new("RGB", (size[0] * self.zoom, size[1] * self.zoom), _PAPER)
        self.draw = ImageDraw.Draw(self.image)
        self.pen = self._color(rng.uniform(0, 0.25, 3) if rng.random() < 0.3 else np.zeros(3))

    def cover(self, color: np.ndarray) -> None:
        """Fill the whole sheet with one colour in [0, 1]."""
        self.image.paste(self._color(color), (0, 0, *self.image.size))

    def paint(self, shape: Points, color: np.ndarray) -> None:
        """Paint a polygon in a colour in [0, 1], and draw along its border.

        It covers what lies below, including a neighbour's line along the common border.
        """
        corners = self._trembling(shape)
        filled = self._color(color)
        self.draw.polygon(corners, filled)
        closed = [*corners, *corners[:2]]
        if self.hand.overlap:
            width = round(2 * self.hand.overlap * self.zoom)
            self.draw.line(closed, filled, width, joint="curve")
        if self.hand.pen and self.rng.random() < _DRAWN:
            width = max(1, round(self.hand.pen * self.zoom))
            self.draw.line(closed, self.pen, width, joint="curve")

    def finished(self) -> Image.Image:
        """The sheet at its final size."""
        return self.image.reduce(self.zoom) if self.zoom > 1 else self.image

    def _trembling(self, shape: Points) -> list[tuple[float, float]]:
        noise = self.rng.normal(0, self.hand.wobble, shape.shape)
        return [(x, y) for x, y in ((shape + noise) * self.zoom).tolist()]

    def _color(self, color: np.ndarray) -> tuple[int, int, int]:
        """A colour in [0, 1], in bytes, with the tint of the sheet."""
        if self.tint is not None:
            color = color.mean() + self.tint
        red, green, blue = (round(255 * min(1.0, max(0.0, c))) for c in color.tolist())
        return red, green, blue
