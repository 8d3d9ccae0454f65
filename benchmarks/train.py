"""Speed of a training step beside those of published methods, and what ours is spent on.

python benchmarks/train.py [--crop PX] [--rounds N] [--seconds N] [--ranks 1,2]
                           [--images N] [--write docs/benchmarks.md]

1. Steps of `ganstyle train`, all options at their defaults, in the precision it picks by itself
   and in float32, and of the timing copies in peer_steps.py, which take one crop a step in
   float32 and contiguous tensors, as their papers and users have it. All in this process, with
   the same threads and the same setting of the C library's memory, in turns, fed with random
   tensors that lie ready. An image is a crop of one kind: CycleGAN redraws a style picture for
   each photo; ganstyle paints each draft twice and refines another crop. That is not counted.
2. On a CPU, what our step spends its time on; step_profile.py says what counts as what.
3. With --ranks, whole `ganstyle train` runs on made pictures by so many processes that share the
   cores: the images/s that they report, the median over the reports but the first. They hold no
   pictures out, so that no scoring falls into the few minutes.
"""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Annotated

import torch
import typer
from peer_steps import CutStep, CycleGanStep
from report import Sheet, Write, publish, split_at_markers
from step_profile import by_category, profile_step
from torch import Tensor
from train_ranks import compare_ranks, parse_ranks

from ganstyle.data.crops import Batch, Crops
from ganstyle.distributed import Ranks
from ganstyle.errors import GanstyleError
from ganstyle.runtime import Runtime, pick_runtime, tune_cpu
from ganstyle.train.balance import BalanceController
from ganstyle.train.config import TrainConfig
from ganstyle.train.gan import Gan
from ganstyle.train.step_rng import StepRng

MARKERS = "train-bench"
"""Name of the markers between which --write puts the tables."""

AUTO, FLOAT32 = "`ganstyle train`", "`ganstyle train --precision float32`"
CUT, CYCLEGAN = "CUT", "CycleGAN, ResNet-9"

TOP_OPERATIONS = 12
"""Rows of the table of operations."""

PROFILED_STEPS = 3
"""Steps over which the profile is averaged, since the size of the view changes."""

WARM_UP = 2
"""Turns of every method that are not counted. Ours looks at a picture in many sizes, and for each
the first time is slow."""


@dataclass(frozen=True)
class Method:
    """A training step with its data."""

    name: str
    precision: str
    batch: int
    """Crops of each kind, and so images, a step."""
    step: Callable[[], object]
    device: torch.device

    def turn(self, seconds: float) -> float:
        """Images a second over whole steps, at least one, that take so long together."""
        started, steps, passed = time.perf_counter(), 0, 0.0
        while steps == 0 or passed < seconds:
            self.step()
            if self.device.type == "cuda":
                torch.cuda.synchronize()
            steps, passed = steps + 1, time.perf_counter() - started
        return self.batch * steps / passed


def main(
    crop: Annotated[int, typer.Option(help="Side of the crops, px.")] = TrainConfig.crop,
    rounds: Annotated[int, typer.Option(min=1, help="Turns of each method.")] = 5,
    seconds: Annotated[float, typer.Option(min=0, help="Length of a turn.")] = 5,
    ranks: Annotated[str, typer.Option(help="Numbers of processes to train by, as 1,2.")] = "",
    images: Annotated[int, typer.Option(min=1, help="Images of each run of --ranks.")] = 480,
    write: Write = None,
) -> None:
    """Time training steps; print the figures and, with --write, put them there."""
    try:
        if write:
            split_at_markers(write, MARKERS)  # better now than after five minutes
        counts = parse_ranks(ranks)
        config = TrainConfig(images=1, crop=crop)
        tune_cpu()
        runtime = pick_runtime()
        methods = [our_method(config, runtime), *peer_methods(crop, runtime.device)]
        if runtime.precision != "float32":
            exact = pick_runtime(str(runtime.device), "float32")
            methods.insert(1, our_method(config, exact, FLOAT32))
        rates = take_turns(methods, rounds, seconds, _say)
        parts = [compare(methods, rates, crop)]
        if runtime.device.type == "cpu":
            _say("the profile of our step")
            parts += describe_profile(methods[0], PROFILED_STEPS)
        if counts:
            parts.append(compare_ranks(counts, images, _say))
        publish(parts, "train.py", MARKERS, write)
    except GanstyleError as error:
        raise SystemExit(f"benchmarks/train.py: {error}") from error


