"""Looking at the pictures of an evaluation: read in threads, seen in batches, little kept."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import torch
from PIL import Image
from torch import Tensor

from ganstyle.candidates import Candidate, Results
from ganstyle.cautions import Fact
from ganstyle.data.imageio import read_image
from ganstyle.errors import ImageError
from ganstyle.eyes import Eyes, View
from ganstyle.metrics.sample import MOST_KEPT, Look, Sample

B = TypeVar("B")

_BATCH_CROPS = 16
"""Crops that go through the network at once."""

_AHEAD, _THREADS = 16, 2
"""Pictures that are read ahead, and threads that read."""


@dataclass
class Side:
    """A set of pictures as it is gathered."""

    sample: Sample
    content: list[Tensor] = field(default_factory=list)
    """Feature similarity of each picture with its source, a batch each, (B,)."""
    edges: list[Tensor] = field(default_factory=list)
    """Likewise the edge agreement."""
    facts: list[Fact] = field(default_factory=list)

    def add(self, look: Look, views: Sequence[View], source: Look | None = None) -> None:
        """Take in pictures that were seen. source: what their content should be."""
        self.sample.add(look)
        self.facts += [view.fact for view in views]
        if source:
            content, edges = look.likeness(source)
            self.content.append(content)
            self.edges.append(edges)

    def likeness(self) -> tuple[Tensor, Tensor]:
        """Feature similarity and edge agreement of each picture with its source: (P,) each."""
        return torch.cat(self.content), torch.cat(self.edges)


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
    style picture and each photo.
    """

    def __init__(
        self,
        eyes: Eyes,
        candidates: Sequence[Candidate],
        on_message: Callable[[str], None],
        on_picture: Callable[[], None],
    ) -> None:
        self.eyes = eyes
        self.candidates = candidates
        self.on_message = on_message
        self.on_picture = on_picture

    def _side(self, pictures: int) -> Side:
        return Side(Sample(self.eyes.config.crop, every=-(-pictures // MOST_KEPT)))

    def see_styles(self, paths: Sequence[Path]) -> tuple[Side, tuple[Side, Side]]:
        """The style pictures, whole and in halves."""
        crops = self.eyes.config.crops_of(len(paths))
        whole, halves = self._side(len(paths)), (self._side(len(paths)), self._side(len(paths)))

        def read(path: Path) -> View:
            return self.eyes.view(read_image(path), path, crops)

        for views in self._batches(read, paths, max(2, _BATCH_CROPS // crops // 2 * 2)):
            look = self.eyes.look(views)
            whole.add(look, views)
            pairs = len(views) // 2 * 2  # the last of an odd number has no partner
            parts = [look.some(slice(start, None, 2)) for start in (0, 1)]
            if pairs:
                matched = [look.some(slice(start, pairs, 2)) for start in (0, 1)]
                content, edges = matched[0].likeness(matched[1])
                halves[0].content.append(content)
                halves[0].edges.append(edges)
            for start, (half, part) in enumerate(zip(halves, parts, strict=True)):
                if part.features:
                    half.add(part, views[start::2])
            for _ in views:
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

        for cases in self._batches(read, paths, max(1, _BATCH_CROPS // crops)):
            seen = self.eyes.look([case.view for case in cases])
            photos.add(seen, [case.view for case in cases], seen)
            for index, (candidate, side) in enumerate(zip(self.candidates, results, strict=True)):
                views = [view(candidate, case, case.results[index]) for case in cases]
                side.add(self.eyes.look(views), views, seen)
            for _ in cases:
                self.on_picture()
        return photos, results

    def _batches(
        self, read: Callable[[Path], B], paths: Sequence[Path], size: int
    ) -> Iterator[list[B]]:
        """What read makes of each path, so many at a time; what cannot be read is named."""
        batch: list[B] = []
        for ready in _ahead(read, paths):
            try:
                batch.append(ready.result())
            except ImageError as error:
                self.on_message(str(error))
            if len(batch) == size:
                yield batch
                batch = []
        if batch:
            yield batch


def _ahead(read: Callable[[Path], B], paths: Iterable[Path]) -> Iterator[Future[B]]:
    """What read makes of each path, in order, in threads, a bounded number of them ahead."""
    waiting: deque[Future[B]] = deque()
    with ThreadPoolExecutor(_THREADS) as pool:
        try:
            for path in paths:
                waiting.append(pool.submit(read, path))
                if len(waiting) > _AHEAD:
                    yield waiting.popleft()
            while waiting:
                yield waiting.popleft()
        finally:
            for future in waiting:
                future.cancel()
