"""What can be asked of a training, and what of it a run cannot change on its way."""

from dataclasses import dataclass, fields

from ganstyle.config import MARGIN, MAX_SIMPLIFY, MAX_ZOOM, check, check_ranges, declared, option
from ganstyle.errors import ConfigError

TASKS = {"unpaired": "photo", "paired": "picture", "sketch": "sketch"}
"""What a training is of, and what its generator redraws."""

_OTHER_PICTURES = "the style pictures in memory would be others"


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """A training. Exactly one of minutes and images limits it."""

    task: str = option(
        "unpaired",
        "unpaired: photos and style pictures that have nothing to do with each other; paired: "
        "sources and targets; sketch: photos, whose sketches are the sources.",
        choices=tuple(TASKS),
        fixed="it is another game",
        flag=False,
    )
    minutes: float | None = option(None, "Train for so long, all in all.", above=0)
    images: int | None = option(None, "Train for so many generated crops.", min=1)
    preset: str = option(
        "auto",
        "Generator: fast, standard, large, deep, or auto: deep for pairs and sketches, else "
        "standard.",
        fixed="the weights have its shape",
    )
    simplify: int = option(
        0,
        "Radius of the filter that leaves out fine detail, px; 0: none.",
        min=0,
        max=MAX_SIMPLIFY,
        fixed="the weights draw on such photos",
    )
    crop: int = option(
        160,
        "Side of the training crops, px.",
        min=64,
        multiple_of=32,
        fixed="the schedule and the palette were measured on such crops",
    )
    batch: int = option(
        6,
        "Crops of each folder a step, of all processes; 0: what a GPU holds.",
        min=0,
        fixed="images are counted by it",
    )
    content_size: int = option(
        400,
        f"Shorter side to which larger photos are reduced, px; the crop and {2 * MARGIN} at least.",
        fixed="the photos in memory would be others",
    )
    style_size: int = option(
        480,
        "The same for style pictures, the crop at least; larger makes strokes larger.",
        fixed=_OTHER_PICTURES,
    )
    style_zoom: float = option(
        1.0,
        "Enlarge and sharpen style pictures by so much, for broader strokes.",
        min=1,
        max=MAX_ZOOM,
        fixed=_OTHER_PICTURES,
    )
    style_smooth: int = option(
        3,
        "Median filter against grain in style pictures, px; 1 is none.",
        min=1,
        odd=True,
        fixed=_OTHER_PICTURES,
    )
    detail: float = option(
        1.0,
        "How much of the photo's structure is kept; 1 is usual. Multiplies --content-weight.",
        above=0,
    )
    texture: float = option(
        1.0,
        "How strong fine grain may be where the photo is flat; 1 is usual. Divides --flat-weight.",
        above=0,
    )
    style_weight: float = option(
        20.0,
        "How much palette and texture must match the style's: weight of the distance between "
        "Gram matrices.",
        min=0,
    )
    content_weight: float = option(
        0.5,
        "How much of the photo's structure is kept: weight of the distance between deep features.",
        min=0,
    )
    color_weight: float = option(
        20.0,
        "How much of the photo's colour is kept: weight of the distance between colours, in the "
        "style's palette and averaged over 8x8 px.",
        min=0,
    )
    palette: float = option(
        1.0,
        "How far to the style's palette; 0 keeps the photo's colours.",
        min=0,
        max=1,
        fixed="it was measured at the start",
    )
    flat_weight: float = option(
        1.0,
        "How clean flat areas are kept: weight of the variation where the photo is flat.",
        min=0,
    )
    lr: float = option(5e-4, "Learning rate of the generator, after the warm-up.", above=0)
    muon_lr: float = option(
        0.01, "Learning rate of the generator's convolutions, by Muon.", above=0
    )
    discriminator_lr: float = option(2e-4, "Learning rate of the discriminators.", above=0)
    init: str = option(
        "", "Style or checkpoint file to start from.", fixed="the training has begun"
    )
    warmup: int = option(50, "Steps until the full rate.", min=0)
    pilot: bool = option(True, "Let the pilot keep the game balanced.")
    patience: int = option(0, "End after so many scorings without a better one; 0: never.", min=0)
    hold_out: int = option(
        8,
        "Pictures of each folder kept for previews and scores; a fifth at most.",
        min=0,
        fixed="pictures trained on would be scored",
    )
    memory_gib: float = option(
        4.0, "Memory for decoded pictures, GiB; larger folders are swapped part by part.", above=0
    )
    seed: int = option(0, "Seed of all chance.", fixed="chance has been drawn from it")
    name: str = option("", "Name of the style; the run's when empty.")
    title: str = option("", "The style in a few words.")
    licence: str = option("", "Licence of the training pictures.")
    attribution: str = option("", "Makers and origin of the pictures.")

    def __post_init__(self) -> None:
        if (self.minutes is None) == (self.images is None):
            raise ConfigError("Give one of --minutes and --images: how long should it train?")
        check_ranges(self)
        wide = self.crop + 2 * MARGIN
        size = self.content_size
        check(size >= wide, "content_size", size, f"{wide} or more (crop and surroundings)")
        size = self.style_size
        check(size >= self.crop, "style_size", size, f"the crop's side ({self.crop}) or more")


FIXED = {of.name: declared(of).fixed for of in fields(TrainConfig) if declared(of).fixed} | {
    "content": "the photos would be others",
    "style": "the style pictures would be others",
}
"""Options that a run cannot change on its way, each with the reason; all others it can."""
