"""Looking at the pictures of an evaluation: read in threads, seen in batches, little kept."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Generic, TypeVar

import torch
from PIL import Image
from torch import Tensor

from ganstyle.distributed import Ranks
from ganstyle.errors import ImageError
from ganstyle.evaluate.candidates import Candidate, Results
from ganstyle.evaluate.data_warnings import Fact
from ganstyle.evaluate.extractor import Eyes, View
from ganstyle.images.tensors import read_image
from ganstyle.metrics.sample import MOST_KEPT, Look, Sample, Traits

A = TypeVar("A")
B = TypeVar("B")

_BATCH_CROPS = 16
"""Crops that go through the network at once."""

_AHEAD, _THREADS = 16, 2
"""Pictures that are read ahead, and threads that read."""


@dataclass(frozen=True)
class Seen:
    """What is kept of pictures that were seen: little, so that ranks can send it to each other."""

    facts: list[Fact]
    traits: Traits
    likeness: tuple[Tensor, Tensor] | None = None
    """Feature similarity and edge agreement of each with its source, (P,) each."""


@dataclass
class Side:
    """A set of pictures as it is gathered."""

    sample: Sample
    content: list[Tensor] = field(default_factory=list)
    """Feature similarity of each picture with its source, a batch each, (B,)."""
    edges: list[Tensor] = field(default_factory=list)
    """Likewise the edge agreement."""
    facts: list[Fact] = field(default_factory=list)

    def add(self, seen: Seen) -> None:
        """Take in pictures."""
        self.sample.add(seen.traits)
        self.facts += seen.facts
        if seen.likeness:
            self.content.append(seen.likeness[0])
            self.edges.append(seen.likeness[1])

    def likeness(self) -> tuple[Tensor, Tensor]:
        """Feature similarity and edge agreement of each picture with its source: (P,) each."""
        return torch.cat(self.content), torch.cat(self.edges)


@dataclass(frozen=True)
class Batch(Generic[A]):
    """Some pictures as they were read, or what became of them."""

    found: A
    problems: list[str]
    """A line for each that cannot be read."""


@dataclass(frozen=True)
class Case:
    """A photo, with the results that need no network, and None for those that do."""

    path: Path
    photo: Image.Image | None
    """None when nobody will redraw it."""
    view: View
    results: Sequence[View | None]


class Gathering:
    """Looks at all pictures of an evaluation: reads in threads, sees in batches, keeps little.

    on_message gets a line for each picture that cannot be read, on_picture is called after each
    style picture and each photo. ranks: the processes that share the batches; each ends up with
    all that was seen, in the order of the pictures.
    """

    def __init__(
        self,
        eyes: Eyes,
        candidates: Sequence[Candidate],
        on_message: Callable[[str], None],
        on_picture: Callable[[], None],
        ranks: Ranks | None = None,
    ) -> None:
        self.eyes = eyes
        self.candidates = candidates
        self.on_message = on_message
        self.on_picture = on_picture
        self.ranks = ranks or Ranks()

    def _side(self, pictures: int) -> Side:
        return Side(Sample(self.eyes.levels, every=-(-pictures // MOST_KEPT)))

    def see_styles(self, paths: Sequence[Path]) -> tuple[Side, tuple[Side, Side]]:
        """The style pictures, whole and in halves, the first of which resembles the second."""
        config = self.eyes.config
        crops = config.crops_of(len(paths))
        whole, halves = self._side(len(paths)), (self._side(len(paths)), self._side(len(paths)))

        def read(path: Path) -> View:
            return self.eyes.view(read_image(path), path, crops, zoom=config.style_zoom)

        def see(views: list[View]) -> Seen:
            look = self.eyes.look(views)
            pairs = len(views) // 2 * 2  # the last of an odd number has no partner
            parts = [look.some(slice(start, pairs, 2)) for start in (0, 1)]
            likeness = parts[0].likeness(parts[1]) if pairs else None
            return Seen([view.fact for view in views], look.traits, likeness)

        for seen in self._batches(read, see, paths, max(2, _BATCH_CROPS // crops // 2 * 2)):
            whole.add(Seen(seen.facts, seen.traits))
            for start, half, likeness in zip((0, 1), halves, (seen.likeness, None), strict=True):
                which = slice(start, None, 2)
                if seen.facts[which]:
                    half.add(Seen(seen.facts[which], seen.traits.some(which), likeness))
            for _ in seen.facts:
                self.on_picture()
        return whole, halves

    def see_photos(self, paths: Sequence[Path]) -> tuple[Side, list[Side]]:
        """The photos, and each candidate's results."""
        crops = self.eyes.config.crops_of(len(paths))
        photos = self._side(len(paths))
        results = [self._side(len(paths)) for _ in self.candidates]

        def read(path: Path) -> Case:
            photo = read_image(path)
            ready = [
                self.eyes.view(candidate.read(path), candidate.files[path], crops, like=photo)
                if isinstance(candidate, Results)
                else None
                for candidate in self.candidates
            ]
            kept = photo if None in ready else None
            return Case(path, kept, self.eyes.view(photo, path, crops), ready)

        def view(candidate: Candidate, case: Case, ready: View | None) -> View:
            if isinstance(candidate, Results):
                assert ready, "results in folders are read with their photos"
                return ready
            assert case.photo, "photos that are to be redrawn are kept"
            return self.eyes.view(candidate.make(case.photo), case.path, crops, like=case.photo)

        def see(cases: list[Case]) -> list[Seen]:
            source = self.eyes.look([case.view for case in cases])

            def seen(views: Sequence[View], look: Look) -> Seen:
                return Seen([view.fact for view in views], look.traits, look.likeness(source))

            found = [seen([case.view for case in cases], source)]
            for index, candidate in enumerate(self.candidates):
                views = [view(candidate, case, case.results[index]) for case in cases]
                found.append(seen(views, self.eyes.look(views)))
            return found

        for all_seen in self._batches(read, see, paths, max(1, _BATCH_CROPS // crops)):
            for side, seen in zip([photos, *results], all_seen, strict=True):
                side.add(seen)
            for _ in all_seen[0].facts:
                self.on_picture()
        return photos, results

    def _batches(
        self,
        read: Callable[[Path], A],
        see: Callable[[list[A]], B],
        paths: Sequence[Path],
        size: int,
    ) -> Iterator[B]:
        """What see makes of what read makes of so many paths at a time, whoever did it.

        What cannot be read is named and left out.
        """
        batches = [paths[start : start + size] for start in range(0, len(paths), size)]
        seen = (
            Batch(see(batch.found) if batch.found else None, batch.problems)
            for batch in _read_ahead(read, self.ranks.share(batches))
        )
        for _ in range(0, len(batches), self.ranks.count):
            for batch in self.ranks.gather(next(seen, None)):
                if batch:
                    for problem in batch.problems:
                        self.on_message(problem)
                    if batch.found is not None:
                        yield batch.found


def _read_ahead(
    read: Callable[[Path], A], batches: Sequence[Sequence[Path]]
) -> Iterator[Batch[list[A]]]:
    """What read makes of the paths of each batch, in order, in threads, a bounded number ahead."""
    waiting: deque[Future[A]] = deque()
    coming = (path for batch in batches for path in batch)
    with ThreadPoolExecutor(_THREADS) as pool:
        try:
            for batch in batches:
                ready: Batch[list[A]] = Batch([], [])
                for _ in batch:
                    waiting.extend(
                        pool.submit(read, path)
                        for path in islice(coming, _AHEAD + 1 - len(waiting))
                    )
                    try:
                        ready.found.append(waiting.popleft().result())
                    except ImageError as error:
                        ready.problems.append(str(error))
                yield ready
        finally:
            for future in waiting:
                future.cancel()
