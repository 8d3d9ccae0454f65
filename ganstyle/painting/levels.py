"""Coarse to fine: the sizes at which an image is painted, and the sources that are drawn on.

A painter blocks in with a broad brush and refines where it matters (Hertzmann 1998). One generator
is every brush: painted small and enlarged, its strokes are broad; what it draws on at the next
level is an abstraction of that painting, and, where the painting has lost the content image, an
abstraction of the image itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, log2

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from ganstyle.images.resize import Size
from ganstyle.images.tensors import resized, rounded, scaled, to_pixels
from ganstyle.models.palette import PaletteTransfer
from ganstyle.sources.abstraction import Abstraction, kuwahara

_NEAR = 1.25
"""Times that an image may be larger or smaller than the coarsest level and still is painted at its
own size at once."""

_MOST_ENLARGED = 2
"""Times that an image smaller than the coarsest level is enlarged for it at most."""

_MOST_ENLARGED_DRAFT = 10
"""The same for drafts: there is nothing in them that would look enlarged."""

_LOST = 0.06
"""RGB distance of canvas and content image, in [0, 1], from which the image is drawn on again; at
twice that the canvas counts no more."""

_LOST_REACH = 2
"""Rows around a pixel by which _lost() judges it."""

_BAND_PIXELS, _LEAST_ROWS = 2**19, 32
"""Pixels of reduced images that are filtered at once, and rows: for a photo of 100 megapixels in
one piece the filters would take a gigabyte."""


@dataclass(frozen=True)
class Level:
    """One pass of the generator over the image.

    size: of the canvas. reduced: to which content image and canvas are reduced for the source.
    """

    size: Size
    reduced: Size


@dataclass(frozen=True)
class ContentPyramid:
    """A content image as the levels need it, the coarsest first.

    images: RGB, reduced to each level's `reduced`. content_size: the content image's. original: the
    content image, when more of it is needed than the levels see.
    """

    levels: tuple[Level, ...]
    images: tuple[Image.Image, ...]
    content_size: Size
    original: Image.Image | None = None

    @property
    def size(self) -> Size:
        """Size of the last canvas."""
        return self.levels[-1].size


def plan_levels(
    size: Size, coarsest: float, abstraction: Abstraction | None, *, drafts: bool = False
) -> list[Level]:
    """The levels of an image, coarsest first.

    coarsest: shorter side of the first level, px, from which on each is up to twice as large; 0
    for the image's own size at once. The first level of a large image is that of a small one, so
    both become the same painting; one that is smaller still is enlarged, twice at most.
    abstraction: None to draw on the image itself. drafts: whether the first level draws on the
    image itself; as small as it is, the image is enlarged for it then.
    """
    short = min(size)
    sides = [float(short)]
    if coarsest and short > _NEAR * coarsest:
        count = ceil(log2(short / coarsest) - 1e-9)
        ratio = (short / coarsest) ** (1 / count)
        sides = [coarsest * ratio**index for index in range(count)] + sides
    elif short * _NEAR < coarsest:
        most = _MOST_ENLARGED_DRAFT if drafts else _MOST_ENLARGED
        sides = [min(coarsest, most * short)]
    levels = [_level(size, side / short, abstraction) for side in sides]
    return [_level(size, sides[0] / short, None), *levels[1:]] if drafts else levels


def _level(size: Size, ratio: float, abstraction: Abstraction | None) -> Level:
    width, height = (max(1, round(side * ratio)) for side in size)
    if abstraction:
        rows, columns = abstraction.reduced_size(height, width)
        return Level((width, height), (columns, rows))
    return Level((width, height), (width, height))


def content_pyramid(
    content: Image.Image,
    levels: Sequence[Level],
    size: Size | None = None,
    original: Image.Image | None = None,
) -> ContentPyramid:
    """An RGB content image, reduced for each level.

    size: the content image's, px, where what is given is a reduced copy. original: what is kept of
    it in full besides.
    """
    images = tuple(_resized(content, level.reduced) for level in levels)
    return ContentPyramid(tuple(levels), images, size or content.size, original)


@torch.inference_mode()
def draw_sources(
    contents: Sequence[Image.Image],
    canvases: Tensor | None,
    level: Level,
    abstraction: Abstraction,
    palette: PaletteTransfer | None,
    *,
    drafts: bool = False,
) -> Tensor:
    """Sources of a level, uint8 (B, H, W, 3) of its size, from B reduced content images of equal
    size.

    canvases: the paintings of the level before, uint8 (B, h, w, 3); None at the first. drafts:
    whether the images are drafts, of which nothing but the first painting is to be seen later.
    """
    pixels = to_pixels(contents)
    if drafts and canvases is None:
        return pixels  # of the level's size already
    painted = None if canvases is None else resized(canvases, level.reduced)
    sources = torch.empty_like(pixels)
    margin = max(abstraction.radius, _LOST_REACH)
    for rows, outer in _bands(level.reduced, len(contents), margin):
        canvas = None if painted is None else scaled(painted[:, outer.start : outer.stop])
        if drafts and canvas is not None:
            drawn = kuwahara(canvas, abstraction.radius)
        else:
            content = scaled(pixels[:, outer.start : outer.stop])
            drawn = _abstraction(content, canvas, abstraction.radius, palette)
        first = rows.start - outer.start
        sources[:, rows.start : rows.stop] = rounded(drawn[:, :, first : first + len(rows)])
    return resized(sources, level.size)


def _bands(size: Size, count: int, margin: int) -> Iterator[tuple[range, range]]:
    """Rows of each band of `count` images of that size, and the same with the rows around them."""
    width, height = size
    step = max(_LEAST_ROWS, _BAND_PIXELS // (width * count))
    for top in range(0, height, step):
        bottom = min(top + step, height)
        yield range(top, bottom), range(max(0, top - margin), min(bottom + margin, height))


def _abstraction(
    content: Tensor, canvas: Tensor | None, radius: int, palette: PaletteTransfer | None
) -> Tensor:
    """The abstraction of canvases, if there are any, and, where these have lost them, of content
    images: (B, 3, H, W) in [0, 1] each."""
    if palette:
        content = palette(content)
    source = kuwahara(content, radius)
    if canvas is None:
        return source
    return torch.lerp(kuwahara(canvas, radius), source, _lost(content, canvas))


def _lost(content: Tensor, canvas: Tensor) -> Tensor:
    """Where a canvas has lost the content image, 0 to 1: (B, 1, H, W)."""
    distance = (_blur(canvas) - _blur(content)).square().sum(1, keepdim=True).sqrt()
    return ((_blur(distance) - _LOST) / _LOST).clamp(0, 1)


def _blur(x: Tensor) -> Tensor:
    return F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, 1)


def _resized(image: Image.Image, size: Size) -> Image.Image:
    """Reduced by the mean of what a pixel covers, enlarged smoothly."""
    if image.size == size:
        return image
    reduces = size[0] < image.width or size[1] < image.height
    kind = Image.Resampling.BILINEAR if reduces else Image.Resampling.BICUBIC
    return image.resize(size, kind)
