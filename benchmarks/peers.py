"""Timing copies of published generators, run as a program of their own.

python benchmarks/peers.py cyclegan|fast-neural-style|animegan2 IN OUT

Rebuilt from what their papers say, with random weights: they need the time and the memory of the
originals, and their pictures are noise. They run as their users run them, one picture at a time in
float32, but under ganstyle's reader and writer, which overlap with the network.
"""

import sys
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganstyle.files import find_images
from ganstyle.images.tensors import read_image, to_batch, to_images, write_image
from ganstyle.runtime import pick_runtime, tune_cpu

AHEAD = 8
"""Pictures read ahead of the network, and results waiting to be written behind it."""


def _reflecting(inputs: int, outputs: int, size: int = 3, stride: int = 1) -> nn.Conv2d:
    """A convolution whose borders are mirrored, as all three papers have it."""
    return nn.Conv2d(
        inputs, outputs, size, stride=stride, padding=size // 2, padding_mode="reflect"
    )


class _Skip(nn.Module):
    """x + layers(x): (B, C, H, W) to same."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        change: Tensor = self.layers(x)
        return x + change


class _BlurredHalf(nn.Module):
    """Blur by 1, 2, 1 along both axes, then keep every second pixel (Zhang 2019).

    (B, C, H, W) to (B, C, H/2, W/2), rounded up.
    """

    kernel: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        line = torch.tensor([0.25, 0.5, 0.25])
        self.register_buffer("kernel", torch.outer(line, line).repeat(channels, 1, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        padded = F.pad(x, (1, 1, 1, 1), mode="reflect")
        return F.conv2d(padded, self.kernel, stride=2, groups=x.shape[1])


class CycleGan(nn.Module):
    """CycleGAN's generator of nine residual blocks (Zhu et al. 2017, appendix 7.2; Johnson et al.).

    (B, 3, H, W) in [0, 1] to the same range; H and W are rounded up to multiples of 4.
    antialiased: blur between convolution and stride, as CUT does on the way down.
    """

    def __init__(self, *, antialiased: bool = False) -> None:
        super().__init__()
        layers: list[nn.Module] = [_reflecting(3, 64, 7), *_instance_relu(64)]
        for width in (128, 256):
            stride = 1 if antialiased else 2
            down = nn.Conv2d(width // 2, width, 3, stride=stride, padding=1)
            layers += [down, *_instance_relu(width)]
            if antialiased:
                layers.append(_BlurredHalf(width))
        for _ in range(9):
            first, second = _reflecting(256, 256), _reflecting(256, 256)
            layers += [_Skip(first, *_instance_relu(256), second, nn.InstanceNorm2d(256))]
        for width in (128, 64):
            up = nn.ConvTranspose2d(width * 2, width, 3, stride=2, padding=1, output_padding=1)
            layers += [up, *_instance_relu(width)]
        self.layers = nn.Sequential(*layers, _reflecting(64, 3, 7), nn.Tanh())

    def forward(self, image: Tensor) -> Tensor:
        drawn: Tensor = self.layers(image * 2 - 1)  # [-1, 1]
        return (drawn + 1) / 2


class FastNeuralStyle(nn.Module):
    """The transformation network of Johnson et al. 2016, with instance norm and resize-convolution.

    (B, 3, H, W) in [0, 1] to the same, not clamped; H and W are rounded up to multiples of 4.
    """

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = [_reflecting(3, 32, 9), *_instance_relu(32, affine=True)]
        for width in (64, 128):
            down = _reflecting(width // 2, width, stride=2)
            layers += [down, *_instance_relu(width, affine=True)]
        for _ in range(5):
            first, second = _reflecting(128, 128), _reflecting(128, 128)
            norm = nn.InstanceNorm2d(128, affine=True)
            layers += [_Skip(first, *_instance_relu(128, affine=True), second, norm)]
        for width in (64, 32):
            up = nn.Upsample(scale_factor=2)
            layers += [up, _reflecting(width * 2, width), *_instance_relu(width, affine=True)]
        self.layers = nn.Sequential(*layers, _reflecting(32, 3, 9))

    def forward(self, image: Tensor) -> Tensor:
        drawn: Tensor = self.layers(image * 255)
        return drawn / 255


def _instance_relu(channels: int, *, affine: bool = False) -> tuple[nn.Module, nn.Module]:
    return nn.InstanceNorm2d(channels, affine=affine), nn.ReLU(inplace=True)


class AnimeGan2(nn.Module):
    """AnimeGANv2's generator (Chen et al. 2019, in the smaller form of its second version).

    (B, 3, H, W) in [0, 1] to the same shape and range. Inverted residual blocks at a quarter of
    the resolution; the norm takes its statistics over all channels and the whole plane.
    """

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            *_normed(3, 32, 7), *_normed(32, 64, stride=2), *_normed(64, 64)
        )
        self.body = nn.Sequential(
            *_normed(64, 128, stride=2),
            *_normed(128, 128),
            *_normed(128, 128),
            *_inverted(128, 256),
            *(_Skip(*_inverted(256, 256)) for _ in range(3)),
            *_normed(256, 128),
        )
        self.decoder = nn.Sequential(*_normed(128, 128), *_normed(128, 128))
        self.exit = nn.Sequential(
            *_normed(128, 64),
            *_normed(64, 64),
            *_normed(64, 32, 7),
            nn.Conv2d(32, 3, 1, bias=False),
            nn.Tanh(),
        )

    def forward(self, image: Tensor) -> Tensor:
        half = self.encoder(image * 2 - 1)  # (B, 64, H/2, W/2)
        x = self.body(half)  # (B, 128, H/4, W/4)
        x = self.decoder(_resize(x, half))  # (B, 128, H/2, W/2)
        drawn: Tensor = self.exit(_resize(x, image))  # (B, 3, H, W) in [-1, 1]
        return (drawn + 1) / 2


def _normed(
    inputs: int, outputs: int, size: int = 3, stride: int = 1, groups: int = 1
) -> list[nn.Module]:
    """Convolution, layer norm over the plane, leaky ReLU; only depthwise ones have a bias."""
    convolution = nn.Conv2d(
        inputs,
        outputs,
        size,
        stride=stride,
        padding=size // 2,
        padding_mode="reflect",
        groups=groups,
        bias=groups > 1,
    )
    return [convolution, nn.GroupNorm(1, outputs), nn.LeakyReLU(0.2, inplace=True)]


def _inverted(inputs: int, outputs: int) -> list[nn.Module]:
    """Twice as wide inside, where the convolution is depthwise (Sandler et al. 2018)."""
    wide = 2 * inputs
    narrow = nn.Conv2d(wide, outputs, 1, bias=False)
    inside = _normed(wide, wide, groups=wide)
    return [*_normed(inputs, wide, 1), *inside, narrow, nn.GroupNorm(1, outputs)]


def _resize(x: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(x, size=like.shape[-2:], mode="bilinear", align_corners=True)


class SameSize(nn.Module):
    """A network whose result is cut to the size of its input: (B, 3, H, W) to the same."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        drawn: Tensor = self.network(image)
        return drawn[..., : image.shape[-2], : image.shape[-1]]


