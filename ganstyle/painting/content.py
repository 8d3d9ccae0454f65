"""Content images as the painter needs them: planned once, with all sizes, and passed down."""

from dataclasses import dataclass, replace

from PIL import Image
from torch import Tensor

from ganstyle.config import Dials
from ganstyle.images.resize import Size
from ganstyle.images.tensors import to_batch, to_images
from ganstyle.painting.faces import Box, faces_available, find_faces
from ganstyle.painting.levels import plan_levels
from ganstyle.sources.easel import Easel
from ganstyle.sources.kind import is_draft
from ganstyle.sources.line_drawing import color_in, is_line_drawing
from ganstyle.sources.photo import careful_draft
from ganstyle.sources.tones import ToneMap

LARGE_FACE = 0.45
"""Height of a face, as a share of the shorter side of its picture, from which the first level shows
it well enough."""

FACE_MARGIN = 2.0
"""Times the height of a face that the square around it has: hair, neck, some of what is behind."""

_SOFTER_FACE = 0.55
"""Times the photo's abstraction that a face gets: its square is a close-up already."""

_LEAST_FACE = 16
"""Side of the picture of a face, px of the decoded photo, below which there is nothing to paint."""

_MOST_ENLARGED, _MOST_ENLARGED_FACE, _MOST_ENLARGED_DRAFT = 2.0, 8.0, 10.0
"""Times that a small photo is enlarged for the first level at most; a small face, which a painter
would look at more closely; and a draft, in which nothing would look enlarged."""

_DETAILED = 4
"""Times the first level's side that a decoded photo should have: small faces need it."""


@dataclass(frozen=True)
class Content:
    """A content image, ready to be painted.

    size: of the stylized image. levels: sizes of its canvases, coarsest first. source: what the
    generator draws on at the first level. invention: amplitude of its random maps. faces: those
    that are painted as pictures of their own. original: the content image, where it is mixed in.
    """

    size: Size
    levels: tuple[Size, ...]
    source: Image.Image
    invention: float = 1.0
    faces: tuple["Face", ...] = ()
    original: Image.Image | None = None

    @property
    def canvas_size(self) -> Size:
        """Size of the last canvas."""
        return self.levels[-1]

    @property
    def alike(self) -> tuple[object, ...]:
        """What contents that are painted together have in common."""
        return self.levels, self.invention


@dataclass(frozen=True)
class Face:
    """A face that is a picture of its own. corner: left and top in the stylized image, px."""

    corner: tuple[int, int]
    content: Content


def enough(size: Size, easel: Easel | None, dials: Dials) -> Size:
    """Size to which a content image of that size may be reduced before it is prepared."""
    if easel is None or needs_original(dials):
        return size
    ratio = min(1.0, _DETAILED * easel.side / dials.brush / min(size))
    return round(size[0] * ratio), round(size[1] * ratio)


def needs_original(dials: Dials) -> bool:
    """Whether the content image is mixed in at the end."""
    return dials.strength < 1 or dials.keep_color


def prepare(image: Image.Image, size: Size, easel: Easel | None, dials: Dials) -> Content:
    """An RGB content image, prepared for painting.

    size: of the stylized image, px; what is given may be a reduced copy, see enough(). easel: the
    style's; None to draw on the image itself.
    """
    original = image if needs_original(dials) else None
    if easel is None:
        return Content(size, (size,), image, original=original)
    draft = dials.treat_as == "draft" or (dials.treat_as == "auto" and is_draft(image))
    content = _draft(image, size, easel, dials) if draft else _photo(image, size, easel, dials)
    return replace(content, original=original)


def _draft(image: Image.Image, size: Size, easel: Easel, dials: Dials) -> Content:
    levels = plan_levels(size, easel.side / dials.brush, _MOST_ENLARGED_DRAFT)
    if is_line_drawing(image):
        image = color_in(image, dials.seed)
    own = easel.draft_invention
    invention = own if dials.invention is None else dials.invention
    return Content(size, levels, _resized(image, levels[0]), invention)


def _photo(image: Image.Image, size: Size, easel: Easel, dials: Dials) -> Content:
    levels = plan_levels(size, easel.side / dials.brush, _MOST_ENLARGED)
    small = to_batch([_resized(image, levels[0])])
    tone_map = _tone_map(small, easel, dials)
    factor = easel.photo.factor if dials.abstraction is None else dials.abstraction
    draft = careful_draft(small, replace(easel.photo, factor=factor), tone_map)
    invention = easel.invention if dials.invention is None else dials.invention
    boxes = find_faces(image) if dials.faces and faces_available() else []
    closer = replace(easel.photo, factor=max(1.0, factor * _SOFTER_FACE))
    faces = []
    for box in boxes:
        if square := _square(box, image.size):
            part = image.crop(square)
            scale = size[0] / image.width
            target = _scaled(part.size, scale)
            own_levels = plan_levels(target, easel.side, _MOST_ENLARGED_FACE)
            large = to_batch([_resized(part, own_levels[0])])
            source = to_images(careful_draft(large, closer, tone_map))[0]
            content = Content(target, own_levels, source, invention)
            faces.append(Face(_scaled(square[:2], scale), content))
    return Content(size, levels, to_images(draft)[0], invention, tuple(faces))


def _tone_map(photo: Tensor, easel: Easel, dials: Dials) -> ToneMap | None:
    if easel.tones is None:
        return None
    keep = easel.keep_tone if dials.keep_tone is None else dials.keep_tone
    color = easel.palette if dials.palette is None else dials.palette
    return ToneMap.of(photo, easel.tones, light=1 - keep, color=color, share=easel.tone_share)


def _square(box: Box, size: Size) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom of the picture of a face in an image of that size, px; None where
    it is too small, or so large that the first level shows it."""
    left, top, width, height = box
    x, y, reach = left + width / 2, top + height / 2, FACE_MARGIN * height / 2
    corners = (
        max(0, round(x - reach)),
        max(0, round(y - reach)),
        min(size[0], round(x + reach)),
        min(size[1], round(y + reach)),
    )
    smallest = min(corners[2] - corners[0], corners[3] - corners[1])
    return corners if smallest >= _LEAST_FACE and height <= LARGE_FACE * min(size) else None


def _scaled(size: tuple[int, int], scale: float) -> tuple[int, int]:
    return round(size[0] * scale), round(size[1] * scale)


def _resized(image: Image.Image, size: Size) -> Image.Image:
    """Reduced by the mean of what a pixel covers, enlarged smoothly."""
    if image.size == size:
        return image
    reduces = size[0] < image.width or size[1] < image.height
    kind = Image.Resampling.BILINEAR if reduces else Image.Resampling.BICUBIC
    return image.resize(size, kind)
