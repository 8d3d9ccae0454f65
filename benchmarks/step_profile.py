"""What a training step spends its time on, by torch.profiler, on a CPU.

Every operation gets a category by its name; its time is its own, without the operations that it
calls. Network kernels, forward and backward, are
- convolution: whatever is called conv, those of the frozen feature extractor and of the filter
  that abstracts images included;
- matrix product: mm, addmm, bmm, mv and the like;
- norm: layer, group, batch and instance norm;
- activation: ReLU, leaky ReLU, ReLU6, SiLU, tanh;
- interpolation: upsampling, pooling, pixel shuffles;
- padding: with zeros or with the edge.
The rest is
- optimizer: all that happens inside an optimizer's step, Muon's matrix products included;
- random numbers;
- copies: between layouts and precisions, casts of autocast included, concatenation, filling;
- elementwise: additions, products, sums and all other operations, those inside the networks
  (residuals, random maps) included, the making of drafts, and the losses;
- Python: whatever passes between the operations, and the bookkeeping of the backward pass.
The data are there before the step begins.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from torch.autograd.profiler_util import FunctionEvent
from torch.profiler import ProfilerActivity, profile, record_function

PADDING, OPTIMIZER, ELEMENTWISE, PYTHON = "padding", "optimizer", "elementwise", "Python"

NETWORK = {
    "convolution": ("conv",),
    "matrix product": ("::mm", "addmm", "bmm", "::mv", "addmv", "::linear", "matmul", "::dot"),
    "norm": ("layer_norm", "group_norm", "batch_norm", "instance_norm"),
    "activation": ("relu", "silu", "tanh", "threshold_backward", "clamp_min"),
    "interpolation": ("upsample", "pool", "pixel_shuffle", "pixel_unshuffle"),
    PADDING: ("pad",),
}
"""What the names of the networks' kernels contain, by category."""

REST = {
    "random numbers": ("rand", "normal_", "uniform_"),
    "copies": ("copy", "clone", "contiguous", "::cat", "::to", "fill_", "zero"),
}

_STEP = "training step"
_KERNELS = "aten::"


@dataclass(frozen=True)
class Cost:
    """An operation in a category, the mean over steps."""

    name: str
    category: str
    calls: float
    """How often a step calls it."""
    seconds: float
    """Its own time in a step."""

    @property
    def in_network(self) -> bool:
        """Whether it counts as a network kernel."""
        return self.category in NETWORK


def profile_step(step: Callable[[], object], steps: int) -> list[Cost]:
    """Costs of a step that has been warmed up, the largest first; their sum is the step's time."""
    with profile(activities=[ProfilerActivity.CPU]) as profiler:
        for _ in range(steps):
            with record_function(_STEP):
                step()
    seconds: dict[tuple[str, str], float] = defaultdict(float)
    calls: dict[tuple[str, str], int] = defaultdict(int)
    for event in profiler.events():
        names = list(_chain(event))
        if names[-1] != _STEP:  # the profiler's own
            continue
        key = names[0], categorize(names)
        seconds[key] += event.self_cpu_time_total / 1e6
        calls[key] += 1
    costs = [Cost(*key, calls[key] / steps, seconds[key] / steps) for key in seconds]
    return sorted(costs, key=lambda cost: -cost.seconds)


def categorize(names: list[str]) -> str:
    """Category of the operation names[0] that names[1], names[2] and so on are around."""
    if any(name.startswith("Optimizer.") for name in names):
        return OPTIMIZER
    if any(_find(name, NETWORK) == PADDING for name in names):
        return PADDING  # by zeros: a filling and a copy
    if not names[0].startswith(_KERNELS):  # the step itself, nodes of the backward pass
        return PYTHON
    own = _find(names[0], NETWORK | REST)
    # Casts stand inside the operation that they are for, and stay copies. What has no name of its
    # own, as the clamp of a ReLU6, belongs to the nearest operation around it that has one.
    around = (_find(name, NETWORK) for name in names[1:])
    return own or next(filter(None, around), ELEMENTWISE)


def by_category(costs: list[Cost]) -> dict[str, float]:
    """Seconds a step of each category, network kernels first, the largest first in each part."""
    sums: dict[str, float] = defaultdict(float)
    for cost in costs:
        sums[cost.category] += cost.seconds
    ordered = sorted(sums, key=lambda category: (category not in NETWORK, -sums[category]))
    return {category: sums[category] for category in ordered}


def _chain(event: FunctionEvent) -> Iterator[str]:
    """Names of an event and of those around it, from the inside out."""
    current: FunctionEvent | None = event
    while current is not None:
        yield current.name
        current = current.cpu_parent


def _find(name: str, categories: dict[str, tuple[str, ...]]) -> str:
    """The first category of which the name contains a word, or nothing."""
    matching = (c for c, words in categories.items() if any(word in name for word in words))
    return next(matching, "")
