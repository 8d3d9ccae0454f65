"""Several styles at one canvas: what each paints of it, mixed by weight."""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from ganstyle.errors import CheckpointError
from ganstyle.models.generator import Generator
from ganstyle.painting.tiled_generator import TiledGenerator
from ganstyle.runtime import Runtime
from ganstyle.sources.easel import Easel
from ganstyle.sources.mixed import mixed_easel

_ROWS = 64
"""Rows that are mixed at once: whole canvases would take four times their memory as floats."""


class MixedGenerator:
    """Generators that paint the same sources; the results are their means by weight.

    parts: generators with weights that sum to 1; each becomes this object's own. A single one
    paints alone. runtime, tile: see TiledGenerator; 8 bits are left out unless all have ranges.
    Raises CheckpointError where one of several has no easel, and so paints no levels.
    """

    def __init__(
        self, parts: Sequence[tuple[Generator, float]], runtime: Runtime, tile: int | None = None
    ) -> None:
        int8 = runtime.int8 and all(generator.config.int8 for generator, _ in parts)
        runtime = replace(runtime, int8=int8)
        self.generators = [TiledGenerator(generator, runtime, tile) for generator, _ in parts]
        self.weights = [weight for _, weight in parts]
        self.easel = _shared_easel(parts)
        """Easel at which all of them paint."""

    @property
    def runtime(self) -> Runtime:
        """Device and precision of the computation."""
        return self.generators[0].runtime

    @property
    def int8_problem(self) -> str:
        """Reason why 8 bits were left out where torch fails at them; or ""."""
        return self.generators[0].int8_problem

    @torch.inference_mode()
    def __call__(self, sources: Tensor, seed: int, amplitude: float, memory: float) -> Tensor:
        """What TiledGenerator returns for sources, mixed. All have the same random maps, so that
        their strokes fall in the same places."""
        canvases = [each(sources, seed, amplitude, memory) for each in self.generators]
        if len(canvases) == 1:
            return canvases[0]
        mixed = torch.empty_like(canvases[0])
        for top in range(0, mixed.shape[1], _ROWS):
            rows = slice(top, top + _ROWS)
            weighted = zip(self.weights, canvases, strict=True)
            bands = [weight * canvas[:, rows].float() for weight, canvas in weighted]
            mixed[:, rows] = torch.stack(bands).sum(0).round()
        return mixed


def _shared_easel(parts: Sequence[tuple[Generator, float]]) -> Easel | None:
    if len(parts) == 1:
        return parts[0][0].config.easel
    easels = [(generator.config.easel, weight) for generator, weight in parts]
    found = [(easel, weight) for easel, weight in easels if easel]
    if len(found) < len(easels):
        raise CheckpointError("a style that was trained on pairs cannot be mixed with others.")
    return mixed_easel(found)