PEERS: dict[str, Callable[[], nn.Module]] = {
    "cyclegan": CycleGan,
    "fast-neural-style": FastNeuralStyle,
    "animegan2": AnimeGan2,
}
"""The networks by the name that the command line takes."""


def make_peer(name: str) -> nn.Module:
    """The network of that name in PEERS, with random weights, ready for inference."""
    torch.manual_seed(0)
    return SameSize(PEERS[name]()).requires_grad_(False).eval()


@torch.inference_mode()
def redraw_folder(
    network: nn.Module,
    source: Path,
    target: Path,
    device: torch.device | str = "cpu",
) -> None:
    """Redraw all pictures of source into target while others are read and written."""
    network = network.to(device)
    remaining = iter(find_images(source))
    writing: deque[Future[None]] = deque()
    with ThreadPoolExecutor(2) as readers, ThreadPoolExecutor(2) as writers:
        reading = deque((p, readers.submit(read_image, p)) for p in islice(remaining, AHEAD))
        while reading:
            path, read = reading.popleft()
            reading.extend((p, readers.submit(read_image, p)) for p in islice(remaining, 1))
            # Contiguous, for none of the originals asks for another layout.
            photo = to_batch([read.result()], device).contiguous()  # (1, 3, H, W)
            [drawn] = to_images(network(photo))
            writing.append(writers.submit(write_image, drawn, target / path.name))
            if len(writing) > AHEAD:
                writing.popleft().result()
        for written in writing:
            written.result()


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in PEERS:
        raise SystemExit(f"usage: python benchmarks/peers.py {'|'.join(PEERS)} IN OUT")
    tune_cpu()
    fastest = pick_runtime(precision="float32").device
    redraw_folder(make_peer(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), fastest)
