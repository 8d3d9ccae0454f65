"""The painter: a style with dials, which stylizes content images."""

from collections.abc import Sequence
from copy import copy, deepcopy
from pathlib import Path
from typing import overload

from PIL import Image

from ganstyle.config import Dials
from ganstyle.images.alpha import on_paper
from ganstyle.images.inputs import Input, read_input
from ganstyle.images.resize import Size
from ganstyle.images.tensors import from_pixels, to_pixels
from ganstyle.models.generator import Generator
from ganstyle.models.pretrained import load_generator
from ganstyle.painting.content import Content, enough, prepare, takes_for_draft
from ganstyle.painting.finish import Painting, finished
from ganstyle.painting.mixed_generator import MixedGenerator
from ganstyle.painting.palette import read_palette
from ganstyle.painting.style_mix import StyleMix, read_styles
from ganstyle.runtime import Runtime, pick_runtime
from ganstyle.sources.abstraction import abstract_pixels
from ganstyle.sources.easel import Easel
from ganstyle.sources.line_drawing import is_line_drawing
from ganstyle.styles import CheckpointFile

_MOST_LEVELS = 32
"""Levels of an image, each of which has random maps of its own."""

_TOGETHER = 8
"""Images that stylize() prepares at once: alike ones go through the network side by side."""


