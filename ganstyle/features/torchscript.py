"""Feature extractors in TorchScript files, applied as clean-fid does."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ganstyle.errors import DataError

SIDE = 299
"""Side in pixels of the whole picture that the extractor gets, as for Inception."""


class ScriptedFeatures:
    """A TorchScript module from (B, 3, SIDE, SIDE), values of 0 to 255, to features (B, ...).

    If the module has a submodule `layers`, as inception-2015-12-05.pt does, that is called on
    (x - 128) / 128: the rest of the module is its own resize, which clean-fid skips too (Parmar et
    al. 2022). Raises DataError for a file that is not TorchScript.
    """

    def __init__(self, path: Path, device: torch.device) -> None:
        self.path = path
        self.device = device
        try:
            self.module = torch.jit.load(str(path), map_location=device).eval()  # type: ignore[no-untyped-call]
        except (OSError, RuntimeError, ValueError) as error:
            reason = str(error).strip().splitlines()[0]
            raise DataError(
                f"{path}: cannot be loaded as TorchScript ({reason}); --features takes a file "
                "such as inception-2015-12-05.pt."
            ) from error

    @torch.inference_mode()
    def __call__(self, pictures: Sequence[Tensor]) -> Tensor:
        """Features of pictures that clean_resize() made: float32 (B, D) on the CPU.

        Raises DataError when the module fails or does not return a row for each picture.
        """
        batch = torch.stack(list(pictures)).to(self.device)
        try:
            layers = getattr(self.module, "layers", None)
            found = self.module(batch) if layers is None else layers((batch - 128) / 128)
        except (RuntimeError, NotImplementedError) as error:
            reason = str(error).strip().splitlines()[-1]
            raise DataError(
                f"{self.path}: failed on a picture of {SIDE}x{SIDE} px ({reason}); it must take "
                "float32 (B, 3, 299, 299) with values of 0 to 255."
            ) from error
        if not isinstance(found, Tensor) or found.ndim < 2 or len(found) != len(batch):
            shape = tuple(found.shape) if isinstance(found, Tensor) else type(found).__name__
            raise DataError(
                f"{self.path}: returns {shape} for {len(batch)} pictures; it must return a "
                "tensor with a row for each."
            )
        return found.flatten(1).float().cpu()


def clean_resize(image: Image.Image) -> Tensor:
    """An RGB picture resized as in clean-fid: float32 (3, SIDE, SIDE), 0 to 255.

    Pillow's antialiased bicubic filter is applied to channels in float32; nothing is rounded.
    """
    channels = [
        np.asarray(
            Image.fromarray(channel.astype(np.float32)).resize(
                (SIDE, SIDE), Image.Resampling.BICUBIC
            )
        )
        for channel in np.moveaxis(np.asarray(image.convert("RGB")), 2, 0)
    ]
    return torch.from_numpy(np.stack(channels).clip(0, 255))


def file_hash(path: Path) -> str:
    """The first 12 digits of the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]
