"""Options of videos."""

from dataclasses import dataclass

from ganstyle.config import check_ranges, option


@dataclass(frozen=True, kw_only=True)
class VideoConfig:
    """How the frames of a video follow each other."""

    steady: float = option(
        0.5,
        "How firmly still parts of a video stay as they were painted: 0 paints every frame anew.",
        min=0,
        max=1,
        group="Look",
    )

    def __post_init__(self) -> None:
        check_ranges(self)


USUAL_VIDEO = VideoConfig()
