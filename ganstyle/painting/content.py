"""Content images prepared for the painter: planned once, with all sizes, and passed down."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from PIL import Image
from torch import Tensor

from ganstyle.config import Dials
from ganstyle.images.resize import Size, resized, sized
from ganstyle.images.tensors import to_batch, to_images, to_tensor
from ganstyle.painting.animals import find_animal_faces
from ganstyle.painting.faces import Box, faces_available, find_faces, shared_area
from ganstyle.painting.levels import plan_levels
from ganstyle.painting.masks import soft_ellipse
from ganstyle.painting.palette import Palette
from ganstyle.sources.abstraction import FACTORS, Abstraction
from ganstyle.sources.coloring import color_in
from ganstyle.sources.easel import Easel
from ganstyle.sources.kind import is_draft
from ganstyle.sources.line_drawing import is_line_drawing
from ganstyle.sources.looks import Settings, brush_of
from ganstyle.sources.photo import careful_draft
from ganstyle.sources.tones import ToneMap

LARGE_FACE = 0.45
"""Least height of a face, as a share of the shorter side of its image, that the first level shows
well enough at a brush of 1."""

_LARGE_ANIMAL = 0.3
"""The same of an animal's: closer up, a bird's smooth background would be invented upon."""

FACE_MARGIN = 2.0
"""Side of the square around a face, in heights of the face: hair, neck and some background."""

_FACE_FACTOR = 0.55
"""Size of the detail left out of a face, relative to the rest of the photo."""

_LEAST_FACE = 16
"""Least side of the square around a face that is painted by itself, px of the decoded photo."""

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
    """A face that is painted by itself. corner: left and top in the stylized image, px."""

    corner: tuple[int, int]
    content: Content


def enough(size: Size, easel: Easel | None, dials: Dials) -> Size:
    """Size to which a content image of that size may be reduced before it is prepared."""
    if easel is None or needs_original(dials):
        return size
    # Faces are painted as the style pictures are, however broad the brush is.
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
    source = resized(image, levels[0])
    if easel.tones and easel.tones.whole:  # a style's own tones are no draft's business
        small, keep_tone = to_batch([source]), 1.0 if dials.keep_tone is None else dials.keep_tone
        tone_map = _tone_map(small, replace(easel, keep_tone=keep_tone))
        source = to_images(tone_map(small))[0] if tone_map else source
    return Content(size, levels, source, easel.draft_invention)


def _photo(image: Image.Image, size: Size, easel: Easel, dials: Dials) -> Content:
    brush = brush_of(dials)
    large, small_faces = _faces(image, brush) if dials.faces else ([], [])
    # A large face needs the finer brush of the style pictures, or it loses its eyes.
    side = (easel.side if large else easel.photo_side) / brush
    levels = plan_levels(size, side, _MOST_ENLARGED, easel.finest_side)
    small = to_batch([resized(image, levels[0])])
    tone_map = _tone_map(small, easel)
    draft = careful_draft(small, easel.photo, tone_map)
    if large:
        mask = _faces_mask(large, image.size, levels[0])
        closer = _closer(easel.photo, max(1.0, brush))
        draft = torch.lerp(draft, careful_draft(small, closer, tone_map), mask)
    faces = []
    scale = size[0] / image.width
    for square in (_square(box, image.size) for box in small_faces):
        if min(square[2] - square[0], square[3] - square[1]) < _LEAST_FACE:
            continue
        part = image.crop(square)
        target = _scaled(part.size, scale)
        face_levels = plan_levels(target, easel.side, _MOST_ENLARGED_FACE)
        close_up = to_batch([resized(part, face_levels[0])])
        source = to_images(careful_draft(close_up, _closer(easel.photo), tone_map))[0]
        face = Content(target, face_levels, source, easel.invention)
        faces.append(Face(_scaled(square[:2], scale), face))
    return Content(size, levels, to_images(draft)[0], easel.invention, tuple(faces))


def _faces(image: Image.Image, brush: float) -> tuple[list[Box], list[Box]]:
    """Boxes of the faces of people and animals in an image, px: large ones, and small ones.

    brush: breadth of the strokes of large faces, relative to those in the style pictures.
    """
    people = find_faces(image) if faces_available() else []
    animals = find_animal_faces(image)
    animals = [box for box in animals if not any(shared_area(box, face) for face in people)]
    shares = [(box, LARGE_FACE) for box in people] + [(box, _LARGE_ANIMAL) for box in animals]
    large = [box for box, share in shares if box[3] > brush * share * min(image.size)]
    return large, [box for box in people + animals if box not in large]


def _closer(photo: Abstraction, brush: float = 1.0) -> Abstraction:
    """What is left out of a face that is painted with that brush."""
    return replace(photo, factor=min(FACTORS[1], max(1.0, photo.factor * _FACE_FACTOR * brush)))


def _tone_map(photo: Tensor, easel: Easel) -> ToneMap | None:
    if easel.tones is None:
        return None
    light, color, share = 1 - easel.keep_tone, easel.palette, easel.tone_share
    return ToneMap.of(photo, easel.tones, light=light, color=color, share=share)


def _square(box: Box, size: Size) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the square around a face in an image of that size, px."""
    left, top, width, height = box
    x, y, reach = left + width / 2, top + height / 2, FACE_MARGIN * height / 2
    return (
        max(0, round(x - reach)),
        max(0, round(y - reach)),
        min(size[0], round(x + reach)),
        min(size[1], round(y + reach)),
    )


def _faces_mask(boxes: Sequence[Box], size: Size, reduced: Size) -> Tensor:
    """Mask of faces in an image of that size, reduced: (h, w), 1 within them."""
    scale = reduced[0] / size[0]
    masks = []
    for left, top, width, height in boxes:
        ellipse = (left * scale, top * scale, (left + width) * scale, (top + height) * scale)
        masks.append(to_tensor(soft_ellipse(reduced, ellipse, 0.1 * height * scale)))
    return torch.stack(masks).amax(0) / 255


def _scaled(size: tuple[int, int], scale: float) -> tuple[int, int]:
    return round(size[0] * scale), round(size[1] * scale)
