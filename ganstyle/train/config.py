"""What can be asked of a training, and what of it a run cannot change on its way."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from ganstyle.config import MARGIN, MAX_SIMPLIFY, MAX_ZOOM, ZOOMS, check
from ganstyle.errors import ConfigError

TASKS = {"unpaired": "photo", "paired": "picture", "sketch": "sketch"}
"""What a training is of, and what its generator redraws."""


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """A training. Exactly one of minutes and images limits it."""

    task: str = "unpaired"
    """unpaired: photos and style pictures that have nothing to do with each other; paired: sources
    and targets; sketch: photos, whose sketches are the sources."""

    minutes: float | None = None
    """Wall-clock budget in minutes that the whole schedule is fitted to."""
    images: int | None = None
    """Generated crops after which training ends."""
    preset: str = "auto"
    """Name of the generator's shape in models.generator.PRESETS; auto is deep for paired tasks,
    else standard."""
    simplify: int = 0
    """Radius in pixels of the filter that takes fine detail out of photos before the generator
    draws on them, as painters do; 0 for none."""
    crop: int = 160
    """Side of the square training crops in pixels, a multiple of 32."""
    batch: int = 6
    """Crops of each folder a step, shared by all processes; 0 for as many as fit into the memory of
    the GPU, and the default on a CPU."""
    content_size: int = 400
    """Shorter side in pixels to which larger photos are reduced."""
    style_size: int = 480
    """Shorter side in pixels to which larger style pictures are reduced: sets the stroke size."""
    style_zoom: float = 1.0
    """Factor by which style pictures are enlarged after that, and sharpened: broader strokes and
    wider flat areas than they have pixels for."""
    style_smooth: int = 3
    """Side in pixels of the median filter that takes paper grain and scanner noise out of the
    style pictures; 1 leaves them as they are."""
    detail: float = 1.0
    """How much of the photo's structure is kept: multiplies content_weight."""
    texture: float = 1.0
    """How strong fine grain may be where the photo is flat: divides flat_weight."""
    style_weight: float = 20.0
    """Weight of the distance between running Gram matrices of results and style pictures."""
    content_weight: float = 0.5
    """Weight of the distance between the deep features of photo and result."""
    color_weight: float = 20.0
    """Weight of the distance between the colours of the result and those of the photo in the
    style's palette, averaged over 8x8 px."""
    palette: float = 1.0
    """How far colours are moved to the style's palette, 0 to 1; 0 keeps the photo's own."""
    flat_weight: float = 1.0
    """Weight of the variation inside areas where the photo is flat."""
    lr: float = 5e-4
    """Learning rate of the generator after the warm-up."""
    muon_lr: float = 0.01
    """Learning rate of the generator's convolutions, by Muon."""
    discriminator_lr: float = 2e-4
    """Learning rate of the discriminators after the warm-up."""
    init: str = ""
    """Checkpoint whose generator training starts from; a fresh one when empty."""
    warmup: int = 50
    """Steps over which the learning rate rises to lr."""
    pilot: bool = True
    """Whether the pilot may change what the discriminators see and how fast they learn."""
    patience: int = 0
    """Scorings without a better one after which training ends early; 0 for never."""
    hold_out: int = 8
    """Pictures of each folder kept out of training, for previews and scores; a fifth at most."""
    memory_gib: float = 4.0
    """Decoded pictures kept in memory, GiB; of larger folders a part, swapped as training goes."""
    seed: int = 0
    """Seed of the crops and of the networks' first weights."""
    name: str = ""
    """Name of the style; that of the run folder when empty."""
    title: str = ""
    """The style in a few words, for `ganstyle styles`."""
    licence: str = ""
    """Licence of the training pictures."""
    attribution: str = ""
    """Who made the training pictures and where they come from."""

    def __post_init__(self) -> None:
        if (self.minutes is None) == (self.images is None):
            raise ConfigError("Give one of --minutes and --images: how long should it train?")
        check(self.task in TASKS, "task", self.task, " or ".join(TASKS))
        check(self.minutes is None or self.minutes > 0, "minutes", self.minutes, "more than 0")
        check(self.images is None or self.images >= 1, "images", self.images, "1 or more")
        check(
            self.crop >= 64 and self.crop % 32 == 0, "crop", self.crop, "a multiple of 32 from 64"
        )
        check(0 <= self.simplify <= MAX_SIMPLIFY, "simplify", self.simplify, f"0 to {MAX_SIMPLIFY}")
        wide = self.crop + 2 * MARGIN
        size = self.content_size
        check(size >= wide, "content_size", size, f"{wide} or more (crop and surroundings)")
        size = self.style_size
        check(size >= self.crop, "style_size", size, f"the crop's side ({self.crop}) or more")
        smooth = self.style_smooth
        check(smooth >= 1 and smooth % 2 == 1, "style_smooth", smooth, "odd and 1 or more")
        check(0 <= self.palette <= 1, "palette", self.palette, "from 0 to 1")
        check(1 <= self.style_zoom <= MAX_ZOOM, "style_zoom", self.style_zoom, ZOOMS)
        for name in (
            "batch",
            "style_weight",
            "content_weight",
            "color_weight",
            "flat_weight",
            "warmup",
            "patience",
            "hold_out",
        ):
            check(getattr(self, name) >= 0, name, getattr(self, name), "0 or more")
        for name in ("detail", "texture", "lr", "muon_lr", "discriminator_lr", "memory_gib"):
            check(getattr(self, name) > 0, name, getattr(self, name), "more than 0")


FIXED = {
    "task": "it is another game",
    "preset": "the weights have its shape",
    "simplify": "the weights draw on such photos",
    "crop": "the schedule and the palette were measured on such crops",
    "batch": "images are counted by it",
    "content_size": "the photos in memory would be others",
    "style_size": "the style pictures in memory would be others",
    "style_smooth": "the style pictures in memory would be others",
    "style_zoom": "the style pictures in memory would be others",
    "palette": "it was measured at the start",
    "hold_out": "pictures trained on would be scored",
    "init": "the training has begun",
    "seed": "chance has been drawn from it",
    "content": "the photos would be others",
    "style": "the style pictures would be others",
}
"""Options that a run cannot change on its way, each with the reason; all others it can."""


def read_train_options(path: Path) -> dict[str, object]:
    """Fields of TrainConfig that a TOML file sets.

    Raises ConfigError, naming the file, for what is no TOML, an unknown key, and a wrong type.
    """
    try:
        options = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read as TOML ({error}).") from error
    known = {field.name: field.default for field in fields(TrainConfig)}
    for key, value in options.items():
        if key not in known:
            raise ConfigError(f"{path}: {key} is no option; known are {', '.join(known)}.")
        wanted = {"minutes": float, "images": int}.get(key, type(known[key]))
        accepted = int | float if wanted is float else wanted
        if not isinstance(value, accepted) or isinstance(value, bool) != (wanted is bool):
            raise ConfigError(f"{path}: {key} is {value!r}; it must be of type {wanted.__name__}.")
    return options
