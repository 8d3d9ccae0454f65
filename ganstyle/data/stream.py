"""Images of a folder that does not fit into memory: some at a time, replaced one by one."""

from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, count
from pathlib import Path

from ganstyle.data.pyramids import Load, Pyramid
from ganstyle.prefetch import prefetch

_DECODED_AHEAD = 3
"""Images that are decoded, or being decoded, ahead of the one that is needed next."""


class ImageStream:
    """Slots for images; each swap refills one of them, in a fixed order.

    Swap t puts image (slots + t) modulo the number of images into slot t modulo slots. The images
    at the start count as swaps -slots to -1. So the content of a slot depends on the number of
    swaps alone, and a resumed run sees the same images. If an image is broken, its slot keeps the
    previous one.

    paths: all images. load: returns an empty pyramid for a broken one.
    """

    def __init__(self, paths: Sequence[Path], slots: int, load: Load) -> None:
        self.paths = paths
        self.slots = slots
        self.load = load
        self.workers = ThreadPoolExecutor(thread_name_prefix="images")
        self.swaps = 0
        self.coming = self._decode()

    def start(self) -> list[Pyramid]:
        """Decode the images before the first swap; an empty list if all are broken."""
        loaded = list(self.workers.map(self.load, self.paths[: self.slots]))
        spare = next((levels for levels in loaded if levels), ())
        return [levels or spare for levels in loaded] if spare else []

    def advance(self, pyramids: list[Pyramid]) -> None:
        """Do the next swap, waiting until its image is decoded."""
        if levels := next(self.coming):
            pyramids[self.swaps % self.slots] = levels
        self.swaps += 1

    def go_to(self, swaps: int, pyramids: list[Pyramid]) -> None:
        """Fill the slots as they are after `swaps` swaps."""
        self.coming.close()
        before, self.swaps = self.swaps, swaps
        self.coming = self._decode()
        stale = [s for s in range(self.slots) if self._last(s, before) != self._last(s, swaps)]
        for slot, levels in zip(stale, self.workers.map(self._content, stale), strict=True):
            pyramids[slot] = levels

    def _decode(self) -> Generator[Pyramid, None, None]:
        """Yield the images of the next swaps, decoded ahead."""
        return prefetch(self.workers, self._incoming, count(self.swaps), _DECODED_AHEAD)

    def _incoming(self, swap: int) -> Pyramid:
        return self.load(self.paths[(self.slots + swap) % len(self.paths)])

    def _last(self, slot: int, swaps: int) -> int:
        """Number of the last swap that refilled a slot, of `swaps`; negative: before swap 0."""
        return swaps - 1 - (swaps - 1 - slot) % self.slots

    def _content(self, slot: int) -> Pyramid:
        """Image in a slot now: the last one put there that is not broken, else a spare one."""
        rounds = range(self._last(slot, self.swaps), -self.slots - 1, -self.slots)
        # After as many rounds as there are images, the same ones come again.
        put_there = map(self._incoming, rounds[: len(self.paths)])
        spare = map(self.load, self.paths[: self.slots])
        return next(filter(len, chain(put_there, spare)), ())
