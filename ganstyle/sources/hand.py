"""Hands that make drafts of paintings: careful ones, as in painting by numbers, and quick ones.

Photos become careful drafts before they are painted. A quick draft is one that somebody draws with
a mouse in a minute. A generator that has learnt from both paints from either.
"""

from dataclasses import dataclass

import torch

_CAREFUL = 0.6
"""Share of careful hands."""

_INKED = 0.15, 0.4
"""Share of careful hands, and of quick ones, that draw lines over their areas."""


@dataclass(frozen=True)
class Hand:
    """Style of one draft. Pixels are those of a sheet of 320 px on its shorter side."""

    cell: float
    """Side of the cells, px: smaller detail is left out."""
    colors: int
    """Number of colours on the palette."""
    least: float
    """Smallest area, as a share of the image."""
    spared: float
    """Share of smaller areas that are kept nevertheless: a house, a sail."""
    straight: float
    """Share of straight borders; the others are rounded."""
    simple: float
    """Share of areas that become triangles, ellipses or bands."""
    wobble: float
    """Standard deviation of the borders from the outlines, px."""
    overlap: float
    """Pixels by which an area extends over its neighbours; at 0 paper shows between them."""
    saturation: float
    """Factor on the saturation of the painting's colours."""
    gamma: float
    """Exponent of the colours, below 1: it makes them lighter."""
    off: float
    """Deviation of each colour from the one that was meant, in [0, 1]."""
    pen: float
    """Breadth of ink lines along the areas, px; 0 for none."""
    contours: bool
    """Whether the contours of the painting are drawn in ink."""
    smooth: bool
    """Whether edges are antialiased, or jagged as in simple programs."""


def random_hand(rng: torch.Generator) -> Hand:
    """Random hand, careful or quick."""
    if float(torch.rand((), generator=rng)) < _CAREFUL:
        return careful_hand(rng)
    return quick_hand(rng)


def careful_hand(rng: torch.Generator) -> Hand:
    """Hand that paints by numbers: small rounded areas, many colours, all nearly right."""
    chance = torch.rand(12, generator=rng).tolist()
    cell = 2 * 3.5 ** chance[0]  # 2 to 7
    inked = chance[9] < _INKED[0]
    contours = inked and chance[10] < 0.7
    return Hand(
        cell=cell,
        colors=8 + int(32 * chance[1]),
        least=0.0002 * 20 ** chance[2],  # 0.02 to 0.4 %
        spared=0.3 * chance[3],
        straight=0.15 * chance[4],
        simple=0.0,
        wobble=0.1 + 0.5 * chance[5],
        overlap=0.5 * cell,
        saturation=0.9 * 1.25 ** chance[6],
        gamma=0.9 * 1.2 ** chance[7],
        off=0.005 + 0.02 * chance[8] ** 2,
        pen=1 + chance[11] if inked and not contours else 0.0,
        contours=contours,
        smooth=True,
    )


def quick_hand(rng: torch.Generator) -> Hand:
    """Hand with a minute to spare: large rounded, straight or simple areas, few colours."""
    chance = torch.rand(15, generator=rng).tolist()
    kind, care = chance[:2]
    inked = kind < _INKED[1]
    contours = inked and care < 0.5
    outlined = inked and not 0.1 < care < 0.5
    cell = 5 * 4 ** chance[2]  # 5 to 20
    return Hand(
        cell=cell,
        colors=3 + int(8 * chance[3]),
        least=0.002 * 20 ** chance[4],  # 0.2 to 4 %
        spared=0.3 * chance[5],
        straight=min(1.0, max(0.0, 2 * chance[6] - 0.4)),
        simple=max(0.0, chance[7] - 0.5),
        wobble=0.2 + 1.4 * chance[8],
        overlap=0.0 if chance[9] < 0.08 else (0.15 if outlined else 0.5) * cell,
        saturation=0.9 * 2.4 ** chance[10],  # a palette is brighter than a painting, and lighter
        gamma=0.5 ** (1.2 * chance[11] - 0.2),
        off=0.01 + 0.07 * chance[12] ** 2,
        pen=1.5 + 3.5 * chance[13] ** 2 if outlined else 0.0,
        contours=contours,
        smooth=chance[14] < 0.8,
    )
