"""A race of whole processes over the same photos: wall clock and peak memory.

Imports no torch: Linux counts the memory of the process that starts another as the other's, up to
the moment at which the new program takes over, so whoever measures must be small.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from PIL import Image, ImageOps

from ganstyle.errors import DataError
from ganstyle.files import find_images, list_folder

EXAMPLES = Path(__file__).parent.parent / "examples"


@dataclass(frozen=True)
class Contestant:
    """A program and the folder it has to redraw."""

    name: str
    command: tuple[str, ...]
    """The words of its command; IN and OUT stand for the two folders."""
    photos: Path
    """The folder, without subfolders."""


@dataclass(frozen=True)
class Run:
    """What one run of a contestant took, start-up included."""

    pictures: int
    seconds: float
    peak: int
    """Largest resident memory, bytes."""

    @property
    def rate(self) -> float:
        """Pictures a second."""
        return self.pictures / self.seconds


def run_once(contestant: Contestant) -> Run:
    """Run a contestant into a folder that is thrown away.

    Raises DataError, with what the program said, when it fails or leaves pictures out.
    """
    pictures = _count(contestant.photos)
    with tempfile.TemporaryDirectory() as out, tempfile.TemporaryFile() as said:
        places = {"IN": str(contestant.photos), "OUT": out}
        command = [places.get(word, word) for word in contestant.command]
        started = time.perf_counter()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)  # Popen must not wait again
        written = _count(Path(out))
        if child.returncode or written != pictures:
            said.seek(0)
            message = said.read().decode(errors="replace").strip()
            raise DataError(
                f"{contestant.name}: {written} of {pictures} pictures written, "
                f"exit code {child.returncode}. {message}"
            )
    unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, bytes
    return Run(pictures, seconds, usage.ru_maxrss * unit)


def race(
    contestants: Sequence[Contestant], rounds: int, say: Callable[[str], None]
) -> dict[str, list[Run]]:
    """Run all contestants in turns, `rounds` times, every second round in reverse order.

    Returns the runs by name, in the order of the rounds, so that the runs of one round, which met
    the machine in the same state, can be compared pairwise. say: called after each run.
    """
    runs: dict[str, list[Run]] = {contestant.name: [] for contestant in contestants}
    for number in range(rounds):
        for contestant in contestants if number % 2 == 0 else reversed(contestants):
            run = run_once(contestant)
            runs[contestant.name].append(run)
            say(f"round {number + 1}/{rounds}: {contestant.name}: {run.seconds:.1f} s")
    return runs


def median_ratio(ours: Sequence[Run], theirs: Sequence[Run]) -> float:
    """How many times as many pictures a second we do, the median over the rounds."""
    return median(our.rate / their.rate for our, their in zip(ours, theirs, strict=True))


def steady_rate(program: Contestant, fewer: Path, more: Path, rounds: int) -> float:
    """Pictures a second without start-up: what the surplus of the folder `more` takes."""
    names = {"fewer": fewer, "more": more}
    runs = race([replace(program, name=n, photos=p) for n, p in names.items()], rounds, _silent)
    pairs = zip(runs["fewer"], runs["more"], strict=True)
    return median((b.pictures - a.pictures) / (b.seconds - a.seconds) for a, b in pairs)


def sample_photos(folder: Path, count: int, size: tuple[int, int]) -> None:
    """Fill folder with `count` JPEG photos of `size` (width, height), made from examples/.

    Every photo is used in turn; from lap to lap it is mirrored or cut a little closer, so no two
    are the same. The same arguments give the same photos.
    """
    folder.mkdir(parents=True)
    photos = list_folder(EXAMPLES, leave_out=EXAMPLES / "drafts").images
    sources = [Image.open(path).convert("RGB") for path in photos]
    for index in range(count):
        lap, which = divmod(index, len(sources))
        image = ImageOps.mirror(sources[which]) if lap % 2 else sources[which]
        border = int(min(image.size) * 0.2 * (1 - 1 / (1 + 0.1 * (lap // 2))))
        image = ImageOps.crop(image, border)
        photo = ImageOps.fit(image, size, Image.Resampling.LANCZOS)
        photo.save(folder / f"{index:04d}.jpg", quality=95)


def link_photos(folder: Path, source: Path, count: int, times: int = 1) -> int:
    """Fill folder with links to the first `count` pictures below source; returns how many.

    times: how often each is linked.
    """
    folder.mkdir(parents=True)
    found = find_images(source)[:count] * times
    for index, path in enumerate(found):
        (folder / f"{index:04d}{path.suffix.lower()}").symlink_to(path.resolve())
    return len(found)


def _count(folder: Path) -> int:
    """Files in a folder, hidden ones left out."""
    return sum(not path.name.startswith(".") for path in folder.iterdir())


def _silent(_: str) -> None:
    pass
