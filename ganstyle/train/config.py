"""What can be asked of a training, and what of it a run cannot change on its way."""

from dataclasses import dataclass, fields

from ganstyle.config import MAX_ZOOM, check, check_ranges, declared, option
from ganstyle.errors import ConfigError

TASKS = {"unpaired": "picture", "paired": "source"}
"""What a training is of, and what its generator redraws."""

AUTO, NONE = "auto", "none"
"""What --init may be besides a style: the default style where its weights fit, and nothing."""

_OTHER_PICTURES = "the style pictures in memory would be others"


DEFAULT_MINUTES = 30.0
"""Minutes of a new run that nobody has set a limit to."""


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """A training, limited by minutes or by images; by neither, as the run was begun."""

    task: str = option(
        "unpaired",
        "unpaired: style pictures, and photos that have nothing to do with them, if any; paired: "
        "sources and targets.",
        choices=tuple(TASKS),
        fixed="it is another game",
        flag=False,
    )
    minutes: float | None = option(None, "Train for so long, all in all.", above=0)
    images: int | None = option(None, "Train for so many generated crops.", min=1)
    preset: str = option(
        "auto",
        "Generator: fast, standard, large, or deep, which auto stands for.",
        fixed="the weights have its shape",
    )
    crop: int = option(
        256,
        "Side of the training crops, px.",
        min=64,
        multiple_of=16,
        fixed="the schedule was made for such crops",
    )
    batch: int = option(
        2,
        "Crops of each kind a step, of all processes; 0: what a GPU holds.",
        min=0,
        fixed="images are counted by it",
    )
    content_size: int = option(
        400,
        "Shorter side to which larger pairs are reduced, px; the crop at least.",
        fixed="the pairs in memory would be others",
    )
    style_size: int = option(
        320,
        "Shorter side to which style pictures are reduced, px; the crop at least. Strokes are as "
        "broad as they are then: 320 for paintings, 400 for books, 700 for engravings.",
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
        "Least factor by which detail is left out before a painting is refined.",
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
        "Breadth of the strokes in a picture, relative to those in the style pictures, unless "
        "asked for another.",
        min=0.25,
        max=8,
    )
    abstraction: float = option(
        4.5,
        "Size of the detail of a photo that is left out before it is painted, px of 512, unless "
        "asked for another.",
        min=1,
        max=16,
    )
    invention: float = option(
        1.0,
        "How freely the style invents on photos, from 0 to 1, unless asked for more or less.",
        min=0,
        max=1,
    )
    draft_invention: float = option(0.8, "The same on drafts.", min=0, max=1)
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
        2.0,
        "How much results of a draft are like paintings that it could be of: weight of the "
        "distance between deep features.",
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
    keep_tone: float = option(
        0.4,
        "How much of a photo's light and dark is kept, from the style's alone at 0, unless asked "
        "for more or less.",
        min=0,
        max=1,
    )
    palette: float = option(
        0.4,
        "How far photos are brought to the style's colours, unless asked for more or less; 0 "
        "keeps their own.",
        min=0,
        max=1,
    )
    tone_share: float = option(
        0.25,
        "Share of the style pictures, nearest in tone, whose light and colours a photo gets; 1: "
        "of all, for ink on paper.",
        min=0,
        max=1,
    )
    lr: float = option(5e-4, "Learning rate of the generator, after the warm-up.", above=0)
    muon_lr: float = option(
        0.01, "Learning rate of the generator's convolutions, by Muon.", above=0
    )
    discriminator_lr: float = option(2e-4, "Learning rate of the discriminators.", above=0)
    init: str = option(
        AUTO,
        "Style or checkpoint file to start from; auto: the default style where its weights fit; "
        "none: fresh weights.",
        fixed="the training has begun",
    )
    warmup: int = option(50, "Steps until the full rate.", min=0)
    pilot: bool = option(True, "Let the pilot keep the game balanced.")
    patience: int = option(0, "End after so many scorings without a better one; 0: never.", min=0)
    hold_out: int = option(
        8,
        "Style pictures kept out of training for previews and scores, a fifth at most; and photos "
        "shown in them.",
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
        name = "content_size" if self.is_paired else "style_size"
        size = getattr(self, name)
        check(size >= self.crop, name, size, f"the crop's side ({self.crop}) or more")
        least = f"{self.finest:g} (finest) or more"
        check(self.coarsest >= self.finest, "coarsest", self.coarsest, least)

    @property
    def refining_factor(self) -> float:
        """Factor by which detail of a painting is left out when the style refines it."""
        return self.finest + (self.coarsest - self.finest) / 4

    @property
    def is_paired(self) -> bool:
        """Whether each image to draw on comes with its target."""
        return self.task == "paired"


FIXED = {
    field.name: declared(field).fixed for field in fields(TrainConfig) if declared(field).fixed
} | {
    "content": "the photos would be others",
    "style": "the style pictures would be others",
}
"""Options that a run cannot change on its way, each with the reason; all others it can."""
