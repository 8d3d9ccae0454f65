"""Options of all operations: the default, help and range of each, written once."""

from dataclasses import Field, dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ganstyle.errors import ConfigError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")

DEFAULT_STYLE = "impressionist"
"""Style that `stylize` uses when none is named."""

FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "tiff": "TIFF"}
"""Formats that can be chosen, with Pillow's names."""

_FORMAT_ALIASES = {"jpeg": "jpg", "tif": "tiff"}
"""Other names of the formats."""

ENOUGH_CROPS = 1600
"""Crops of a set that its pictures share: more would add time, not certainty."""

MAX_ZOOM = 4
"""Times: enlarged further, a crop of a style picture has next to nothing in it."""

SMALLEST_TILE = 64
"""Side in pixels below which a tile is nearly all halo."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """Declaration of an option: its help, the values it takes, and whether a run may change it.

    min, max: least and greatest number; above: what a number must exceed; choices: all values;
    fixed: why a training that has begun cannot change it, empty where it can; flag: whether the
    command line has a flag of this name; spelled: the flag, where it is not the name; short: a flag
    of one letter; metavar: what stands for it; group: heading in the help; or_picture: or a Path.
    """

    help: str
    min: float | None = None
    max: float | None = None
    above: float | None = None
    multiple_of: int = 0
    odd: bool = False
    choices: tuple[str, ...] = ()
    fixed: str = ""
    flag: bool = True
    spelled: str = ""
    short: str = ""
    metavar: str | None = None
    group: str = ""
    or_picture: bool = False

    @property
    def range(self) -> str:
        """The values in words that can follow "it must be"; empty if all are allowed."""
        if self.choices:
            return f"{', '.join(self.choices[:-1])} or {self.choices[-1]}"
        if self.multiple_of:
            return f"a multiple of {self.multiple_of} from {self.min}"
        if self.above is not None:
            return f"more than {self.above}" + (f", {self.max} at most" if self.max else "")
        if self.max is not None:
            return f"from {self.min} to {self.max}" + ", or a picture" * self.or_picture
        return "" if self.min is None else f"{'odd and ' * self.odd}{self.min} or more"

    def allows(self, value: Any) -> bool:
        """Whether the option allows a value; NaN is never in range, the path of a picture is."""
        if self.or_picture and isinstance(value, Path):
            return True
        return (
            (not self.choices or value in self.choices)
            and (self.min is None or value >= self.min)
            and (self.max is None or value <= self.max)
            and (self.above is None or value > self.above)
            and not (self.multiple_of and value % self.multiple_of)
            and not (self.odd and value % 2 == 0)
        )


def option(default: T, help: str, **rules: Any) -> T:  # noqa: A002, the word of Option
    """Field of a config with that default, and with an Option of that help and those rules."""
    declaration: T = field(default=default, metadata={"option": Option(help=help, **rules)})
    return declaration


def declared(entry: Field[Any]) -> Option:
    """Option that a field of a config was declared with."""
    found: Option = entry.metadata["option"]
    return found


def check_ranges(config: "DataclassInstance") -> None:
    """Raise ConfigError for the first option out of its range; None is always in range."""
    for each in fields(config):
        value, rules = getattr(config, each.name), declared(each)
        name = rules.spelled.removeprefix("--") or each.name
        check(value is None or rules.allows(value), name, value, rules.range)


def check(holds: bool, name: str, found: object, expected: str) -> None:
    """Raise ConfigError with what was found and what is expected, unless the check holds."""
    if not holds:
        raise ConfigError(f"{name} is {found}; it must be {expected}.")


BRUSHES, ABSTRACTIONS = (0.25, 8), (1, 16)
"""Ranges of the breadth of the strokes, and of the detail that is taken out, px."""

CLASSIC = "classic"
LOOKS = ("subtle", CLASSIC, "bold")
"""Presets of the dials; the classic one leaves them as the style has them."""

_dial, _output, _measure = (
    partial(option, group=name) for name in ("Look", "Input and output", "Measurement")
)


@dataclass(frozen=True, kw_only=True)
class Dials:
    """How a picture is painted, between photo and style."""

    look: str = _dial(
        CLASSIC,
        "Preset of brush, invention, abstraction, keep-tone and palette (see `ganstyle styles`); "
        "each of them overrides it.",
        choices=LOOKS,
    )
    strength: float = _dial(
        1.0,
        "Mix of photo and painting: 0 is the photo, unchanged, and 1 the painting.",
        min=0,
        max=1,
    )
    brush: float | None = _dial(
        None,
        "Breadth of the strokes, relative to the style's own; large and small pictures get the "
        "same painting. Default: that of the look, 1 in the classic one.",
        min=BRUSHES[0],
        max=BRUSHES[1],
    )
    invention: float | None = _dial(
        None,
        "How freely the style invents strokes, leaves and clouds, from 0 to 1. "
        "Default: the style's own value.",
        min=0,
        max=1,
    )
    abstraction: float | None = _dial(
        None,
        "Size of the detail that is taken out of a photo before painting, in px of a photo of "
        "512 px. Default: the style's own value.",
        min=ABSTRACTIONS[0],
        max=ABSTRACTIONS[1],
    )
    keep_tone: float | None = _dial(
        None,
        "How much of the photo's light and dark is kept, from 0 (the style's alone) to 1. "
        "Default: the style's own value.",
        min=0,
        max=1,
    )
    palette: float | str | Path | None = _dial(  # noqa: RUF009, option() makes a field
        None,
        "How far the photo's colours are brought to the style's, from 0 to 1; or a picture, whose "
        "colours it gets in place of the style's. Default: the style's own value.",
        min=0,
        max=1,
        or_picture=True,
        metavar="FLOAT|PICTURE",
    )
    keep_color: bool = _dial(False, "Keep the photo's colours: only light and dark are painted.")
    treat_as: str = _dial(
        "auto",
        "Paint every picture as a photo, or as a draft. A draft is painted as it is; a photo "
        "loses detail and takes on the style's tones first. Default: decided for each picture.",
        choices=("auto", "photo", "draft"),
        spelled="--as",
    )
    faces: bool = _dial(True, "Paint faces as pictures of their own, so that they stay faces.")
    seed: int = _dial(
        0, "Random seed: another one gives other strokes and another grain.", min=0, max=2**24
    )

    def __post_init__(self) -> None:
        if isinstance(self.palette, str):
            object.__setattr__(self, "palette", _number_or_path(self.palette))
        check_ranges(self)


def _number_or_path(text: str) -> float | Path:
    try:
        return float(text)
    except ValueError:
        return Path(text)


@dataclass(frozen=True, kw_only=True)
class OutputConfig:
    """How results are written."""

    format: str = _output(
        "keep",
        f"Format of the results: {', '.join(FORMATS)}, or keep the input's (JPEG for HEIC).",
        choices=("keep", *FORMATS),
    )
    quality: int = _output(95, "Quality of JPEG, WebP, AVIF and videos.", min=1, max=100)
    suffix: str = _output("", "Text added to the file names, before the extension.")
    max_size: int | None = _output(None, "Longest side of the results, px.", min=1)
    strip: bool = _output(False, "Leave out EXIF and XMP metadata.")
    provenance: bool = _output(True, "Record style and version in the metadata.")

    def __post_init__(self) -> None:
        known = self.format.lower().removeprefix(".")
        object.__setattr__(self, "format", _FORMAT_ALIASES.get(known, known))
        check_ranges(self)
        separators = "/" in self.suffix or "\\" in self.suffix
        check(not separators, "suffix", self.suffix, "a part of a file name")


@dataclass(frozen=True, kw_only=True)
class EvaluateConfig:
    """How pictures are made comparable before they are scored."""

    size: int = _measure(480, "Shorter side to which all pictures are brought, px.")
    style_zoom: float = _measure(
        1.0,
        "Factor by which style pictures are enlarged and sharpened, as in training.",
        min=1,
        max=MAX_ZOOM,
    )
    crop: int = _measure(192, "Side of the crops that are scored, px; size at most.", min=32)
    grid: int = _measure(4, "Crops along each side of a picture, evenly spread.", min=1)
    crops: int = _measure(
        0, "Crops per picture; 0: all, or fewer in sets of more than 100 pictures.", min=0
    )

    def crops_of(self, pictures: int) -> int:
        """Crops of each picture of a set of that many."""
        return min(self.grid**2, self.crops or max(1, ENOUGH_CROPS // max(1, pictures)))

    def __post_init__(self) -> None:
        check_ranges(self)
        check(self.size >= self.crop, "size", self.size, f"the crop's side ({self.crop}) or more")
