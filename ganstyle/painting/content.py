"""Content images prepared for the painter: planned once, with all sizes, and passed down."""

from dataclasses import dataclass, replace

from PIL import Image
from torch import Tensor

from ganstyle.config import ABSTRACTIONS, Dials
from ganstyle.images.resize import Size, sized
from ganstyle.images.tensors import (
    from_pixels,
    resized_pixels,
    scaled,
    to_images,
    to_pixels,
)
from ganstyle.painting.face_areas import find_face_areas
from ganstyle.painting.faces import Box
from ganstyle.painting.levels import plan_levels
from ganstyle.painting.palette import Palette
from ganstyle.sources.coloring import color_in
from ganstyle.sources.easel import Easel
from ganstyle.sources.kind import is_draft
from ganstyle.sources.line_drawing import is_line_drawing
from ganstyle.sources.looks import Settings, brush_of
from ganstyle.sources.photo import careful_draft
from ganstyle.sources.tones import ToneMap

_FACE_FACTOR, _FACE_BRUSH = 0.55, 0.75
"""Size of the detail left out of a face, relative to the rest of the photo, and breadth of the
strokes in it, relative to those in the style pictures: broader ones cut up eyes and mouths."""

_MOST_ENLARGED, _MOST_ENLARGED_FACE, _MOST_ENLARGED_DRAFT = 2.0, 8.0, 10.0
"""Largest enlargement for the first level of a small photo; of a small face, which a painter would
look at more closely; and of a draft, in which nothing looks enlarged."""

_DETAILED = 4
"""Shorter side of a decoded photo, in sides of the first level: small faces need the detail."""


@dataclass(frozen=True)
class Content:
    """A content image, ready to be painted.

    size: of the stylized image; nothing but this decides it. levels: sizes of its canvases,
    coarsest first. source: what the generator draws on at the first level, in its size. invention:
    amplitude of its random maps. faces: those that are painted as pictures of their own. original:
    the content image in the size of the stylized one, where it is mixed in.
    """

    size: Size
    levels: tuple[Size, ...]
    source: Image.Image
    invention: float = 1.0
    faces: tuple["Face", ...] = ()
    original: Image.Image | None = None

    def __post_init__(self) -> None:
        assert self.source.size == self.levels[0]
        assert self.original is None or self.original.size == self.size

    @property
    def canvas_size(self) -> Size:
        """Size of the last canvas."""
        return self.levels[-1]

    @property
    def alike(self) -> tuple[object, ...]:
        """Sizes and invention, which contents that are painted together share."""
        return self.levels, self.invention


@dataclass(frozen=True)
class Face:
    """A face that is painted by itself with some of what is around it.

    corner: left and top of this picture in the stylized image, px. box: of the face in the picture,
    px.
    """

    corner: tuple[int, int]
    box: Box
    content: Content


def enough(size: Size, easel: Easel | None, dials: Dials) -> Size:
    """Size to which a content image of that size may be reduced before it is prepared."""
    if easel is None or needs_original(dials):
        return size
    # However broad the brush is, faces are painted with a fine one.
    side = max(easel.side, easel.photo_side / brush_of(dials))
    ratio = min(1.0, _DETAILED * side / min(size))
    return round(size[0] * ratio), round(size[1] * ratio)


def needs_original(dials: Dials) -> bool:
    """Whether the content image is mixed in at the end."""
    return dials.strength < 1 or dials.keep_color


def takes_for_draft(image: Image.Image, dials: Dials) -> bool:
    """Whether an RGB content image is painted as a draft: as asked, or by the image itself."""
    return dials.treat_as == "draft" or (dials.treat_as == "auto" and is_draft(image))


