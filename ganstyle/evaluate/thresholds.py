"""Requirements on scores, for a pipeline that should stop when they do not hold: "kid<20"."""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ganstyle.errors import ConfigError

NAMES = (
    "taken_for_photos",
    "taken_for_photos_close",
    "kid",
    "kid_low",
    "kid_high",
    "kid_far",
    "frechet",
    "swd",
    "style_progress",
    "content",
    "content_far",
    "edges",
    "kept_faces",
    "pattern",
    "merit",
    "fooled",
    "accuracy",
    "pictures",
)
"""Scores that can be required."""

_SIGNS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_PATTERN = re.compile(r"\s*(\w+)\s*(<=|>=|<|>)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*")


@dataclass(frozen=True)
class Requirement:
    """A bound of a score."""

    name: str
    sign: str
    bound: float

    def __str__(self) -> str:
        return f"{self.name}{self.sign}{self.bound:g}"

    def miss(self, scores: Mapping[str, float | None]) -> str | None:
        """Description of a miss, or None. An unknown score is a miss."""
        found = scores.get(self.name)
        if found is None:
            return f"{self} is required, but {self.name} is unknown with so few pictures"
        if _SIGNS[self.sign](found, self.bound):
            return None
        return f"{self} is required, but {self.name} is {found:.4g}"


def parse_requirement(text: str) -> Requirement:
    """The requirement in "name<number", with <, <=, > or >=.

    Raises ConfigError, naming the known scores, for anything else.
    """
    known = ", ".join(NAMES)
    parts = _PATTERN.fullmatch(text)
    if not parts:
        raise ConfigError(
            f"--require {text!r}: not a requirement; write a score, one of <, <=, >, >=, and a "
            f"number, such as 'kid<20'. Scores are {known}."
        )
    name, sign, bound = parts.groups()
    if name not in NAMES:
        raise ConfigError(f"--require {text!r}: {name} is not a score; known are {known}.")
    return Requirement(name, sign, float(bound))
