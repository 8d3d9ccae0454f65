"""Options of a training, and which of them a run that has begun cannot change."""

from dataclasses import dataclass, fields
from functools import partial

from ganstyle.config import ABSTRACTIONS, BRUSHES, MAX_ZOOM, check, check_ranges, declared, option
from ganstyle.errors import ConfigError

TASKS = {"unpaired": "picture", "paired": "source"}
"""Kinds of training, and what the style of each paints."""

AUTO, NONE = "auto", "none"
"""Values of --init besides a style: the default style if its weights fit, and fresh weights."""

_OTHER_PICTURES = "a resumed run must see the same style pictures"
_OTHER_REFINING = "the weights have learnt to refine such abstractions"

_budget, _data, _look, _losses, _advanced = (
    partial(option, group=name) for name in ("Budget", "Data", "Look", "Losses", "Advanced")
)

DEFAULT_MINUTES = 30.0
"""Minutes of a new run without a budget."""


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """A training with a budget in minutes or in images; with neither, that of the run so far."""

    task: str = option(
        "unpaired",
        "unpaired: style pictures alone, with or without photos for previews; paired: sources and "
        "their targets.",
        choices=tuple(TASKS),
        fixed="the networks have learnt the other task",
        flag=False,
    )

    minutes: float | None = _budget(None, "Minutes of training in total.", above=0)
    images: int | None = _budget(None, "Generated crops in total, instead of minutes.", min=1)
    patience: int = _budget(
        0, "End after this many scorings without an improvement; 0: never.", min=0
    )

    style_size: int = _data(
        320,
        "Shorter side to which style pictures are reduced, px, at least that of the crop. It sets "
        "the scale of the strokes: 320 for paintings, 400 for picture books, 700 for engravings.",
        fixed=_OTHER_PICTURES,
    )
    style_zoom: float = _data(
        1.0,
        "Factor by which style pictures are enlarged and sharpened, for broader strokes.",
        min=1,
        max=MAX_ZOOM,
        fixed=_OTHER_PICTURES,
    )
    style_smooth: int = _data(
        1,
        "Side of a median filter that removes paper grain from style pictures, px; 1: none.",
        min=1,
        odd=True,
        fixed=_OTHER_PICTURES,
    )
    content_size: int = _data(
        400,
        "Shorter side to which pairs are reduced, px, at least that of the crop.",
        fixed="a resumed run must see the same pairs",
    )
    hold_out: int = _data(
        8,
        "Number of style pictures kept out of training for previews and scores, a fifth of them at "
        "most, and of photos shown.",
        min=0,
        fixed="training pictures would be scored",
    )
    memory_gib: float = _data(
        4.0,
        "Memory for decoded pictures, GiB. Pictures of larger folders take turns in it.",
        above=0,
    )
    name: str = _data("", "Name of the style. Default: the name of the run.")
    title: str = _data("", "Description of the style in a few words.")
    licence: str = _data("", "Licence of the style pictures.")
    attribution: str = _data("", "Makers and origin of the style pictures.")

    brush: float = _look(
        1.33,
        "Breadth of the strokes in a photo, relative to those in the style pictures: what 1 stands "
        "for in `stylize --brush`.",
        min=BRUSHES[0],
        max=BRUSHES[1],
    )
    abstraction: float = _look(
        4.5,
        "Default of `stylize --abstraction`: size of the detail that is taken out of a photo "
        "before painting, in px of a photo of 512 px.",
        min=ABSTRACTIONS[0],
        max=ABSTRACTIONS[1],
    )
    invention: float = _look(
        1.0, "Default of `stylize --invention` for photos, from 0 to 1.", min=0, max=1
    )
    draft_invention: float = _look(
        0.8, "Default of `stylize --invention` for drafts, from 0 to 1.", min=0, max=1
    )
    keep_tone: float = _look(
        0.4,
        "Default of `stylize --keep-tone`: how much of a photo's light and dark is kept, from 0 "
        "(the style's alone) to 1.",
        min=0,
        max=1,
    )
    palette: float = _look(
        0.4,
        "Default of `stylize --palette`: how far a photo's colours are brought to the style's, "
        "from 0 to 1.",
        min=0,
        max=1,
    )
    tone_share: float = _look(
        0.25,
        "Share of the style pictures, those nearest in tone, whose light and colours a photo gets; "
        "1 for ink on paper.",
        min=0,
        max=1,
    )
    init: str = _look(
        AUTO,
        "Weights to start from: a style or checkpoint file, auto (the default style, if its "
        "weights fit) or none (fresh weights).",
        fixed="the training has started from it",
    )

    content_weight: float = _losses(
        2.0,
        "Weight of the energy score of deep features: how closely results resemble paintings that "
        "the draft could be of.",
        min=0,
    )
    pair_weight: float = _losses(
        2.0,
        "Weight of the distance between deep features: how closely refined pictures match the "
        "originals, or results their targets in pairs.",
        min=0,
    )
    color_weight: float = _losses(
        20.0, "Weight of the distance between colours of small areas.", min=0
    )
    color_cell: int = _losses(
        8,
        "Side of these areas, px: smaller strokes may have any colour. 4 for flat colours.",
        min=1,
        max=32,
    )

    preset: str = _advanced(
        "auto",
        "Shape of the generator: fast, standard, large, deep, or auto, which is deep.",
        fixed="the weights have its shape",
    )
    crop: int = _advanced(
        256,
        "Side of the training crops, px.",
        min=64,
        multiple_of=16,
        fixed="the networks have learnt from such crops",
    )
    batch: int = _advanced(
        2,
        "Crops of each kind per step, of all processes together; 0: as many as fit into the GPU's "
        "memory.",
        min=0,
        fixed="images are counted in batches",
    )
    lr: float = _advanced(5e-4, "Learning rate of the generator after the warm-up.", above=0)
    muon_lr: float = _advanced(
        0.01, "Learning rate of the generator's convolutions, which Muon optimizes.", above=0
    )
    discriminator_lr: float = _advanced(2e-4, "Learning rate of the discriminators.", above=0)
    warmup: int = _advanced(50, "Steps until learning rates reach their full value.", min=0)
    finest: float = _advanced(
        2.5,
        "Least factor by which pictures are reduced for refining; each step takes one at random.",
        min=1,
        max=16,
        fixed=_OTHER_REFINING,
    )
    coarsest: float = _advanced(
        5.0,
        "Greatest factor by which pictures are reduced for refining.",
        min=1,
        max=16,
        fixed=_OTHER_REFINING,
    )
    radius: int = _advanced(
        2,
        "Radius of the filter that removes texture from these pictures, px; 0: none.",
        min=0,
        max=8,
        fixed=_OTHER_REFINING,
    )
    pilot: bool = _advanced(True, "Keep the discriminators near the balance.")
    seed: int = _advanced(0, "Random seed.", fixed="all random numbers follow from it")

    def __post_init__(self) -> None:
        if self.minutes is not None and self.images is not None:
            raise ConfigError("Give only one of --minutes and --images.")
        check_ranges(self)
        name = "content_size" if self.is_paired else "style_size"
        size = getattr(self, name)
        check(size >= self.crop, name, size, f"the crop's side ({self.crop}) or more")
        least = f"{self.finest:g} (finest) or more"
        check(self.coarsest >= self.finest, "coarsest", self.coarsest, least)

    @property
    def refining_factor(self) -> float:
        """Factor by which a painting is reduced before the style refines it."""
        return self.finest + (self.coarsest - self.finest) / 4

    @property
    def is_paired(self) -> bool:
        """Whether each source comes with its target."""
        return self.task == "paired"


FIXED = {
    field.name: declared(field).fixed for field in fields(TrainConfig) if declared(field).fixed
} | {
    "content": "a resumed run must show the same photos",
    "style": _OTHER_PICTURES,
}
"""Options that a run cannot change once it has begun, each with the reason."""
