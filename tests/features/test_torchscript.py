import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from ganstyle.errors import DataError
from ganstyle.features.torchscript import SIDE, ScriptedFeatures, clean_resize, file_hash
from tests.conftest import picture

CPU = torch.device("cpu")


class Means(nn.Module):
    """The mean of each channel, as (B, 3, 1, 1)."""

    def forward(self, x: Tensor) -> Tensor:
        return x.mean((2, 3), keepdim=True)


class Nested(nn.Module):
    """Resizes on its own unless only its layers are called, as the Inception of 2015 does."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = Means()

    def forward(self, x: Tensor) -> Tensor:
        means: Tensor = self.layers(x * 0)
        return means


class Two(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x, x


class Whole(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.mean()


class Narrow(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 2, 3)

    def forward(self, x: Tensor) -> Tensor:
        maps: Tensor = self.conv(x)
        return maps


def scripted(tmp_path: Path, module: nn.Module) -> Path:
    path = tmp_path / f"{type(module).__name__}.pt"
    torch.jit.script(module).save(str(path))  # type: ignore[no-untyped-call]
    return path


def test_a_module_sees_values_of_0_to_255_and_gives_a_row_a_picture(tmp_path: Path) -> None:
    features = ScriptedFeatures(scripted(tmp_path, Means()), CPU)
    colors = [(255, 0, 51), (0, 102, 7)]
    found = features([clean_resize(Image.new("RGB", (64, 48), color)) for color in colors])
    assert found.shape == (2, 3)
    assert torch.allclose(found, torch.tensor(colors).float(), atol=1e-3)


def test_of_a_module_with_layers_these_are_called_on_values_of_minus_1_to_1(
    tmp_path: Path,
) -> None:
    features = ScriptedFeatures(scripted(tmp_path, Nested()), CPU)
    found = features([clean_resize(Image.new("RGB", (64, 48), (0, 128, 192)))])
    assert torch.allclose(found, torch.tensor([[-1, 0, 0.5]]), atol=1e-3)


def test_the_resize_is_antialiased_and_not_rounded() -> None:
    board = np.indices((1196, 1196)).sum(0) % 2 * 255  # a checkerboard of pixels: 127.5 on average
    image = Image.fromarray(board.astype(np.uint8)).convert("RGB")
    small = clean_resize(image)
    assert small.shape == (3, SIDE, SIDE)
    assert (small - 127.5).abs().max() < 1
    assert 0 <= clean_resize(picture(40, 30)).min() <= clean_resize(picture(40, 30)).max() <= 255
    photo = picture(500, 400)
    of_bytes = torch.tensor(np.array(photo.resize((SIDE, SIDE), Image.Resampling.BICUBIC)))
    difference = clean_resize(photo) - of_bytes.permute(2, 0, 1)
    assert 0.1 < difference.abs().max() <= 1.5  # Pillow rounds after each of two passes


@pytest.mark.parametrize(
    ("module", "message"),
    [(Two(), "returns tuple"), (Whole(), "returns"), (Narrow(), "must take float32")],
)
def test_a_module_of_another_kind_is_named(tmp_path: Path, module: nn.Module, message: str) -> None:
    features = ScriptedFeatures(scripted(tmp_path, module), CPU)
    with pytest.raises(DataError, match=message):
        features([clean_resize(picture(40, 30))])


def test_a_file_that_is_no_torchscript_is_named(tmp_path: Path) -> None:
    (tmp_path / "weights.pt").write_text("no")
    for name in ("weights.pt", "nowhere.pt"):
        with pytest.raises(DataError, match=f"{name}: cannot be loaded as TorchScript"):
            ScriptedFeatures(tmp_path / name, CPU)


def test_the_hash_is_that_of_the_whole_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc" * 1000)
    assert file_hash(tmp_path / "file") == hashlib.sha256(b"abc" * 1000).hexdigest()[:12]