class Painter:
    """A style, ready to stylize any number of images; threads may share it.

    style: name of a shipped style, path of a checkpoint or of a run folder, several of these with
    weights, such as "hiroshige:0.6,oil:0.4", or a generator, of which a copy is used.
    dials: how it paints, the style in full by default. device: auto, cpu,
    cuda or cuda:N. precision: auto, int8, bfloat16 or float32; auto is the fastest that the machine
    has and the style was measured for. runtime: device and precision, where they are known already.
    tile: see TiledGenerator.
    Raises CheckpointError, DeviceError for a device or a precision that the machine lacks, and
    ImageError for a picture that dials.palette names and that cannot be read.
    """

    def __init__(
        self,
        style: str | Path | CheckpointFile | StyleMix | Generator,
        dials: Dials | None = None,
        *,
        device: str = "auto",
        precision: str = "auto",
        runtime: Runtime | None = None,
        tile: int | None = None,
    ) -> None:
        runtime = runtime or pick_runtime(device, precision, trained=True)
        self.network = MixedGenerator(_generators(style), runtime, tile)
        self.dials = dials or Dials()
        self._palette = read_palette(self.dials)

    @property
    def generator(self) -> Generator:
        """The network of the style, of several the first, on the device of runtime."""
        return self.network.generators[0].generator

    @property
    def easel(self) -> Easel | None:
        """Settings by which images become sources; None where an image is its own source."""
        return self.network.easel

    @property
    def runtime(self) -> Runtime:
        """Device and precision of the computation."""
        return self.network.runtime

    @property
    def int8_problem(self) -> str:
        """Reason why the style is not painted in 8 bits where torch fails at them; or ""."""
        return self.network.int8_problem

    def with_dials(self, dials: Dials) -> "Painter":
        """A painter of the same style with other dials; both share the network.

        Raises ImageError as the constructor does.
        """
        other = copy(self)
        other.dials = dials
        if dials.palette != self.dials.palette:
            other._palette = read_palette(dials)
        return other

    @overload
    def stylize(self, images: Input) -> Image.Image: ...  # type: ignore[overload-overlap]

    @overload
    def stylize(self, images: Sequence[Input]) -> list[Image.Image]: ...

    def stylize(self, images: Input | Sequence[Input]) -> Image.Image | list[Image.Image]:
        """Stylize an image, or each of a list; the results have the sizes of the images.

        An image is a path, a Pillow image of any mode, or a uint8 array (H, W, 3) or (H, W, 4); it
        is turned upright as its EXIF data say, and stays as it is. A result is RGB, or RGBA where
        the image has transparent parts; under a line drawing these are paper.
        Raises ImageError for what is no image, and RuntimeError as paint_contents() does.
        """
        if not isinstance(images, list | tuple):
            return self._stylize_some([images])[0]  # type: ignore[list-item]
        starts = range(0, len(images), _TOGETHER)
        groups = (self._stylize_some(images[at : at + _TOGETHER]) for at in starts)
        return [result for group in groups for result in group]

    __call__ = stylize

    def _stylize_some(self, images: Sequence[Input]) -> list[Image.Image]:
        contents, alphas = [], []
        for image in images:
            frame = read_input(image, self.enough)
            rgb, alpha = frame.image, frame.alpha
            if alpha and self.needs_paper(paper := on_paper(rgb, alpha)):
                rgb, alpha = paper, None
            contents.append(self.prepare(rgb, frame.size))
            alphas.append(alpha)
        results = self._finished(contents)
        for result, alpha in zip(results, alphas, strict=True):
            if alpha:
                result.putalpha(alpha)
        return results

    def paint(self, images: Sequence[Image.Image]) -> list[Image.Image]:
        """Stylize upright RGB images, all of them side by side; see stylize() for any other.

        Raises RuntimeError as paint_contents() does.
        """
        return self._finished([self.prepare(image) for image in images])

    def _finished(self, contents: Sequence[Content]) -> list[Image.Image]:
        paintings = self.paint_contents(contents)
        return [finished(*pair, self.dials) for pair in zip(contents, paintings, strict=True)]

    def enough(self, size: Size) -> Size:
        """Size to which a content image of that size may be reduced before it is prepared."""
        return enough(size, self.easel, self.dials)

    def needs_paper(self, image: Image.Image) -> bool:
        """Whether an RGB image on white paper is a line drawing, and the paper belongs to it."""
        asked = self.dials.treat_as
        return asked == "draft" or (asked == "auto" and bool(self.easel) and is_line_drawing(image))

    def prepare(
        self, image: Image.Image, size: Size | None = None, *, draft: bool | None = None
    ) -> Content:
        """An RGB content image, prepared for painting.

        size: of the content image, where `image` is a reduced copy, see enough(). draft: whether it
        is one, where that is known, as of the next frames of an animation.
        """
        whole = size or image.size
        return prepare(image, whole, self.easel, self.dials, palette=self._palette, draft=draft)

    def takes_for_draft(self, image: Image.Image) -> bool:
        """Whether an RGB content image is painted as a draft, not as a photo."""
        return bool(self.easel) and takes_for_draft(image, self.dials)

    def paint_contents(self, contents: Sequence[Content], memory: float = 1.0) -> list[Painting]:
        """Paintings of contents and of their faces; alike ones go through the network together.

        memory: share of the free memory that this call may use while others paint as well.
        Raises RuntimeError when even a small tile does not fit into memory.
        """
        if self.dials.strength == 0:  # finished() needs none
            return [Painting(content.source) for content in contents]
        faces = [face.content for content in contents for face in content.faces]
        canvases = iter(self._paint_groups([*contents, *faces], memory))
        whole = [next(canvases) for _ in contents]
        return [
            Painting(canvas, tuple(next(canvases) for _ in content.faces))
            for canvas, content in zip(whole, contents, strict=True)
        ]

    def _paint_groups(self, contents: Sequence[Content], memory: float) -> list[Image.Image]:
        """Canvases of the last level, in the order of the contents."""
        groups: dict[object, list[int]] = {}
        for index, content in enumerate(contents):
            groups.setdefault(content.alike, []).append(index)
        canvases: dict[int, Image.Image] = {}
        for group in groups.values():
            painted = self._paint_levels([contents[index] for index in group], memory)
            canvases |= dict(zip(group, painted, strict=True))
        return [canvases[index] for index in range(len(contents))]

    def _paint_levels(self, contents: Sequence[Content], memory: float) -> list[Image.Image]:
        """Canvases of the last level for contents that are alike, painted coarse to fine."""
        invention = contents[0].invention
        canvases = to_pixels([content.source for content in contents])
        for index, size in enumerate(contents[0].levels):
            if index:
                assert self.easel is not None
                canvases = abstract_pixels(canvases, size, self.easel.refined)
            seed = self.dials.seed * _MOST_LEVELS + index
            canvases = self.network(canvases, seed, invention, memory)
        return from_pixels(canvases)


def _generators(
    style: str | Path | CheckpointFile | StyleMix | Generator,
) -> list[tuple[Generator, float]]:
    """Generators of a style with their weights, which sum to 1."""
    if isinstance(style, Generator):
        return [(_copied(style), 1.0)]
    if isinstance(style, Path | CheckpointFile):
        return [(load_generator(style), 1.0)]
    mix = read_styles(style) if isinstance(style, str) else style
    return [(load_generator(file), weight) for file, weight in mix.parts]


def _copied(generator: Generator) -> Generator:
    """A copy for inference: what the caller has keeps its device, its precision and its mode."""
    return deepcopy(generator).requires_grad_(False).eval()