def prepare(
    image: Image.Image,
    size: Size,
    easel: Easel | None,
    dials: Dials,
    *,
    palette: Palette | None = None,
    draft: bool | None = None,
) -> Content:
    """An RGB content image, prepared for painting.

    image: may be a reduced copy, see enough(). size: of the stylized image, px. easel: the style's;
    None to use the image itself as the source. palette: of the picture that dials.palette names.
    draft: whether it is one, where that is known.
    """
    original = sized(image, size) if needs_original(dials) else None
    if easel is None:
        return Content(size, (size,), sized(image, size), original=original)
    make = _draft if (takes_for_draft(image, dials) if draft is None else draft) else _photo
    return replace(make(image, size, as_asked(easel, dials, palette), dials), original=original)


def as_asked(easel: Easel, dials: Dials, palette: Palette | None = None) -> Easel:
    """The easel with the settings that look and dials ask for, and with the tones of a palette."""
    own = Settings(
        invention=easel.invention,
        draft_invention=easel.draft_invention,
        abstraction=easel.photo.factor,
        keep_tone=easel.keep_tone,
        palette=easel.palette,
    )
    asked = own.asked(dials)
    return replace(
        easel,
        photo=replace(easel.photo, factor=asked.abstraction),
        invention=asked.invention,
        draft_invention=asked.draft_invention,
        keep_tone=asked.keep_tone,
        palette=asked.palette,
        tones=palette.for_medium(easel.tones) if palette else easel.tones,
    )


def _draft(image: Image.Image, size: Size, easel: Easel, dials: Dials) -> Content:
    levels = plan_levels(size, easel.side / brush_of(dials), _MOST_ENLARGED_DRAFT)
    gray = easel.tones.gray if easel.tones else 0.0
    if gray < 1 and is_line_drawing(image):
        image = color_in(image, dials.seed)
    if gray:
        image = Image.blend(image, image.convert("L").convert("RGB"), gray)
    reduced = resized_pixels(to_pixels([image]), levels[0])
    [source] = from_pixels(reduced)
    if easel.tones and easel.tones.whole:  # a style's own tones are no draft's business
        keep_tone = 1.0 if dials.keep_tone is None else dials.keep_tone
        tone_map = _tone_map(reduced, replace(easel, keep_tone=keep_tone))
        source = to_images(tone_map(scaled(reduced)))[0] if tone_map else source
    return Content(size, levels, source, easel.draft_invention)


def _photo(image: Image.Image, size: Size, easel: Easel, dials: Dials) -> Content:
    side = easel.photo_side / brush_of(dials)
    levels = plan_levels(size, side, _MOST_ENLARGED, easel.finest_side)
    pixels = to_pixels([image])
    small = resized_pixels(pixels, levels[0])
    tone_map = _tone_map(small, easel)
    [source] = from_pixels(careful_draft(small, easel.photo, tone_map))
    closer = replace(easel.photo, factor=max(ABSTRACTIONS[0], easel.photo.factor * _FACE_FACTOR))
    faces = []
    scale = size[0] / image.width
    for area in find_face_areas(pixels) if dials.faces else ():
        left, top, right, bottom = area.square
        face_size = _scaled(area.size, scale)
        face_levels = plan_levels(face_size, easel.side / _FACE_BRUSH, _MOST_ENLARGED_FACE)
        part = pixels[:, top:bottom, left:right].contiguous()
        close_up = resized_pixels(part, face_levels[0])
        [face_source] = from_pixels(careful_draft(close_up, closer, tone_map))
        content = Content(face_size, face_levels, face_source, easel.invention)
        x, y, width, height = area.box
        box = (x - left) * scale, (y - top) * scale, width * scale, height * scale
        faces.append(Face(_scaled((left, top), scale), box, content))
    return Content(size, levels, source, easel.invention, tuple(faces))


def _tone_map(photo: Tensor, easel: Easel) -> ToneMap | None:
    """The map of a photo, uint8 (1, H, W, 3), to the tones of a style."""
    if easel.tones is None:
        return None
    light, color, share = 1 - easel.keep_tone, easel.palette, easel.tone_share
    return ToneMap.of(scaled(photo), easel.tones, light=light, color=color, share=share)


def _scaled(size: tuple[int, int], scale: float) -> tuple[int, int]:
    return round(size[0] * scale), round(size[1] * scale)
