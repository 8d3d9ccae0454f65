"""Reading pictures of any kind as upright 8-bit RGB, and writing them whole or not at all."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from ganstyle.data.alpha import split_alpha
from ganstyle.errors import ImageError
from ganstyle.files import atomic_path

_SAVE_OPTIONS: dict[str, dict[str, object]] = {
    "JPEG": {"quality": 95, "subsampling": 0},
    "WEBP": {"quality": 95},
    "TIFF": {"compression": "tiff_lzw"},
    "PNG": {"compress_level": 4},
}


def read_image(path: Path, *, short_side: int | None = None) -> Image.Image:
    """The picture at path as upright RGB of 8 bits.

    The EXIF orientation is applied; 16-bit gray is scaled, CMYK and palettes are converted,
    transparent parts continue the colours around them. With short_side, a larger picture is
    reduced to that shorter side in pixels. Raises ImageError, naming the file and the reason.
    """
    if path.is_file() and path.stat().st_size == 0:
        raise ImageError(f"{path}: the file is empty (0 bytes).")
    try:
        with warnings.catch_warnings():
            # Pillow warns of pictures between one and two times its size limit, then reads them.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                if short_side and image.format == "JPEG":
                    image.draft(None, _reduced(image.size, short_side))
                upright = _to_rgb(ImageOps.exif_transpose(image))
    except Exception as error:  # decoders raise anything from OSError to struct.error
        raise ImageError(f"{path}: cannot be read as a picture ({_reason(error)}).") from error
    return reduce_image(upright, short_side) if short_side else upright


def reduce_image(image: Image.Image, short_side: int) -> Image.Image:
    """The picture with its shorter side reduced to short_side pixels, if it is larger."""
    if min(image.size) <= short_side:
        return image
    return image.resize(_reduced(image.size, short_side), Image.Resampling.LANCZOS)


def write_image(image: Image.Image, path: Path) -> None:
    """Write image to path in the format of its ending, replacing path only when it is whole.

    JPEG and WebP get quality 95, JPEG without chroma subsampling. Raises ImageError.
    """
    try:
        kind = Image.registered_extensions()[path.suffix.lower()]
        with atomic_path(path) as temporary:
            image.save(temporary, kind, **_SAVE_OPTIONS.get(kind, {}))
    except KeyError as error:
        raise ImageError(f"{path}: {path.suffix or 'no ending'} is no picture format.") from error
    except (OSError, ValueError) as error:
        raise ImageError(f"{path}: cannot be written ({_reason(error)}).") from error


def to_tensor(image: Image.Image) -> Tensor:
    """Pixels of an RGB picture: uint8 (H, W, 3)."""
    return torch.from_numpy(np.array(image, dtype=np.uint8))


def to_batch(images: Sequence[Image.Image], device: torch.device | str = "cpu") -> Tensor:
    """RGB pictures of equal size as float32 (B, 3, H, W) in [0, 1] on device."""
    pixels = torch.stack([to_tensor(image) for image in images])  # uint8: a quarter of the copying
    return pixels.to(device).permute(0, 3, 1, 2).float().div_(255)


def to_images(batch: Tensor) -> list[Image.Image]:
    """RGB pictures of (B, 3, H, W) in [0, 1], rounded to 8 bits; values outside are clamped."""
    rounded = batch.mul(255).round_().clamp_(0, 255).to(torch.uint8)
    return [Image.fromarray(p) for p in rounded.permute(0, 2, 3, 1).contiguous().cpu().numpy()]


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # convert("RGB") would cut everything above 255 off instead of scaling 16 bits to 8.
        image = image.convert("I").point(lambda value: value * (1 / 257) + 0.5).convert("L")
    return split_alpha(image)[0]


def _reduced(size: tuple[int, int], short_side: int) -> tuple[int, int]:
    ratio = min(1.0, short_side / min(size))
    return max(1, round(size[0] * ratio)), max(1, round(size[1] * ratio))


def _reason(error: Exception) -> str:
    # Pillow's "cannot identify image file '/long/path'" says the path twice.
    text = str(error).split("file '")[0].strip() or type(error).__name__
    return "not a picture, or of an unknown format" if text.startswith("cannot identify") else text
