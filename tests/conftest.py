"""Small pictures and small networks that the tests share."""

import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ganstyle.images.formats import register_heif
from ganstyle.models.generator import Generator, GeneratorConfig
from ganstyle.models.geometry import receptive_field
from ganstyle.models.presets import PRESETS
from ganstyle.models.pretrained import save_generator
from ganstyle.sources.abstraction import Abstraction
from ganstyle.sources.easel import Easel
from ganstyle.styles import StyleInfo

TINY = GeneratorConfig(widths=(8, 12), encoder_blocks=(1, 1), decoder_blocks=(1, 1))

PAINTING = GeneratorConfig(
    widths=(16, 16),  # of fewer channels, convolutions of small pictures may round otherwise
    encoder_blocks=(1, 1),
    decoder_blocks=(1, 1),
    noise=True,
    heights=True,
    easel=Easel(
        side=32,
        photo=Abstraction(factor=4, radius=1),
        refined=Abstraction(factor=2, radius=1),
        invention=0.5,
        draft_invention=0.9,
    ),
)
"""A tiny generator that paints photos and drafts at a tiny easel."""


# A shell starts what it runs in the background with Ctrl-C ignored, and so would be the processes
# that tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)  # tiny networks lose more than they win by sharing the work


@pytest.fixture
def tiny_preset(monkeypatch: pytest.MonkeyPatch) -> str:
    """Name of a preset small enough to train in a test."""
    monkeypatch.setitem(PRESETS, "tiny", TINY)
    return "tiny"


@pytest.fixture
def lively() -> Generator:
    """A tiny generator in which every weight matters: none is left at its initial zero."""
    return lively_generator(TINY)


def lively_generator(config: GeneratorConfig) -> Generator:
    torch.manual_seed(0)
    generator = Generator(config).requires_grad_(False).eval()
    for parameter in generator.parameters():
        parameter.add_(torch.randn_like(parameter), alpha=0.05)
    return generator


def info_for(generator: Generator, **changes: object) -> StyleInfo:
    facts: dict[str, object] = {
        "style": "test",
        "config": asdict(generator.config),
        "receptive_field": receptive_field(generator),
    }
    return StyleInfo(**(facts | changes))  # type: ignore[arg-type]


@pytest.fixture
def checkpoint(tmp_path: Path, lively: Generator) -> Path:
    path = tmp_path / "test.safetensors"
    save_generator(path, lively, info_for(lively))
    return path


def picture(width: int, height: int, seed: int = 0) -> Image.Image:
    """Soft random blobs: a picture that JPEG hardly changes."""
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)


@pytest.fixture
def make_folder(tmp_path: Path) -> Callable[..., Path]:
    """A folder of `count` random pictures."""

    def make(name: str, count: int, size: tuple[int, int] = (96, 80)) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        for seed in range(count):
            picture(*size, seed=seed).save(folder / f"{seed:02d}.png")
        return folder

    return make


def heic(*images: Image.Image, **options: object) -> bytes:
    """A HEIC file of those images; the test is skipped where nothing can write one."""
    if not register_heif():
        pytest.skip("pillow-heif is not installed")
    stream = BytesIO()
    several = {"save_all": True, "append_images": images[1:]} if images[1:] else {}
    images[0].save(stream, "HEIF", quality=-1, chroma=444, **several, **options)
    return stream.getvalue()


HEIC_HEAD = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(40)
"""As much of a HEIC file as shows what it is."""


@pytest.fixture
def no_pillow_heif(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine on which pillow-heif is not installed."""
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    monkeypatch.delitem(Image.OPEN, "HEIF", raising=False)
    monkeypatch.setattr(Image, "ID", [kind for kind in Image.ID if kind != "HEIF"])
    register_heif.cache_clear()
    yield
    register_heif.cache_clear()