def our_method(config: TrainConfig, runtime: Runtime, name: str = AUTO) -> Method:
    """Gan.step on random crops, which lie in memory as CropSet.sample leaves them."""
    gan = Gan(config, runtime)
    images = [_images(config.batch, config.crop, runtime.device) for _ in range(2)]
    edges = torch.tensor((-1.0, 1.0), device=runtime.device).expand(config.batch, 2)
    small, large = (
        Crops(image.contiguous(memory_format=torch.channels_last), edges) for image in images
    )
    gan.set_rates(0.0, BalanceController())

    def step() -> object:
        rng = StepRng.of_step(config.seed, gan.steps, runtime.device, Ranks())
        return gan.step(Batch(small, large), rng)

    return Method(name, runtime.precision, config.batch, step, runtime.device)


def peer_methods(crop: int, device: torch.device) -> list[Method]:
    """The timing copies of the published methods."""
    torch.manual_seed(0)
    photo, style = _images(1, crop, device), _images(1, crop, device)
    cut, cycle = CutStep(device), CycleGanStep(device)
    return [
        Method(CUT, "float32", 1, partial(cut.step, photo, style), device),
        Method(CYCLEGAN, "float32", 1, partial(cycle.step, photo, style), device),
    ]


def take_turns(
    methods: Sequence[Method], rounds: int, seconds: float, say: Callable[[str], None]
) -> dict[str, list[float]]:
    """Images a second by method and round, after a warm-up; every second round goes backwards.

    seconds: length of a turn.
    """
    rates: dict[str, list[float]] = {method.name: [] for method in methods}
    for method in methods:
        for _ in range(WARM_UP):
            method.turn(seconds)
    for number in range(rounds):
        for method in methods if number % 2 == 0 else reversed(methods):
            rate = method.turn(seconds)
            rates[method.name].append(rate)
            say(f"round {number + 1}/{rounds}: {method.name}: {rate:.2f} images/s")
    return rates


def compare(methods: Sequence[Method], rates: Mapping[str, Sequence[float]], crop: int) -> Sheet:
    """The table of methods; ratios are taken within a round, then the median."""
    ours = [name for name in (AUTO, FLOAT32) if name in rates]
    rows = []
    for method in methods:
        own = rates[method.name]
        figures = (f"{method.batch / median(own):.2f}", f"{median(own):.2f}")
        ratios = (
            median(our / their for our, their in zip(rates[name], own, strict=True))
            for name in ours
        )
        row = (method.name, method.precision, f"{method.batch}", *figures)
        rows.append((*row, *(f"{ratio:.2f}" for ratio in ratios)))
    faster = ("ganstyle is faster, times", "ganstyle in float32 is, times")[: len(ours)]
    columns = ("training step", "precision", "batch", "seconds a step", "images/s", *faster)
    threads = _count(torch.get_num_threads(), "thread")
    rounds = _count(len(rates[AUTO]), "round")
    caption = (
        f"One training step on crops of {crop}x{crop} px, {threads}, median of {rounds}, in turns. "
        "The last two are timing copies of published methods:"
    )
    return Sheet(caption, columns, rows)


def describe_profile(method: Method, steps: int) -> list[Sheet]:
    """Where a step's time goes: by category, and the operations that take most."""
    costs = profile_step(method.step, steps)
    total = sum(cost.seconds for cost in costs)
    network = sum(cost.seconds for cost in costs if cost.in_network)
    kinds = {cost.category: "network" if cost.in_network else "rest" for cost in costs}
    shares = [
        (category, kinds[category], f"{seconds * 1e3:.0f}", f"{seconds / total:.1%}")
        for category, seconds in by_category(costs).items()
    ]
    operations = [
        (
            *(f"`{cost.name}`", cost.category, f"{cost.calls:.0f}"),
            *(f"{cost.seconds * 1e3:.0f}", f"{cost.seconds / total:.1%}"),
        )
        for cost in costs[:TOP_OPERATIONS]
    ]
    caption = (
        f"What {method.name} spends a step on, own time of the operations in the profiler: "
        f"{network / total:.0%} in network kernels, {1 - network / total:.0%} in the rest:"
    )
    top = f"The {len(operations)} operations that take most of it:"
    return [
        Sheet(caption, ("category", "part", "ms a step", "share"), shares),
        Sheet(top, ("operation", "category", "calls", "ms a step", "share"), operations),
    ]


def _images(batch: int, side: int, device: torch.device) -> Tensor:
    return torch.rand(batch, 3, side, side, device=device)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _say(message: str) -> None:
    print(message.replace("`", ""), file=sys.stderr, flush=True)


if __name__ == "__main__":
    typer.run(main)
