"""Images of a folder larger than the memory: some at a time, one swapped for the next."""

from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, count
from pathlib import Path

from ganstyle.data.pyramids import Load, Pyramid
from ganstyle.prefetch import prefetch

_DECODED_AHEAD = 3
"""Images that are decoded, or being decoded, when the one before them is put in its place."""


class ImageStream:
    """Slots for images, of which one is filled anew at each swap, in an order that is fixed.

    Swap number t puts image slots + t, counted round, into slot t, counted round; what there is at
    the start came by the swaps -slots to -1. So a slot's content follows from the number of swaps
    alone, and a resumed run sees the same images. Where an image is broken, its slot keeps what
    came a round before.

    paths: all images. load: gives an empty pyramid for a broken one.
    """

    def __init__(self, paths: Sequence[Path], slots: int, load: Load) -> None:
        self.paths = paths
        self.slots = slots
        self.load = load
        self.workers = ThreadPoolExecutor(thread_name_prefix="images")
        self.swaps = 0
        self.coming = self._decode()

    def start(self) -> list[Pyramid]:
        """Decode what is in the slots before the first swap; nothing if all of it is broken."""
        loaded = list(self.workers.map(self.load, self.paths[: self.slots]))
        spare = next((levels for levels in loaded if levels), ())
        return [levels or spare for levels in loaded] if spare else []

    def advance(self, pyramids: list[Pyramid]) -> None:
        """Do the next swap; waits when the image is not decoded yet."""
        if levels := next(self.coming):
            pyramids[self.swaps % self.slots] = levels
        self.swaps += 1

    def go_to(self, swaps: int, pyramids: list[Pyramid]) -> None:
        """Bring the slots to what they hold after so many swaps, from what they hold now."""
        self.coming.close()
        before, self.swaps = self.swaps, swaps
        self.coming = self._decode()
        stale = [s for s in range(self.slots) if self._last(s, before) != self._last(s, swaps)]
        for slot, levels in zip(stale, self.workers.map(self._content, stale), strict=True):
            pyramids[slot] = levels

    def _decode(self) -> Generator[Pyramid, None, None]:
        """Images of the swaps from now on, decoded ahead."""
        return prefetch(self.workers, self._incoming, count(self.swaps), _DECODED_AHEAD)

    def _incoming(self, swap: int) -> Pyramid:
        return self.load(self.paths[(self.slots + swap) % len(self.paths)])

    def _last(self, slot: int, swaps: int) -> int:
        """Number of the last of so many swaps that was into a slot; negative: before the first."""
        return swaps - 1 - (swaps - 1 - slot) % self.slots

    def _content(self, slot: int) -> Pyramid:
        """Image in a slot now: the last that was put there and is not broken, else a spare one."""
        rounds = range(self._last(slot, self.swaps), -self.slots - 1, -self.slots)
        # After as many rounds as there are images, the same ones come again.
        put_there = map(self._incoming, rounds[: len(self.paths)])
        spare = map(self.load, self.paths[: self.slots])
        return next(filter(len, chain(put_there, spare)), ())
