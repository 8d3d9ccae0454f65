"""Device, precision and memory for the networks."""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from ganstyle.errors import DeviceError

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}
"""Precisions by the name that --precision takes."""

INT8 = "int8"
"""One more precision, for trained networks on CPUs whose fastest products are of 8 bits."""


_M_TRIM_THRESHOLD, _M_MMAP_MAX, _M_ARENA_MAX = -1, -4, -8
"""Parameters of glibc's mallopt."""


@dataclass(frozen=True)
class Runtime:
    """Device and precision of the networks, chosen once and passed on."""

    device: torch.device
    dtype: torch.dtype
    int8: bool = False
    """Whether trained networks that were measured for 8 bits compute in them."""

    @property
    def precision(self) -> str:
        """Name of dtype in PRECISIONS, or INT8."""
        if self.int8:
            return INT8
        return next(name for name, dtype in PRECISIONS.items() if dtype == self.dtype)

    def autocast(self) -> torch.autocast:
        """Context in which float32 networks compute in this runtime's precision."""
        return torch.autocast(self.device.type, self.dtype, enabled=self.dtype is not torch.float32)


def pick_runtime(
    device: str = "auto", precision: str = "auto", *, trained: bool = False
) -> Runtime:
    """The runtime that is asked for; auto is the fastest device and a precision native to it.

    device: auto, cpu, cuda or cuda:N. precision: auto, a key of PRECISIONS, or, for trained
    networks, INT8, which auto takes for them as well.
    Raises DeviceError for a device that the machine lacks and for unknown names.
    """
    if device == "auto":
        local = int(os.environ.get("LOCAL_RANK", 0))  # set by torchrun: a GPU for each process
        device = f"cuda:{local}" if torch.cuda.device_count() > local else "cpu"
    chosen = _device(device)
    names = [*PRECISIONS, INT8] if trained else list(PRECISIONS)
    if precision not in ["auto", *names]:
        raise DeviceError(f"precision {precision}: unknown; use auto, {', '.join(names)}.")
    int8 = trained and chosen.type == "cpu" and int8_is_native()
    if precision == INT8 and not int8:
        raise DeviceError(f"precision {INT8}: {chosen} has no fast products of 8 bits; use auto.")
    if precision in ("auto", INT8):
        dtype = torch.bfloat16 if _bfloat16_is_native(chosen) else torch.float32
        return Runtime(chosen, dtype, int8)
    return Runtime(chosen, PRECISIONS[precision])


def runtime_of(module: torch.nn.Module) -> Runtime:
    """Device and precision of a network, by its first parameter."""
    parameter = next(module.parameters())
    return Runtime(parameter.device, parameter.dtype)


def tune_cpu() -> None:
    """Set this process up for networks on the CPU: call it once, before the first tensor.

    Denormal floats slow a CPU down many times over and change nothing. The C library returns every
    large buffer to the system, which clears it page by page for the next layer: keeping the memory
    makes a training step 10 % faster. All threads share one arena, or an image of 12 megapixels
    takes a third more memory.
    """
    torch.set_flush_denormal(True)
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
        if mallopt:
            mallopt(_M_ARENA_MAX, 1)
            mallopt(_M_MMAP_MAX, 0)
            mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)


@contextmanager
def kept_threads() -> Iterator[int]:
    """The number of threads that torch has, put back at the end: threads that begin later take the
    number that any other has set last."""
    threads = torch.get_num_threads()
    try:
        yield threads
    finally:
        torch.set_num_threads(threads)


def free_memory(device: torch.device) -> int:
    """Free bytes of a device: of a GPU, or of the machine's memory that this process may take.

    2 GiB are assumed where the system does not say.
    """
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    amounts = [amount for amount in (_available(), _left_in_group()) if amount is not None]
    return min(amounts, default=2 * 2**30)


def free_on_gpu(device: torch.device) -> int:
    """Free bytes of a GPU; 0 for other devices."""
    return free_memory(device) if device.type == "cuda" else 0


def memory_peak(device: torch.device) -> int:
    """Most bytes of a GPU that this process has held so far; 0 for other devices."""
    return torch.cuda.max_memory_allocated(device) if device.type == "cuda" else 0


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether torch ran out of memory; on a CPU it raises a plain RuntimeError for that."""
    text = str(error).lower()
    return isinstance(error, torch.OutOfMemoryError) or "memory" in text


def _available() -> int | None:
    try:
        text = Path("/proc/meminfo").read_text()
        return int(text.split("MemAvailable:")[1].split()[0]) * 1024
    except (OSError, IndexError, ValueError):
        return None


def _left_in_group() -> int | None:
    """Free bytes of this process's control group, for example a container's."""
    group = Path("/sys/fs/cgroup")
    try:
        limit = int((group / "memory.max").read_text())  # "max" when there is none
        used = int((group / "memory.current").read_text())
        lines = (group / "memory.stat").read_text().splitlines()
        amounts = dict(line.split() for line in lines)
        cache = int(amounts["inactive_file"]) + int(amounts["active_file"])  # given up when needed
        return max(0, limit - used + cache)
    except (OSError, ValueError, KeyError):
        return None


def _device(name: str) -> torch.device:
    try:
        device = torch.device(name)
    except RuntimeError:
        device = None
    if device is None or device.type not in ("cpu", "cuda"):
        raise DeviceError(f"device {name}: unknown; use auto, cpu, cuda or cuda:N.")
    if device.type == "cuda":
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if (device.index or 0) >= count:
            raise DeviceError(
                f"device {name}: this torch ({torch.__version__}) sees {count} CUDA devices; "
                "use --device cpu, or install a CUDA build of torch and its driver."
            )
    return device


def int8_is_native() -> bool:
    """Whether this CPU has instructions for products of 8 bits.

    Whether torch's operators use them as they should, models/int8_kernel finds out.
    """
    asks = ("_is_amx_tile_supported", "_is_vnni_supported")
    return any(getattr(torch.cpu, ask, bool)() for ask in asks)


def _bfloat16_is_native(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    # torch has no public function for this; where it does not tell, float32 is safe.
    asks = ("_is_amx_tile_supported", "_is_avx512_bf16_supported")
    return any(getattr(torch.cpu, ask, bool)() for ask in asks)
