"""Times inside one process: the generator alone, the machine's convolution rate, files alone."""

import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import torch
import torch.nn.functional as F
from torch.utils.flop_counter import FlopCounterMode

from ganstyle.images.tensors import read_image, write_image
from ganstyle.models.pretrained import load_generator
from ganstyle.runtime import Runtime

REPEATS = 5
"""Calls of the network a round; the convolution, which is short, is called as often after each."""

CONVOLUTION_BATCH = {"cpu": 1, "cuda": 256}
"""Feature maps convolved at once by device: a GPU needs many to be busy, a CPU's cache few."""


@dataclass(frozen=True)
class NetworkTime:
    """The generator on one picture, and how fast the machine could convolve meanwhile."""

    seconds: float
    operations: int
    """Floating-point operations of the generator; a multiplication and an addition are two."""
    convolution_rate: float
    """Operations a second of a single convolution that suits the machine."""

    @property
    def rate(self) -> float:
        """Operations a second."""
        return self.operations / self.seconds

    @property
    def limit(self) -> float:
        """Seconds that the generator's operations take at the convolution's rate."""
        return self.operations / self.convolution_rate


def time_network(checkpoint: Path, runtime: Runtime, rounds: int, side: int) -> NetworkTime:
    """Time the generator on one picture of side x side px (median), and convolutions (best).

    The convolution is 3x3 with 128 channels at 64x64, channels last: the generator's deepest level
    at 512 px. Both are called in turns, so that they meet the machine in the same state.
    """
    device, dtype = runtime.device, runtime.dtype
    generator = load_generator(checkpoint).to(device, dtype)
    photo = torch.rand(1, 3, side, side, device=device)
    batch = CONVOLUTION_BATCH[device.type]
    features = torch.rand(batch, 128, 64, 64, device=device, dtype=dtype)
    features = features.to(memory_format=torch.channels_last)
    weight = torch.rand(128, 128, 3, 3, device=device, dtype=dtype)
    weight = weight.to(memory_format=torch.channels_last)
    with torch.inference_mode():
        operations = _operations(lambda: generator(photo))
        convolution = _operations(lambda: F.conv2d(features, weight, padding=1))
        network_times, convolution_times = [], []
        for _ in range(REPEATS * rounds):
            network_times.append(_seconds(lambda: generator(photo), device))
            convolution_times += [
                _seconds(lambda: F.conv2d(features, weight, padding=1), device)
                for _ in range(REPEATS)
            ]
    return NetworkTime(median(network_times), operations, convolution / min(convolution_times))


def files_rate(photos: Path) -> float:
    """Pictures a second that are read and written again, by as many threads as stylize has."""

    def copy(path: Path) -> None:
        write_image(read_image(path), target / path.name)

    with tempfile.TemporaryDirectory() as out, ThreadPoolExecutor(4) as pool:
        target, paths = Path(out), sorted(photos.iterdir())
        started = time.perf_counter()
        done = len(list(pool.map(copy, paths)))
        return done / (time.perf_counter() - started)


def _operations(call: Callable[[], object]) -> int:
    with FlopCounterMode(display=False) as counter:
        call()
    operations: int = counter.get_total_flops()
    return operations


def _seconds(call: Callable[[], object], device: torch.device) -> float:
    started = time.perf_counter()
    call()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - started
