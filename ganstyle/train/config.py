"""What can be asked of a training, and what of it a run cannot change on its way."""

from dataclasses import dataclass, fields
from typing import Any

from ganstyle.config import MAX_ZOOM, check, check_ranges, declared, option
from ganstyle.errors import ConfigError

TASKS = {"unpaired": "photo", "paired": "picture", "sketch": "sketch", "draft": "draft"}
"""What a training is of, and what its generator redraws."""

TASK_DEFAULTS: dict[str, dict[str, Any]] = {
    "draft": {"crop": 256, "batch": 2, "style_size": 320, "content_weight": 2.0}
}
"""Defaults of a task that are not those of all others."""

_OTHER_PICTURES = "the style pictures in memory would be others"


DEFAULT_MINUTES = 30.0
"""Minutes of a new run that nobody has set a limit to."""


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """A training, limited by minutes or by images; by neither, as the run was begun."""

    task: str = option(
        "unpaired",
        "unpaired: photos and style pictures that have nothing to do with each other; paired: "
        "sources and targets; sketch: photos, whose sketches are the sources; draft: style "
        "pictures, whose drafts are the sources.",
        choices=tuple(TASKS),
        fixed="it is another game",
        flag=False,
    )
    minutes: float | None = option(None, "Train for so long, all in all.", above=0)
    images: int | None = option(None, "Train for so many generated crops.", min=1)
    preset: str = option(
        "auto",
        "Generator: fast, standard, large, deep, or auto: deep for pairs, sketches and drafts, "
        "else standard.",
        fixed="the weights have its shape",
    )
    crop: int = option(
        176,
        "Side of the training crops, px.",
        min=64,
        multiple_of=16,
        fixed="the schedule and the palette were measured on such crops",
    )
    batch: int = option(
        4,
        "Crops of each folder a step, of all processes; 0: what a GPU holds.",
        min=0,
        fixed="images are counted by it",
    )
    content_size: int = option(
        400,
        "Shorter side to which larger photos are reduced, px; the crop at least.",
        fixed="the photos in memory would be others",
    )
    style_size: int = option(
        576,
        "The same for style pictures, the crop at least; strokes are as broad as they are then.",
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
        1,
        "Median filter against grain in style pictures, px; 1 is none.",
        min=1,
        odd=True,
        fixed=_OTHER_PICTURES,
    )
    finest: float = option(
        2.5,
        "Least factor by which detail is left out before it is painted anew.",
        min=1,
        max=16,
        fixed="the weights draw on such abstractions",
    )
    coarsest: float = option(
        5.0,
        "Greatest factor of that kind; each step draws one between the two.",
        min=1,
        max=16,
        fixed="the weights draw on such abstractions",
    )
    brush: float = option(
        1.0,
        "Breadth of the strokes in a photo, relative to those in the style pictures, unless asked "
        "for another.",
        min=0.25,
        max=8,
    )
    abstraction: float | None = option(
        None,
        "The factor of photos that the trained style paints, unless asked for another; a quarter "
        "of the way from the finest to the coarsest by default.",
        min=1,
        max=16,
    )
    radius: int = option(
        2,
        "Radius of the filter that takes texture out of abstractions; 0: none.",
        min=0,
        max=8,
        fixed="the weights draw on such abstractions",
    )
    pair_weight: float = option(
        2.0,
        "How much abstractions of style pictures must become those pictures: weight of the "
        "distance between deep features.",
        min=0,
    )
    content_weight: float = option(
        0.6,
        "How much of the photo's structure is kept, or how much results of a draft are like "
        "paintings that it could be of: weight of the distance between deep features.",
        min=0,
    )
    color_weight: float = option(
        20.0, "How much of the colours is kept: weight of their distance in small areas.", min=0
    )
    color_cell: int = option(
        8,
        "Side of those areas, px; strokes smaller than that are free, 4 is for flat colours.",
        min=1,
        max=32,
    )
    tone: int = option(
        48,
        "Side of the areas, px, whose mean colour a result gets from the photo, in the style's "
        "palette; colours within them are the style's own. 0 for none.",
        min=0,
        max=1024,
    )
    keep_tone: float = option(
        1.0, "How far a result gets those colours, unless asked for more or less.", min=0, max=1
    )
    palette: float = option(
        0.5,
        "How far photos are brought to the style's palette; 0 keeps their colours.",
        min=0,
        max=1,
        fixed="it was measured at the start",
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
        if self.minutes is not None and self.images is not None:
            raise ConfigError("Give one of --minutes and --images: how long should it train?")
        check_ranges(self)
        for name in ("content_size", "style_size"):
            size = getattr(self, name)
            check(size >= self.crop, name, size, f"the crop's side ({self.crop}) or more")
        least = f"{self.finest:g} (finest) or more"
        check(self.coarsest >= self.finest, "coarsest", self.coarsest, least)

    @property
    def photo_factor(self) -> float:
        """Factor by which detail of photos is left out when the style is applied."""
        if self.abstraction is not None:
            return self.abstraction
        return self.finest + (self.coarsest - self.finest) / 4

    @property
    def is_paired(self) -> bool:
        """Whether each image to draw on comes with its target."""
        return self.task in ("paired", "sketch")


FIXED = {of.name: declared(of).fixed for of in fields(TrainConfig) if declared(of).fixed} | {
    "content": "the photos would be others",
    "style": "the style pictures would be others",
}
"""Options that a run cannot change on its way, each with the reason; all others it can."""
