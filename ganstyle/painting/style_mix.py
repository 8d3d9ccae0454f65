"""Styles that are named for painting, one or several that paint together; read without torch."""

import hashlib
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ganstyle.errors import CheckpointError
from ganstyle.styles import CheckpointFile, find_style, names_style, read_checkpoint

_NO_FILE_NAME = re.compile(r'[\x00-\x1f<>"/\\|?*]')
"""Characters that some systems do not allow in the names of files."""


@dataclass(frozen=True)
class StyleMix:
    """Checkpoints that paint together, each with its weight: the heaviest first, the sum 1."""

    parts: tuple[tuple[CheckpointFile, float], ...]

    @property
    def name(self) -> str:
        """Name of the style, or such as "hiroshige:0.6,oil:0.4"."""
        if len(self.parts) == 1:
            return self.parts[0][0].info.style
        return ",".join(f"{file.info.style}:{weight:.3g}" for file, weight in self.parts)

    @property
    def folder_name(self) -> str:
        """The name as all systems allow it for a folder: "hiroshige-0.6+oil-0.4"."""
        return _NO_FILE_NAME.sub("_", self.name.replace(":", "-").replace(",", "+"))

    @property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, of the checkpoint, or of all with their weights."""
        if len(self.parts) == 1:
            return self.parts[0][0].digest
        text = " ".join(f"{file.digest}:{weight:.6f}" for file, weight in self.parts)
        return hashlib.sha256(text.encode()).hexdigest()


def read_styles(text: str) -> StyleMix:
    """The style that find_style() finds, or several with weights: "hiroshige:0.6,oil:0.4".

    A style without a weight has that of 1 before all are brought to the sum of 1. What is the name
    of a style or a path that exists is that style, whatever characters it contains.
    Raises CheckpointError for what is neither, for weights that are not above 0, and for a style
    that is named twice.
    """
    named = [(text, 1.0)] if names_style(text) else list(_named(text))
    files = [(read_checkpoint(find_style(name)), weight) for name, weight in named]
    if len({file.digest for file, _ in files}) < len(files):
        raise CheckpointError(f"{text}: names a style twice; name it once, with the sum.")
    total = sum(weight for _, weight in files)
    parts = ((file, weight / total) for file, weight in files)
    return StyleMix(tuple(sorted(parts, key=lambda part: (-part[1], part[0].info.style))))


def _named(text: str) -> Iterator[tuple[str, float]]:
    """Names and weights out of a text, which need not exist."""
    pieces = text.split(",")
    while pieces:
        # A path may contain commas itself: the longest one that exists counts.
        counts = range(len(pieces), 0, -1)
        tries = (",".join(pieces[:count]) for count in counts)
        found = next((each for each in tries if names_style(_split(each)[0])), pieces[0])
        del pieces[: found.count(",") + 1]
        name, weight = _split(found)
        if not name.strip():
            raise CheckpointError(
                f"{text!r}: a name is missing; write such as hiroshige:0.6,oil:0.4."
            )
        if not 0 < weight < math.inf:
            raise CheckpointError(f"{found}: a weight must be a number above 0.")
        yield name.strip(), weight


def _split(text: str) -> tuple[str, float]:
    """Name and weight; all is the name if it names a style, or if what is behind the colon is no
    number, as in C:\\a.safetensors."""
    name, _, weight = text.rpartition(":")
    try:
        return (text, 1.0) if names_style(text) else (name, float(weight))
    except ValueError:
        return text, 1.0
