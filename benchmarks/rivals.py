"""Train CUT or CycleGAN for some minutes on two folders, and redraw a folder of photos.

python benchmarks/rivals.py cut|cyclegan CONTENT STYLE PHOTOS OUT --minutes M [--crop PX]

The steps are those that benchmarks/train.py times (peer_steps.py), in float32, a crop a step as in
the papers, on the crops that `ganstyle train` would draw. OUT gets a PNG a photo, for
`ganstyle evaluate PHOTOS STYLE --results OUT`.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import torch
import typer
from peer_steps import CutStep, CycleGanStep
from peers import SameSize, redraw_folder

from ganstyle.config import EvaluateConfig
from ganstyle.runtime import pick_runtime, tune_cpu
from ganstyle.train.config import TrainConfig
from ganstyle.train.dataset import load_folders

Player = CutStep | CycleGanStep

METHODS: dict[str, type[CutStep] | type[CycleGanStep]] = {"cut": CutStep, "cyclegan": CycleGanStep}


def main(
    method: str,
    content: Path,
    style: Path,
    photos: Path,
    out: Path,
    minutes: Annotated[float, typer.Option()],
    crop: int = 256,
) -> None:
    """Train, then redraw."""
    tune_cpu()
    device = pick_runtime("auto", "float32").device
    torch.manual_seed(0)
    player = METHODS[method](device)
    for parameter in _weights(player):
        if parameter.ndim > 1:  # both papers draw first weights so
            torch.nn.init.normal_(parameter, std=0.02)
    config = TrainConfig(images=1, crop=crop)
    folders = load_folders(content, style, config)
    rng = torch.Generator().manual_seed(0)
    started, steps = time.monotonic(), 0
    while time.monotonic() - started < 60 * minutes:
        photo, real = folders.crops.sample(1, rng)
        assert photo is not None
        player.step(photo.to(device), real.to(device))
        steps += 1
    typer.echo(f"{method}: {steps} steps in {minutes:g} minutes", err=True)
    generator = player.generator if isinstance(player, CutStep) else player.draw
    # At the size at which they are scored, and without a loss on the way there.
    size = EvaluateConfig.size
    redraw_folder(SameSize(generator).eval(), photos, out, device, short_side=size, suffix=".png")


def _weights(player: Player) -> Iterator[torch.nn.Parameter]:
    for value in vars(player).values():
        if isinstance(value, torch.nn.Module):
            yield from value.parameters()


if __name__ == "__main__":
    typer.run(main)
