"""What can be asked of an operation, with defaults and ranges, each written once."""

from dataclasses import dataclass

from ganstyle.errors import ConfigError

DEFAULT_STYLE = "hiroshige"
"""Style that `stylize` uses when none is named."""

FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "tiff": "TIFF"}
"""Formats that can be asked for, with Pillow's names."""

MARGIN = 16
"""Pixels of real surroundings that training crops of photos get on each side, redrawn with them
but not judged; a multiple of every stride in use."""

ENOUGH_CROPS = 1600
"""Crops of a set that its pictures share: more would add time, not certainty."""

MAX_ZOOM = 4
"""Times: enlarged further, a crop of a style picture has next to nothing in it."""

ZOOMS = f"from 1 to {MAX_ZOOM}"

MAX_SIMPLIFY = 16
"""Pixels: beyond that nothing but blots is left of a photo."""

SMALLEST_TILE = 64
"""Side in pixels below which a tile is nearly all halo."""


@dataclass(frozen=True, kw_only=True)
class Dials:
    """Where between photo and style a result lies."""

    strength: float = 1.0
    """0 is the photo to the bit, 1 the style."""
    keep_color: bool = False
    """Take the photo's chroma and only the luminance of the style."""
    scale: float = 1.0
    """Size at which the network sees the photo, relative to its own: strokes keep their size in
    the network's pixels, so they are larger in the result when this is below 1."""

    def __post_init__(self) -> None:
        check(0 <= self.strength <= 1, "strength", self.strength, "from 0 to 1")
        check(0 < self.scale <= 8, "scale", self.scale, "more than 0, 8 at most")


@dataclass(frozen=True, kw_only=True)
class OutputConfig:
    """How results are written."""

    format: str = "keep"
    """keep the input's format, or one of FORMATS."""
    quality: int = 95
    """Quality of JPEG and WebP, 1 to 100."""
    suffix: str = ""
    """Put between name and ending."""
    max_size: int | None = None
    """Longer side in pixels to which larger pictures are reduced."""
    strip: bool = False
    """Leave out the photo's EXIF and XMP."""
    provenance: bool = True
    """Say in the metadata which style and version made the picture."""

    def __post_init__(self) -> None:
        known = ", ".join(("keep", *FORMATS))
        check(self.format == "keep" or self.format in FORMATS, "format", self.format, known)
        check(1 <= self.quality <= 100, "quality", self.quality, "from 1 to 100")
        separators = "/" in self.suffix or "\\" in self.suffix
        check(not separators, "suffix", self.suffix, "a part of a file name")
        check(self.max_size is None or self.max_size >= 1, "max_size", self.max_size, "1 or more")


@dataclass(frozen=True, kw_only=True)
class EvaluateConfig:
    """How pictures are made comparable before they are scored."""

    size: int = 480
    """Shorter side in pixels to which every picture, on both sides, is brought."""
    style_zoom: float = 1.0
    """Factor by which style pictures are enlarged after that, and sharpened, as in training:
    results are compared with strokes of the breadth that was asked for."""
    crop: int = 192
    """Side in pixels of the crops that stand for pictures."""
    grid: int = 4
    """Crops along each side of a picture, evenly spread, overlapping where they must."""
    crops: int = 0
    """Crops scored of each picture, at places that vary; 0: all in small sets, fewer in large."""

    def crops_of(self, pictures: int) -> int:
        """Crops of each picture of a set of that many."""
        return min(self.grid**2, self.crops or max(1, ENOUGH_CROPS // max(1, pictures)))

    def __post_init__(self) -> None:
        for name, least in (("crop", 32), ("crops", 0), ("grid", 1)):
            found = getattr(self, name)
            check(found >= least, name, found, f"{least} or more")
        check(self.size >= self.crop, "size", self.size, f"the crop's side ({self.crop}) or more")
        check(1 <= self.style_zoom <= MAX_ZOOM, "style_zoom", self.style_zoom, ZOOMS)


def parse_size(text: str) -> tuple[int, int]:
    """Width and height of "WIDTHxHEIGHT", px. Raises ConfigError for anything else."""
    width, _, height = text.lower().partition("x")
    numbers = width.isdecimal() and height.isdecimal()
    check(numbers and int(width) * int(height) > 0, "raw", text, "WIDTHxHEIGHT, say 1280x720")
    return int(width), int(height)


def parse_tile(text: str) -> int | None:
    """Side of tiles, px: None for "auto", 0 for "off". Raises ConfigError for anything else."""
    if text == "auto":
        return None
    good = text == "off" or (text.isdecimal() and int(text) >= SMALLEST_TILE)
    check(good, "tile", text, f"auto, off, or a side of {SMALLEST_TILE} px or more")
    return 0 if text == "off" else int(text)


def check(holds: bool, name: str, found: object, expected: str) -> None:
    """Raise ConfigError, saying what was found and what is expected, unless that holds."""
    if not holds:
        raise ConfigError(f"{name} is {found}; it must be {expected}.")
