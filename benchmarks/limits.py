"""What the machine could do at best: the network's convolutions alone, decoding, encoding.

Measured inside one process, with all threads that torch has for convolutions and one for files.
"""

import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

import torch
from convolutions import Convolution
from PIL import Image
from torch import Tensor, nn

from ganstyle.images.read import read_picture
from ganstyle.images.tensors import read_image, write_image
from ganstyle.images.write import write_picture
from ganstyle.painting.painter import Painter
from ganstyle.runtime import PRECISIONS, Runtime, pick_runtime, tune_cpu

REPEATS = 5
"""Calls a round of the painter, and of each convolution after it."""


@dataclass(frozen=True)
class PaintingTime:
    """A photo painted, and how fast its convolutions are by themselves."""

    seconds: float
    """Of the whole painting."""
    network: float
    """Of that, in the generator."""
    calls: Mapping[Convolution, int]
    """How often each convolution is called for the photo."""
    best: Mapping[Convolution, float]
    """The least seconds that one call of each took by itself."""

    @property
    def operations(self) -> int:
        """Operations of all convolutions."""
        return sum(count * shape.operations for shape, count in self.calls.items())

    @property
    def limit(self) -> float:
        """Seconds of all convolutions by themselves: the network cannot be faster."""
        return sum(count * self.best[shape] for shape, count in self.calls.items())


def time_painting(checkpoint: Path, runtime: Runtime, photo: Path, rounds: int) -> PaintingTime:
    """Time a photo's painting and, in turns with it, each of the network's convolutions.

    So both meet the machine in the same state. Paintings are medians, convolutions the best.
    """
    painter = Painter(checkpoint, runtime=runtime)
    content, device = read_image(photo), runtime.device
    counts = _convolutions(checkpoint, content)
    networks: list[float] = []

    def timed_run(*inputs: Any) -> Tensor:
        output: list[Tensor] = []
        networks.append(_seconds(lambda: output.append(run(*inputs)), device))
        return output[0]

    network = painter.network.generators[0]
    run = network.run_network
    with patch.object(network, "run_network", timed_run):
        painter.paint([content])
        wholes, of_networks = [], []
        best: dict[Convolution, float] = {}
        alone = {shape: shape.alone(painter.runtime) for shape in counts}
        for _ in range(REPEATS * rounds):
            networks.clear()
            wholes.append(_seconds(lambda: painter.paint([content]), device))
            of_networks.append(sum(networks))
            for shape, convolve in alone.items():
                # The first call brings the operands into the cache.
                passed = min(_seconds(convolve, device) for _ in range(REPEATS))
                best[shape] = min(passed, best.get(shape, passed))
    return PaintingTime(median(wholes), median(of_networks), counts, best)


def _convolutions(checkpoint: Path, content: Image.Image) -> Counter[Convolution]:
    """The convolutions of a painting, the same in every precision, and how often each is called."""
    painter = Painter(checkpoint, device="cpu", precision="float32")
    calls: list[Convolution] = []

    convolve = nn.Conv2d._conv_forward  # what a layer puts beside its input is in there

    def note(module: nn.Conv2d, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        calls.append(Convolution.of(module, x))
        output: Tensor = convolve(module, x, weight, bias)
        return output

    with patch.object(nn.Conv2d, "_conv_forward", note):
        painter.paint([content])
    return Counter(calls)


@dataclass(frozen=True)
class Limits:
    """What the machine could do at best with a photo."""

    paintings: Mapping[str, PaintingTime]
    """By precision."""
    native: str
    """The precision that --precision auto takes."""
    decoding: float
    encoding: float
    """Seconds of one core."""
    threads: int
    """Of the convolutions."""
    cores: int
    on_cpu: bool

    def seconds(self, precision: str) -> float:
        """Seconds that a photo of many takes at best: nothing but convolutions and files.

        A CPU does them one after the other, files on all cores; beside a GPU it has its own time.
        """
        files = (self.decoding + self.encoding) / self.cores
        convolutions = self.paintings[precision].limit
        return convolutions + files if self.on_cpu else max(convolutions, files)


def find_limits(checkpoint: Path, photos: Path, rounds: int, say: Callable[[str], None]) -> Limits:
    """Measure with the photos of a folder, the network with the first one, in each precision."""
    tune_cpu()
    # Not each checkpoint has been measured for 8 bits: the painter knows.
    native = Painter(checkpoint).runtime
    first = min(photos.iterdir())
    paintings = {}
    for name in dict.fromkeys([*PRECISIONS, native.precision]):
        say(f"the network in {name}")
        runtime = pick_runtime(str(native.device), name, trained=True)
        paintings[name] = time_painting(checkpoint, runtime, first, rounds)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    on_cpu = native.device.type == "cpu"
    files = time_files(photos, rounds)
    return Limits(paintings, native.precision, *files, torch.get_num_threads(), cores or 1, on_cpu)


def time_files(photos: Path, rounds: int) -> tuple[float, float]:
    """Seconds of one thread to decode a photo, and to encode it as stylize does: medians."""
    paths = sorted(photos.iterdir())
    decoding, encoding = [], []
    cpu = torch.device("cpu")
    with tempfile.TemporaryDirectory() as out:
        for path in paths * rounds:
            decoding.append(_seconds(partial(read_picture, path), cpu))
            write = partial(write_picture, read_picture(path), Path(out, path.name), "JPEG")
            encoding.append(_seconds(write, cpu))
    return median(decoding), median(encoding)


def files_rate(photos: Path) -> float:
    """Pictures a second that are read and written again, by as many threads as stylize has."""

    def copy(path: Path) -> None:
        write_image(read_image(path), target / path.name)

    with tempfile.TemporaryDirectory() as out, ThreadPoolExecutor(4) as pool:
        target, paths = Path(out), sorted(photos.iterdir())
        started = time.perf_counter()
        done = len(list(pool.map(copy, paths)))
        return done / (time.perf_counter() - started)


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def _seconds(call: Callable[[], object], device: torch.device) -> float:
    started = time.perf_counter()
    call()
    _wait(device)
    return time.perf_counter() - started
