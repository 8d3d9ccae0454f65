"""Random maps that depend on the place in the image alone, so that tiles equal the whole.

A counter-based generator (Salmon et al. 2011) without state: each value is a hash of its row, its
column, the seed and the number of the map.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import torch
from torch import Tensor

T = TypeVar("T")

_MASK = 0xFFFFFFFF
_ROW, _COLUMN, _MAP = 0x2545F491, 0x1F123BB5, 0x3C6EF372  # odd or large: neighbours differ at once


@dataclass(frozen=True)
class TileCoordinates:
    """Rows and columns that the pixels of a batch of tiles have in their images.

    They give a tile the same random maps and heights as the whole. Rows and columns are counted
    from 0; the height of a row goes from -1 at the image's upper edge to 1 at its lower one.
    """

    rows: Tensor
    """(B or 1, H)"""
    columns: Tensor
    """(B or 1, W)"""
    heights: Tensor
    """(B or 1, H), float64"""
    seed: int = 0
    """Seed of the random maps."""
    amplitude: float = 1.0
    """Factor of the random maps, 1 as in training."""
    _cache: dict[object, object] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def of_box(
        cls,
        box: tuple[int, int, int, int],
        image_height: int,
        device: torch.device | str = "cpu",
        seed: int = 0,
        amplitude: float = 1.0,
    ) -> "TileCoordinates":
        """Coordinates of a box in an image: left, top, right and bottom, px.

        Right and bottom do not belong to it; it may reach beyond the image there.
        """
        left, top, right, bottom = box
        rows = torch.arange(top, bottom, device=device)[None]
        columns = torch.arange(left, right, device=device)[None]
        return cls(rows, columns, row_heights(rows, image_height), seed, amplitude)

    def at_stride(self, stride: int) -> "TileCoordinates":
        """Coordinates of maps that have one pixel for stride x stride of these."""
        return self.cached(stride, lambda: self._at_stride(stride))

    def _at_stride(self, stride: int) -> "TileCoordinates":
        blocks = self.heights.view(len(self.heights), -1, stride)  # (B or 1, H/stride, stride)
        return TileCoordinates(
            self.rows[:, ::stride] // stride,
            self.columns[:, ::stride] // stride,
            blocks.mean(2),
            self.seed,
            self.amplitude,
        )

    def cached(self, name: object, make: Callable[[], T]) -> T:
        """The value that make() returned when it was first asked for by that name."""
        if name not in self._cache:
            self._cache[name] = make()  # two threads may both do so, and make the same
        return self._cache[name]  # type: ignore[return-value]


def row_heights(rows: Tensor, image_height: int) -> Tensor:
    """Heights of rows in an image, from -1 at its upper edge to 1 at its lower; float64."""
    return (rows.double() + 0.5) / image_height * 2 - 1


def random_map(at: TileCoordinates, number: int) -> Tensor:
    """White noise of mean 0, uniform, of deviation `amplitude`: (B or 1, 1, H, W).

    A pixel has the same value in every tile and on every device; another number or seed gives
    another map.
    """
    return at.cached(
        ("white", number),
        lambda: _hashed(at, number, at.rows, at.columns),
    )


def coarse_map(at: TileCoordinates, number: int, cell: int) -> Tensor:
    """The same noise, varying over cells of that many pixels: (B or 1, 1, H, W).

    Cubic B-splines enlarge white noise on a lattice; their weights are scaled so that the variance
    is the same everywhere.
    """
    return at.cached(("coarse", number, cell), lambda: _coarse_map(at, number, cell))


def _coarse_map(at: TileCoordinates, number: int, cell: int) -> Tensor:
    weights = _spline(cell).to(at.rows.device)  # (cell, 4)
    first_row, rows = _knots(at.rows, cell)
    first_column, columns = _knots(at.columns, cell)
    lattice = _hashed(at, number, rows, columns)
    tall = _enlarged(lattice.mT, at.rows // cell - first_row, weights[at.rows % cell]).mT
    return _enlarged(tall, at.columns // cell - first_column, weights[at.columns % cell])


def _knots(pixels: Tensor, cell: int) -> tuple[Tensor, Tensor]:
    """First knot of the lattice behind a run of pixels, (B, 1), and all of them, (B, K)."""
    first = pixels[:, :1] // cell
    count = (pixels.shape[1] + 2 * cell - 2) // cell + 3
    return first, first + torch.arange(count, device=pixels.device)


def _hashed(at: TileCoordinates, number: int, rows: Tensor, columns: Tensor) -> Tensor:
    start = (at.seed * _MAP + number) & _MASK
    row = _mixed((rows.long() * _ROW + start) & _MASK)  # (B, H)
    mixed = _mixed((row[:, :, None] + columns.long()[:, None] * _COLUMN) & _MASK)  # (B, H, W)
    uniform = (mixed >> 8).float() * 2.0**-24  # [0, 1), exact in float32
    return uniform.sub_(0.5).mul_(12**0.5 * at.amplitude)[:, None]


def _enlarged(lattice: Tensor, knots: Tensor, weights: Tensor) -> Tensor:
    """Weighted sums of four knots along the last axis: (B, 1, N, K) to (B, 1, N, W).

    knots: (B, W), the first of the four. weights: (B, W, 4). The additions have a fixed order, so
    that a sum has the same bits in every tile.
    """
    total = None
    for tap in range(4):
        index = (knots + tap)[:, None, None].expand(-1, 1, lattice.shape[2], -1)
        part = lattice.gather(3, index) * weights[:, None, None, :, tap]
        total = part if total is None else total + part
    assert total is not None
    return total


def _spline(cell: int) -> Tensor:
    """Weights of four knots at each of `cell` points between two of them; squares sum to 1."""
    t = (torch.arange(cell, dtype=torch.double) + 0.5) / cell
    weights = torch.stack(
        [(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3], 1
    )
    return (weights / weights.square().sum(1, keepdim=True).sqrt()).float()


def _mixed(x: Tensor) -> Tensor:
    """A hash of 32 bits: shifts and multiplications as in MurmurHash3's finaliser (Appleby)."""
    x = (x ^ (x >> 16)) * 0x7FEB352D & _MASK
    x = (x ^ (x >> 15)) * 0x5BD1E995 & _MASK
    return x ^ (x >> 16)
