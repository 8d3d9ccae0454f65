"""Trained generators measured for 8 bits: ranges of their features, and the cost of rounding."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from ganstyle.config import Dials
from ganstyle.errors import DeviceError
from ganstyle.models.generator import Generator
from ganstyle.models.int8_kernel import int8_problem
from ganstyle.painting.painter import Painter
from ganstyle.runtime import INT8

NEAR = 4
"""Largest difference, in 1/255, of a value that counts as near."""

CALIBRATION_SIDE = 512
"""Shorter side of the photos by which ranges are measured, px."""

_MOST_MEAN = 3.5
"""Mean difference from float32, in 1/255, below which a style computes in 8 bits.
In most styles it is 1 and less. In thick paint, where edges of strokes shift by a part of a pixel,
it reaches 3, and still nobody can tell the paintings apart side by side at twice their size."""

_DIALS = Dials(treat_as="photo", faces=False)


@dataclass(frozen=True)
class Difference:
    """Difference of paintings from those in float32. mean: in 1/255. near: per cent of values
    within NEAR."""

    mean: float
    near: float

    @property
    def is_hidden(self) -> bool:
        """Whether it is too small to be seen."""
        return self.mean < _MOST_MEAN


def measured_for_int8(
    generator: Generator, calibration: Sequence[Image.Image], checks: Sequence[Image.Image]
) -> tuple[Generator, Difference]:
    """A copy of a generator, in float32 on the CPU, and its difference in 8 bits from the original.

    The RGB photos of calibration give the ranges; the photos of checks give the difference. Where
    that is hidden, the copy has the ranges, and int8 in its config. Raises DeviceError where CPU or
    torch cannot compute in 8 bits.
    """
    if problem := int8_problem():
        raise DeviceError(f"{problem}.")
    measured, plain = (_copy(generator, int8=int8) for int8 in (True, False))
    exact = exact_painter(plain)
    assert measured.ranges is not None
    # The painter has a copy of plain, whose inputs are looked at.
    measured.ranges.measure(
        exact.generator, lambda: [exact.paint([photo]) for photo in calibration]
    )
    rounding = Painter(measured, _DIALS, device="cpu", precision=INT8)
    found = compare(exact, rounding, checks)
    return measured if found.is_hidden else plain, found


def _copy(generator: Generator, *, int8: bool) -> Generator:
    copy = Generator(replace(generator.config, int8=int8)).requires_grad_(False).eval()
    copy.load_state_dict(generator.state_dict(), strict=False)  # with ranges, or without
    return copy


def exact_painter(generator: Generator) -> Painter:
    """A painter in float32 on the CPU."""
    return Painter(generator, _DIALS, device="cpu", precision="float32")


def compare(exact: Painter, rounding: Painter, photos: Sequence[Image.Image]) -> Difference:
    """Difference of two painters' paintings of RGB photos."""
    count = total = near = 0
    for photo in photos:
        wanted, found = (
            np.asarray(painter.paint([photo])[0], np.int16) for painter in (exact, rounding)
        )
        apart = np.abs(wanted - found)
        count += apart.size
        total += int(apart.sum())
        near += int((apart <= NEAR).sum())
    return Difference(total / count, 100 * near / count)
