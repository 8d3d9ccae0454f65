"""Flicker of painted videos, or of folders of painted frames."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from ganstyle.errors import DataError, MissingReaderError, counted
from ganstyle.files import find_images, is_file, is_folder
from ganstyle.images.tensors import read_image
from ganstyle.metrics.flicker import Flicker, flicker
from ganstyle.videos.motion import MOTION_REMEDY, motion_measurable
from ganstyle.videos.read import VideoFile


@dataclass(frozen=True)
class FrameSequence:
    """Frames of a video, or the pictures of a folder in the order of their numbers.

    Raises ImageError for a file that is no video, DataError for a folder without pictures.
    """

    path: Path
    count: int
    _source: VideoFile | list[Path]

    @classmethod
    def of(cls, path: Path) -> "FrameSequence":
        """The frames at a path."""
        if is_folder(path):
            pictures = sorted(find_images(path), key=_by_numbers)
            return cls(path, len(pictures), pictures)
        if not is_file(path):
            raise DataError(f"{path}: no such file or folder.")
        video = VideoFile(path)
        return cls(path, sum(1 for _ in video.frames()), video)

    def __iter__(self) -> Iterator[Image.Image]:
        if isinstance(self._source, VideoFile):
            size = self._source.size
            return (self._source.image(each.frame, size) for each in self._source.frames())
        return map(read_image, self._source)


def evaluate_sequence(
    original: Path, results: Sequence[Path], on_frame: Callable[[], None] = lambda: None
) -> dict[str, Flicker]:
    """Flicker of the original and of each result, by its path; on_frame: told of every frame.

    Raises ImageError and DataError for what cannot be read, is too short, or does not have as many
    frames as the original; MissingReaderError without OpenCV.
    """
    if not motion_measurable():
        message = f"motion cannot be measured for want of a package: {MOTION_REMEDY}"
        raise MissingReaderError(message, MOTION_REMEDY)
    first, *others = (FrameSequence.of(path) for path in (original, *results))
    if first.count < 2:
        raise DataError(f"{original}: {counted(first.count, 'frame')}; flicker takes two or more.")
    for other in others:
        if other.count != first.count:
            raise DataError(
                f"{other.path}: {counted(other.count, 'frame')}, but {original} has {first.count}; "
                "flicker is measured between videos with a frame for each frame."
            )

    def told() -> Iterator[Image.Image]:
        for frame in first:
            yield frame
            on_frame()

    found = flicker(told(), others)
    return dict(zip(map(str, (original, *results)), found, strict=True))


def _by_numbers(path: Path) -> list[tuple[int, str]]:
    """Key by which frame 10 comes after frame 9."""
    return [(int(text or 0), rest) for text, rest in re.findall(r"(\d*)(\D*)", str(path))]
