"""Speed of `stylize` on one folder, in one run: each precision, and the network by itself.

python benchmarks/stylize.py [FOLDER] [--style NAME|FILE] [--rounds N]
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Annotated

import torch
import typer
from rich.console import Console
from rich.table import Table
from torch.utils.flop_counter import FlopCounterMode

from ganstyle.checkpoint import load_generator
from ganstyle.config import DEFAULT_STYLE
from ganstyle.runtime import PRECISIONS, Runtime, pick_runtime, tune_cpu
from ganstyle.styles import find_style
from ganstyle.stylize import plan_jobs, stylize_files

EXAMPLES = Path(__file__).parent.parent / "examples"


def main(
    folder: Annotated[Path, typer.Argument()] = EXAMPLES,
    style: str = DEFAULT_STYLE,
    rounds: int = 3,
) -> None:
    """Print a table of images/s through the whole pipeline and of the network's time and rate."""
    checkpoint = find_style(style)
    tune_cpu()
    native = pick_runtime()
    table = Table("precision", "folder, images/s", "network, ms at 512x512", "TFLOP/s")
    for name in PRECISIONS:
        runtime = pick_runtime(native.device.type, name)
        milliseconds, operations = _network(checkpoint, runtime, rounds)
        rate = operations / milliseconds / 1e9
        images = median(_folder(checkpoint, folder, runtime) for _ in range(rounds))
        native_mark = " (auto)" if runtime == native else ""
        table.add_row(f"{name}{native_mark}", f"{images:.1f}", f"{milliseconds:.0f}", f"{rate:.2f}")
    Console().print(f"{folder}, {native.device}, torch {torch.__version__}", table)


def _folder(checkpoint: Path, folder: Path, runtime: Runtime) -> float:
    """Images a second from files to files, start-up not counted."""
    generator = load_generator(checkpoint)
    with tempfile.TemporaryDirectory() as out:
        jobs = plan_jobs(folder, Path(out))
        started = time.perf_counter()
        done = sum(not outcome.error for outcome in stylize_files(jobs, generator, runtime))
        return done / (time.perf_counter() - started)


def _network(checkpoint: Path, runtime: Runtime, rounds: int) -> tuple[float, int]:
    """Milliseconds of one 512x512 picture, and its floating-point operations."""
    generator = load_generator(checkpoint).to(runtime.device, runtime.dtype)
    photo = torch.rand(1, 3, 512, 512, device=runtime.device)
    with torch.inference_mode():
        with FlopCounterMode(display=False) as counter:
            generator(photo)
        times = [_milliseconds(lambda: generator(photo), runtime) for _ in range(5 * rounds)]
    return median(times), counter.get_total_flops()


def _milliseconds(call: Callable[[], object], runtime: Runtime) -> float:
    started = time.perf_counter()
    call()
    if runtime.device.type == "cuda":
        torch.cuda.synchronize()
    return (time.perf_counter() - started) * 1e3


if __name__ == "__main__":
    typer.run(main)
