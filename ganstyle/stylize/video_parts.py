"""What is painted of a video that is not finished, in a hidden folder beside the result."""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from PIL import Image

from ganstyle.files import atomic_path, remove_leftovers
from ganstyle.videos.write import PART_SUFFIX

PART_FRAMES = 48
"""Frames of a part: an interruption costs so many at most."""

_KEY = "made-from.json"


class VideoParts:
    """Parts of a video, each of PART_FRAMES frames but for the last.

    target: the result. key: what the parts are made from, and how; those of another key do not
    count. done: frames that lie in parts already.
    """

    def __init__(self, target: Path, key: Sequence[object]) -> None:
        self.folder = target.with_name(f".{target.name}.ganstyle-parts")
        self._key = json.dumps(key)
        self.done = 0
        while self._holds_key() and self.path(self.done).is_file():
            self.done += PART_FRAMES
        if self.done and not self._last(self.done).is_file():
            self.done = 0  # somebody has removed it

    def prepare(self) -> None:
        """Make the folder, without what does not count."""
        if not self._holds_key():
            self.remove()
            self.folder.mkdir(parents=True)
            with atomic_path(self.folder / _KEY) as temporary:
                temporary.write_text(self._key, encoding="utf-8")
        remove_leftovers(self.folder)

    def path(self, start: int) -> Path:
        """File of the part whose first frame has that index."""
        return self.folder / f"{start:08d}{PART_SUFFIX}"

    def paths(self, count: int) -> list[Path]:
        """Files of all parts of a video of that many frames."""
        return [self.path(start) for start in range(0, count, PART_FRAMES)]

    @contextmanager
    def adding(self, start: int) -> Iterator[Path]:
        """Yield a temporary path for a part, which counts when the block ends well.

        Within it, keep() takes the last frame.
        """
        with atomic_path(self.path(start)) as temporary:
            yield temporary
        self._last(start).unlink(missing_ok=True)
        self.done = start + PART_FRAMES

    def keep(self, start: int, image: Image.Image) -> None:
        """Keep the last painted frame of a part without loss: the next one begins from it."""
        with atomic_path(self._last(start + PART_FRAMES)) as temporary:
            image.save(temporary, compress_level=1)

    def last(self) -> Image.Image | None:
        """The last painted frame of all parts that are done."""
        if not self.done:
            return None
        with Image.open(self._last(self.done), formats=["PNG"]) as image:
            return image.convert("RGB")

    def remove(self) -> None:
        """Remove the folder with all parts."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _last(self, done: int) -> Path:
        return self.folder / f"last-{done:08d}.png"

    def _holds_key(self) -> bool:
        with suppress(OSError):
            return (self.folder / _KEY).read_text(encoding="utf-8") == self._key
        return False
